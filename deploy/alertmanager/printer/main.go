// Command printer stands in for a chat: it takes Slack's incoming webhooks and prints each message as a person would read it.
//
//	go run ./deploy/alertmanager/printer -listen 127.0.0.1:9094
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "printer:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("printer", flag.ContinueOnError)
	address := flags.String("listen", "127.0.0.1:9094", "address to take messages at")
	if err := flags.Parse(args); err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *address)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Listening on address=%s\n", listener.Addr())
	server := &http.Server{Handler: &printer{out: stdout}, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}

// message is what is read of Slack's format.
type message struct {
	Channel     string `json:"channel"`
	Attachments []struct {
		Title string `json:"title"`
		Text  string `json:"text"`
	} `json:"attachments"`
}

// printer prints what is posted, one message at a time.
type printer struct {
	mu  sync.Mutex
	out io.Writer
}

func (p *printer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var m message
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&m); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range m.Attachments {
		fmt.Fprintf(p.out, "\n%s\n%s\n%s\n", m.Channel, a.Title, a.Text)
	}
	_, _ = io.WriteString(w, "ok") // what Slack answers
}
