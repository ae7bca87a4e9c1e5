package ossvapi

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rotating is a source whose key is replaced when it is refused.
type rotating struct {
	renewals atomic.Int32
	refused  Key
}

func (k *rotating) Key(context.Context) (Key, error) {
	key := testKey()
	if k.renewals.Load() > 0 {
		key.ID = "LTAI5tAnotherKeyIdXy9Zw"
	}
	return key, nil
}

func (k *rotating) Renew(ctx context.Context, refused Key) (Key, error) {
	k.refused = refused
	k.renewals.Add(1)
	return k.Key(ctx)
}

// refuses answers requests signed with the old key by a code, and others by a page.
func refuses(code string) trip {
	return func(r *http.Request) (*http.Response, error) {
		if strings.Contains(r.Header.Get("Authorization"), testKey().ID) {
			return answer(403, `{"Error":{"Code":"`+code+`"}}`)(r)
		}
		return answer(200, emptyPage)(r)
	}
}

// A key that is refused as expired or unknown is renewed at once, beyond the attempts that there are.
func TestRefusedKeyIsRenewed(t *testing.T) {
	for _, code := range []string{"SecurityTokenExpired", "InvalidAccessKeyId", "InvalidAccessKeyId.NotFound", "InvalidSecurityToken"} {
		keys := &rotating{}
		c, seen := newClient(refuses(code), func(o *Options) { o.Keys = keys })
		if _, err := list(t.Context(), c, nil); err != nil || keys.renewals.Load() != 1 {
			t.Errorf("%s: %d renewals, %v", code, keys.renewals.Load(), err)
		}
		if diff := cmp.Diff([]Reason{InvalidCredentials}, seen.reasons()); diff != "" || keys.refused != testKey() {
			t.Errorf("%s: failures %s", code, diff)
		}
		if diff := cmp.Diff([]int{403, 200}, seen.statuses()); diff != "" {
			t.Errorf("%s: attempts %s", code, diff)
		}
	}
}

func TestKeyIsNotRenewedForOtherRefusals(t *testing.T) {
	for _, code := range []string{"SignatureDoesNotMatch", "AccessDenied", "", "SecurityTokenNotSupported", "UserDisable"} {
		keys := &rotating{}
		c, _ := newClient(refuses(code), attempts(3), func(o *Options) { o.Keys = keys })
		if err := failure(t, c); err.Attempts != 1 || keys.renewals.Load() != 0 {
			t.Errorf("%s: %d renewals, %+v", code, keys.renewals.Load(), err)
		}
	}
}

func TestKeyIsRenewedOnlyOnce(t *testing.T) {
	keys := &rotating{}
	s := &script{steps: []trip{answer(403, expired)}}
	c, seen := newClient(s, attempts(5), func(o *Options) { o.Keys = keys })
	if err := failure(t, c); err.Reason != InvalidCredentials || err.Attempts != 2 || len(s.at) != 2 || keys.renewals.Load() != 1 {
		t.Errorf("%d requests, %d renewals, %+v", len(s.at), keys.renewals.Load(), err)
	}
	if diff := cmp.Diff([]Reason{InvalidCredentials, InvalidCredentials}, seen.reasons()); diff != "" {
		t.Error(diff)
	}
}

func TestRefusedKeyWithoutAnother(t *testing.T) {
	s := &script{steps: []trip{answer(403, expired)}}
	c, seen := newClient(s, attempts(5), noRenewal)
	if err := failure(t, c); err.Reason != InvalidCredentials || err.Code != "SecurityTokenExpired" || len(s.at) != 1 {
		t.Errorf("%d requests, %+v", len(s.at), err)
	}
	if diff := cmp.Diff([]Reason{InvalidCredentials}, seen.reasons()); diff != "" {
		t.Error(diff)
	}
}

// Without a key nothing is asked.
func TestNoCredentials(t *testing.T) {
	none := errors.New("cannot read\nthe key file " + strings.Repeat("x", 400))
	fakeOf := func(k Key, err error) fakeKeys {
		return fakeKeys{key: func(context.Context) (Key, error) { return k, err }}
	}
	tests := map[string]struct {
		keys    Keys
		cause   error
		message string
	}{
		"an error":                 {fakeOf(Key{}, none), none, "cannot read the key file xxx"},
		"a key beside an error":    {fakeOf(testKey(), none), none, "cannot read the key file xxx"},
		"an empty key":             {fakeOf(Key{}, nil), nil, "empty key"},
		"no id":                    {fakeOf(Key{Secret: "s", Token: "t"}, nil), nil, "empty key"},
		"no secret":                {fakeOf(Key{ID: "i", Token: "t"}, nil), nil, "empty key"},
		"a timeout that is not us": {fakeOf(Key{}, context.DeadlineExceeded), context.DeadlineExceeded, "deadline exceeded"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := &script{steps: []trip{answer(200, emptyPage)}}
			c, seen := newClient(s, attempts(3), func(o *Options) { o.Keys = tt.keys })
			err := failure(t, c)
			if err.Reason != NoCredentials || err.Attempts != 0 || err.Status != 0 || !strings.Contains(err.Message, tt.message) {
				t.Errorf("got %+v", err)
			}
			if !errors.Is(err, tt.cause) && tt.cause != nil || len([]rune(err.Message)) > 300 {
				t.Errorf("got %+v", err)
			}
			if diff := cmp.Diff([]Reason{NoCredentials}, seen.reasons()); diff != "" || len(s.at)+len(seen.statuses()) != 0 {
				t.Errorf("%d requests, failures: %s", len(s.at), diff)
			}
		})
	}
}

// A source that fails between two attempts ends the call: the failed attempt stays counted.
func TestKeysFailLater(t *testing.T) {
	n := 0
	c, seen := newClient(answer(503, ""), attempts(3), func(o *Options) {
		o.Keys = fakeKeys{key: func(context.Context) (Key, error) {
			if n++; n > 1 {
				return Key{}, errors.New("gone")
			}
			return testKey(), nil
		}}
	})
	if err := failure(t, c); err.Reason != NoCredentials || err.Attempts != 1 {
		t.Errorf("got %+v", err)
	}
	if diff := cmp.Diff([]Reason{ServerError, NoCredentials}, seen.reasons()); diff != "" {
		t.Error(diff)
	}
}

// A request that cannot be made is no attempt, and says nothing of its key.
func TestUnsignable(t *testing.T) {
	c, seen := newClient(answer(200, emptyPage))
	r, err := c.bucketsRequest(region)
	if err != nil {
		t.Fatal(err)
	}
	r.method = "BAD METHOD"
	e := asError(t, c.call(t.Context(), r, func([]byte) error { return nil }))
	if e.Reason != InvalidRequest || len(seen.statuses()) != 0 || len(seen.failures) != 1 {
		t.Errorf("got %+v, attempts %v", e, seen.statuses())
	}
	checkNoLeak(t, testKey().Secret, e)
}

// Keys of tests and simulators hold words. Their service's codes are judged and shown all the same; what is judged by its
// beginning only is not shown.
func TestKeysThatHoldTheWordsOfCodes(t *testing.T) {
	const longer = "InvalidAccessKeyId.token.accesskeyid1"
	for _, key := range []Key{{ID: "accesskeyid1", Secret: "s"}, {ID: "LTAI", Secret: "s", Token: "token"}, {ID: "k", Secret: "s", Token: "security-token-1"}} {
		for code, renewed := range map[string]int{"SecurityTokenExpired": 1, "InvalidSecurityToken": 1, "InvalidAccessKeyId": 1, longer: 1, "SecurityTokenNotSupported": 0} {
			renewals := 0
			c, _ := newClient(answer(403, `{"Error":{"Code":"`+code+`"}}`), func(o *Options) {
				keys := always(key)
				keys.renew = func(context.Context, Key) (Key, error) { renewals++; return key, nil }
				o.Keys = keys
			})
			shown := code
			if code == longer && key.ID != "k" {
				shown = ""
			}
			if err := failure(t, c); err.Code != shown || err.Reason != InvalidCredentials || renewals != renewed {
				t.Errorf("%v: %s: got %+v after %d renewals", key, code, err, renewals)
			}
		}
	}
}
