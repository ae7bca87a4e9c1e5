// Command dashboard writes the Grafana dashboard to standard output: make generate keeps it in
// deploy/k8s/components/grafana-dashboard/dashboard.json. dashboard.go says what is on it, panel.go what its panels have in common.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "dashboard:", err)
		os.Exit(1)
	}
}

func run(w io.Writer) error {
	board, err := vectorBuckets()
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(board)
}
