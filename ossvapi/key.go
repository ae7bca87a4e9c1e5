package ossvapi

import "context"

// Key is what a request is signed with. It is never logged: format it nowhere.
type Key struct {
	ID, Secret, Token string
}

// Keys gives an account's signing key. It is called before every attempt, by many goroutines at once, so it answers
// from memory as a rule; what may block it does elsewhere and awaits with the context. Its errors carry no secret: their
// text reaches logs and pages.
type Keys interface {
	// Key gives the key in force. An error that is the context's own means timeout, any other one no_credentials.
	Key(ctx context.Context) (Key, error)
	// Renew gives a key other than the one that the service refused as expired or unknown, or an error if the source
	// has no other.
	Renew(ctx context.Context, refused Key) (Key, error)
}
