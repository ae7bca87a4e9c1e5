package server_test

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/collector"
)

// filling gives every field of a value a value of its own.
type filling struct {
	t     *testing.T
	n     int
	wants map[string]string // path of a field to how it shows
	flags []string          // paths of the fields that are true or false
	off   string            // of these, the one to leave false
}

func (f *filling) fill(v reflect.Value, path string) {
	f.t.Helper()
	f.n += 3 // a number that is computed from one of them is none of the others
	own := fmt.Sprintf("own-%d", f.n)
	f.wants[path] = own
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = noon.Add(-time.Duration(f.n) * time.Minute)
		f.wants[path] = x.Format(time.RFC3339)
		return
	case *time.Duration:
		*x = time.Duration(f.n)*time.Second + 500*time.Millisecond
		f.wants[path] = fmt.Sprintf("%d.5", f.n)
		return
	case *map[string]string:
		*x = map[string]string{"team": own}
		return
	case *error:
		*x = errors.New(own)
		return
	case *iter.Seq[collector.Listed]:
		var l collector.Listed
		f.fill(reflect.ValueOf(&l).Elem(), path)
		*x = inventory(l)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(own)
	case reflect.Int:
		v.SetInt(int64(f.n))
		f.wants[path] = fmt.Sprint(f.n)
	case reflect.Bool:
		v.SetBool(path != f.off)
		f.flags = append(f.flags, path)
		delete(f.wants, path)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), path)
	case reflect.Struct:
		delete(f.wants, path)
		for i := range v.NumField() {
			f.fill(v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	default:
		f.t.Fatalf("%s is a %s, which this test does not know", path, v.Type())
	}
}

// shownFilled is how a region whose fields are all filled shows, but for one flag that is off.
func shownFilled(t *testing.T, off string) (f *filling, shown map[string]string) {
	t.Helper()
	f = &filling{t: t, n: 100, wants: map[string]string{}, off: off}
	var r collector.RegionState
	f.fill(reflect.ValueOf(&r).Elem(), "")
	backend := showing([]collector.RegionState{r})
	return f, map[string]string{
		"page": regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAllString(page(t, backend.state), ""),
		"JSON": atNoon(t, options(backend), "/api/v1/buckets").body,
	}
}

// Every field that the collector tells of a region shows on the page and in the inventory, or is left out for a reason. A
// new field fails this test until it is shown or excused.
func TestEveryFieldOfARegionIsShown(t *testing.T) {
	left := map[string]map[string]string{
		"JSON": {
			".Failures.Error.Region":      "it is the region's own",
			".Failures.Error.Err":         "the message tells it",
			".Failures.Took":              "it is the region's own",
			".Failures.Pages":             "they are the region's own",
			".Inventory.Bucket.AccountID": "the ARN names it",
			".Inventory.Bucket.Created":   "the creation date tells it",
		},
		"page": {
			".Failures.Error.Region": "it is the region's own",
			".Failures.Error.Err":    "the message tells it",
			".Failures.Error.Reason": "the code tells more",
			".Failures.Took":         "it is the region's own",
			".Failures.Pages":        "they are the region's own",
			".Inventory":             "the page counts the buckets, the inventory names them",
		},
	}
	f, shown := shownFilled(t, "")
	for where, text := range shown {
		for path, want := range f.wants {
			seen := regexp.MustCompile(`\b` + regexp.QuoteMeta(want) + `\b`).MatchString(text)
			excused := slices.ContainsFunc(slices.Collect(maps.Keys(left[where])), func(p string) bool { return strings.HasPrefix(path+".", p+".") })
			if seen == excused {
				t.Errorf("%s shows %s as %s: %t, excused: %t", where, path, want, seen, excused)
			}
		}
	}
	for _, flag := range f.flags {
		_, without := shownFilled(t, flag)
		for where, text := range without {
			if text == shown[where] {
				t.Errorf("%s shows nothing of %s", where, flag)
			}
		}
	}
	if len(f.wants) < 40 || len(f.flags) < 3 {
		t.Errorf("%d values and %d flags only", len(f.wants), len(f.flags))
	}
}

// docs/reference.md has every key of the inventory, and no other.
func TestInventoryIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shape, _ := strings.Cut(string(text), "`/api/v1/buckets` answers `")
	shape, _, _ = strings.Cut(shape, "`. ")
	_, shown := shownFilled(t, "")
	keys := regexp.MustCompile(`"([a-z_]+)"`)
	sorted := func(text string) []string {
		var all []string
		for _, key := range keys.FindAllStringSubmatch(text, -1) {
			all = append(all, key[1])
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	written := sorted(strings.NewReplacer(`"state":"failing"`, `"state":""`, `"team":`, ``).Replace(shown["JSON"]))
	if documented := sorted(shape); !slices.Equal(documented, written) {
		t.Errorf("documented are %q, written are %q", documented, written)
	}
}
