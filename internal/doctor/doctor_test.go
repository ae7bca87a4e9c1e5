package doctor_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ossvector_exporter/internal/doctor"
	"ossvector_exporter/ossvapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// keys answers with one key or error.
type keys struct {
	key ossvapi.Key
	err error
}

func (k keys) Key(ctx context.Context) (ossvapi.Key, error) {
	if k.err == nil && k.key.ID == "" {
		<-ctx.Done()
		return ossvapi.Key{}, ctx.Err()
	}
	return k.key, k.err
}

func (k keys) Renew(context.Context, ossvapi.Key) (ossvapi.Key, error) { return k.key, k.err }

// world is an API whose regions have pages of buckets, or fail.
type world struct {
	pages   map[string][][]ossvapi.Bucket
	fails   map[string]error
	indexes map[string]error
}

func (w world) Buckets(_ context.Context, region string, _ []*ossvapi.Page) iter.Seq2[*ossvapi.Page, error] {
	return func(yield func(*ossvapi.Page, error) bool) {
		for _, page := range w.pages[region] {
			if !yield(&ossvapi.Page{Buckets: page}, nil) {
				return
			}
		}
		if err := w.fails[region]; err != nil {
			yield(nil, err)
		}
	}
}

func (w world) Indexes(_ context.Context, b ossvapi.Bucket) ([]ossvapi.Index, error) {
	if err := w.indexes[b.Name]; err != nil {
		return nil, err
	}
	return []ossvapi.Index{{Name: "one"}, {Name: "two"}}, nil
}

const accountID = "1037350000000000"

func bucket(region, name string) ossvapi.Bucket {
	return ossvapi.Bucket{Name: name, Region: region, AccountID: accountID, ARN: "acs:ossvector:" + region + ":" + accountID + ":" + name}
}

func denied(op ossvapi.Operation, region, message string) error {
	return &ossvapi.Error{
		Operation: op, Region: region, Reason: ossvapi.AccessDenied, Status: 403, Code: "AccessDenied", EC: "0003-00000202",
		RequestID: "6A0C1F5B2E9D3C3031A4B7E2", Attempts: 1, Message: message,
	}
}

func account(name string, w world, regions ...string) doctor.Account {
	return doctor.Account{
		Name: name, Source: "the key LTAI of the environment variable ALIBABA_CLOUD_ACCESS_KEY_ID",
		Keys: keys{key: ossvapi.Key{ID: "LTAI5tPlaceholder", Secret: "a secret that no report shows"}},
		API:  w, Trace: doctor.NewTrace(nil), Regions: regions, Indexes: true,
	}
}

func run(t testing.TB, accounts ...doctor.Account) *doctor.Report {
	t.Helper()
	return doctor.Run(t.Context(), accounts, doctor.Options{Timeout: time.Minute, MaxConcurrency: 64, Version: "1.2.3"})
}

var durations = regexp.MustCompile(`[0-9.]+ (ms|s)\b`)

func text(t testing.TB, r *doctor.Report) string {
	t.Helper()
	var b strings.Builder
	if err := r.Text(&b, false); err != nil {
		t.Fatal(err)
	}
	return durations.ReplaceAllString(b.String(), "TIME")
}

func TestWhatIsWrong(t *testing.T) {
	const buckets, indexes = ossvapi.ListVectorBuckets, ossvapi.ListVectorIndexes
	r := run(t,
		account("one", world{
			pages:   map[string][][]ossvapi.Bucket{"cn-a": {{bucket("cn-a", "first")}}},
			indexes: map[string]error{"first": denied(indexes, "cn-a", "no indexes")},
			fails: map[string]error{
				"cn-b": denied(buckets, "cn-b", "not in cn-b"), "cn-c": denied(buckets, "cn-c", "not in cn-c"),
				"cn-d": &ossvapi.Error{Operation: buckets, Region: "cn-d", Reason: ossvapi.Throttled, Status: 503, Attempts: 3, Message: "slow down"},
			},
		}, "cn-a", "cn-b", "cn-c", "cn-d"))
	want := `account one
  ok   credentials: the key LTAI of the environment variable ALIBABA_CLOUD_ACCESS_KEY_ID
         key: LTAI... in TIME
  FAIL cn-a: ListVectorIndexes: access_denied: no indexes (after TIME)
  FAIL cn-b: ListVectorBuckets: access_denied: not in cn-b (after TIME)
  FAIL cn-c: ListVectorBuckets: access_denied: not in cn-c (after TIME)
  FAIL cn-d: ListVectorBuckets: throttled: slow down (after TIME)

FAIL 1 account, 4 regions, 4 failed, in TIME (version 1.2.3)
1. ListVectorBuckets in one/cn-b, one/cn-c: access_denied (403, AccessDenied, 0003-00000202): not in {region}
   what to do: grant oss:ListVectorBuckets on acs:ossvector:*:*:* to the identity that this account uses
2. ListVectorBuckets in one/cn-d: throttled (503): slow down
   what to do: the service limits the rate of requests: scrape less often, set scrape.min_interval, or ask for a higher limit
3. ListVectorIndexes in one/cn-a: access_denied (403, AccessDenied, 0003-00000202): no indexes
   what to do: grant oss:ListVectorIndexes on acs:ossvector:*:*:*/* to the identity that this account uses
`
	if d := cmp.Diff(want, text(t, r)); d != "" || r.OK {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestCredentialsThatFailAreOneProblem(t *testing.T) {
	a := account("one", world{fails: map[string]error{}}, "cn-a", "cn-b")
	a.Keys, a.STS = keys{err: errors.New("STS at sts.example.com does not resolve")}, "sts.example.com"
	for _, region := range a.Regions {
		a.API.(world).fails[region] = &ossvapi.Error{
			Operation: ossvapi.ListVectorBuckets, Region: region, Reason: ossvapi.NoCredentials, Message: "STS at sts.example.com does not resolve",
		}
	}
	r := doctor.Run(t.Context(), []doctor.Account{a}, doctor.Options{
		Timeout: time.Minute, MaxConcurrency: 64, Warnings: []string{"accounts[0].credentials: STS at sts.example.com does not resolve", "another"},
	})
	if len(r.Problems) != 1 || len(r.Problems[0].Regions) != 2 || len(r.Warnings) != 1 {
		t.Errorf("%+v %q", r.Problems, r.Warnings)
	}
	got := text(t, r)
	for _, want := range []string{"  FAIL credentials: ", "         STS: sts.example.com\n", "         no key: STS at sts.example.com does not resolve\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// A source that never answers ends with the timeout, and the report says so.
func TestKeyThatDoesNotCome(t *testing.T) {
	a := account("one", world{}, "cn-a")
	a.Keys = keys{}
	r := doctor.Run(t.Context(), []doctor.Account{a}, doctor.Options{Timeout: time.Millisecond, MaxConcurrency: 1})
	if c := r.Accounts[0].Credentials; c.OK || c.Error != "no key came before the deadline" {
		t.Errorf("%+v", c)
	}
}

func TestRedact(t *testing.T) {
	a := account("one", world{
		pages:   map[string][][]ossvapi.Bucket{"cn-a": {{bucket("cn-a", "embeddings")}}, "cn-b": {{bucket("cn-b", "embeddings-2")}}},
		indexes: map[string]error{"embeddings": denied(ossvapi.ListVectorIndexes, "cn-a", `bucket embeddings-2 of `+accountID+` and "customers" and embeddings`)},
	}, "cn-a", "cn-b")
	a.Source += ", then role acs:ram::" + accountID + ":role/reader by assume_role"
	r := run(t, a)
	r.Redact()
	var both strings.Builder
	both.WriteString(text(t, r))
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	both.Write(b)
	for _, secret := range []string{accountID, "embeddings", "customers", "LTAI"} {
		if strings.Contains(both.String(), secret) {
			t.Errorf("%s in\n%s", secret, both.String())
		}
	}
	for _, want := range []string{
		"bucket bucket-2 of account-id-1 and \"...\" and bucket-1", "acs:ram::account-id-1:role/reader", "the key key-1 of", "key: key-1...", "in bucket bucket-2 in",
	} {
		if !strings.Contains(both.String(), want) {
			t.Errorf("no %q in\n%s", want, both.String())
		}
	}
}

// The key that a source begins with is another one than that of a role, and there without any key.
func TestRedactTheSourcesOwnKey(t *testing.T) {
	for name, role := range map[string]doctor.Credentials{"a role's key": {OK: true, Key: "STS."}, "no key": {Error: "STS does not resolve"}} {
		role.Source = "the static key LTAI... of the configuration, then role acs:ram::" + accountID + ":role/reader by assume_role"
		r := &doctor.Report{Accounts: []doctor.AccountReport{{Account: "one", Credentials: role}}}
		r.Redact()
		got := r.Accounts[0].Credentials.Source
		if strings.Contains(got, "LTAI") || !strings.Contains(got, "key-") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// What a person sees last of a large house is the summary, and it fits a screen.
func TestSummaryOfALargeHouseFitsAScreen(t *testing.T) {
	const screen = 24
	var accounts []doctor.Account
	for i := range 50 {
		w := world{fails: map[string]error{}}
		var regions []string
		for n := range 25 {
			region := fmt.Sprintf("cn-region-%02d", n)
			regions = append(regions, region)
			if n%2 == 0 {
				w.fails[region] = denied(ossvapi.ListVectorBuckets, region, fmt.Sprintf("cause %d", (i+n)%40))
			}
		}
		accounts = append(accounts, account(fmt.Sprintf("team-%02d", i), w, regions...))
	}
	seen := 0
	r := doctor.Run(t.Context(), accounts, doctor.Options{
		Timeout: time.Minute, MaxConcurrency: 64, Warnings: make([]string, 30), Progress: func(string, doctor.Region) { seen++ },
	})
	if seen != 1250 {
		t.Errorf("progress of %d regions", seen)
	}
	_, summary, _ := strings.Cut(text(t, r), "FAIL 50 accounts, 1250 regions, 650 failed")
	if lines := strings.Count(summary, "\n"); lines > screen {
		t.Errorf("%d lines:\n%s", lines, summary)
	}
	for _, line := range strings.Split(summary, "\n") {
		if len(line) > 400 {
			t.Errorf("a line of %d bytes: %s", len(line), line)
		}
	}
}

func TestColoursOnlyWhereAsked(t *testing.T) {
	r := run(t, account("one", world{pages: map[string][][]ossvapi.Bucket{"cn-a": {{}}}}, "cn-a"))
	var b strings.Builder
	if err := r.Text(&b, true); err != nil || !strings.Contains(b.String(), "\x1b[32mok") {
		t.Errorf("%v %q", err, b.String())
	}
	if strings.Contains(text(t, r), "\x1b") {
		t.Error("colours in a pipe")
	}
	b.Reset()
	doctor.Progress(&b, false)("one", r.Accounts[0].Regions[0])
	if got := durations.ReplaceAllString(b.String(), "TIME"); got != "ok   one/cn-a: 0 buckets on 1 page in TIME\n" {
		t.Errorf("%q", got)
	}
}
