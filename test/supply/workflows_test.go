package supply

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

const root = "../.."

// workflows are the texts of the workflows by their file names.
func workflows(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(root + "/.github/workflows/*.y*ml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no workflows: %v", err)
	}
	texts := map[string]string{}
	for _, file := range files {
		texts[filepath.Base(file)] = read(t, file)
	}
	return texts
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestActionsArePinned wants a commit for every action, its version beside it for people and dependabot, and a version for
// everything that Go installs: a tag can be moved to other code.
func TestActionsArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`uses: (\./\S+|[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*)$`)
	installed := regexp.MustCompile(`go (?:install|run) \S+@(\S+)`)
	version := regexp.MustCompile(`^v\d+\.\d+\.\d+$`)
	found := 0
	for file, text := range workflows(t) {
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if strings.Contains(line, "uses:") {
				found++
				if !pinned.MatchString(line) {
					t.Errorf("%s: %q is not pinned as OWNER/NAME@COMMIT # vVERSION", file, line)
				}
			}
			if m := installed.FindStringSubmatch(line); len(m) > 1 && !version.MatchString(m[1]) {
				t.Errorf("%s: %q installs no fixed version", file, line)
			}
		}
	}
	if found == 0 {
		t.Error("the workflows use no action: this test would check nothing")
	}
}

// TestTargetsExist looks for every target of make that a workflow or .ci/run calls in the Makefile.
func TestTargetsExist(t *testing.T) {
	texts := map[string]string{".ci/run": read(t, root+"/.ci/run")}
	for file, text := range workflows(t) {
		texts[file] = strings.Join(commands(t, text), "\n")
	}
	var targets []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z0-9-]+):`).FindAllStringSubmatch(read(t, root+"/Makefile"), -1) {
		targets = append(targets, m[1])
	}
	called := map[string][]string{}
	for file, text := range texts {
		called[file] = calledTargets(text)
		for _, target := range called[file] {
			if !slices.Contains(targets, target) {
				t.Errorf("%s calls make %s, which the Makefile does not have", file, target)
			}
		}
	}
	for _, target := range []string{"release", "reproducible", "push", "push-chart"} {
		if !slices.Contains(called["release.yml"], target) {
			t.Errorf("release.yml does not call make %s: %q", target, called["release.yml"])
		}
	}
	if !slices.Contains(called[".ci/run"], "lint") {
		t.Errorf(".ci/run does not call make lint: %q", called[".ci/run"])
	}
}

// commands are what the steps of a workflow run.
func commands(t *testing.T, workflow string) []string {
	t.Helper()
	var w struct {
		Jobs map[string]struct {
			Steps []struct {
				Run string `yaml:"run"`
			} `yaml:"steps"`
		} `yaml:"jobs"`
	}
	if err := yaml.Unmarshal([]byte(workflow), &w); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, job := range w.Jobs {
		for _, step := range job.Steps {
			all = append(all, step.Run)
		}
	}
	return all
}

// calledTargets are the words after each make of a script that are neither flags nor variables.
func calledTargets(script string) []string {
	var targets []string
	for line := range strings.Lines(script) {
		code, _, _ := strings.Cut(line, "#")
		for _, m := range regexp.MustCompile(`(?:^|[\s(;&|])make((?: +[^\s();&|<>]+)+)`).FindAllStringSubmatch(code, -1) {
			for _, word := range strings.Fields(m[1]) {
				if !strings.HasPrefix(word, "-") && !strings.Contains(word, "=") {
					targets = append(targets, word)
				}
			}
		}
	}
	return targets
}

// TestCalledTargets holds the reader of scripts to its job.
func TestCalledTargets(t *testing.T) {
	const script = "step a make lint # make nothing\nx=$(make -s push IMAGE=\"$i\")\nnice -n 19 make fuzz TIME=1s || make clean >log\n"
	if diff := cmp.Diff([]string{"lint", "push", "fuzz", "clean"}, calledTargets(script)); diff != "" {
		t.Error(diff)
	}
}

// TestDependabotKnowsEveryModule compares dependabot's folders with those that hold what it updates.
func TestDependabotKnowsEveryModule(t *testing.T) {
	var configured struct {
		Updates []struct {
			Ecosystem   string   `yaml:"package-ecosystem"`
			Directory   string   `yaml:"directory"`
			Directories []string `yaml:"directories"`
		} `yaml:"updates"`
	}
	if err := yaml.Unmarshal([]byte(read(t, root+"/.github/dependabot.yml")), &configured); err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, u := range configured.Updates {
		folders := u.Directories
		if u.Directory != "" {
			folders = append(folders, u.Directory)
		}
		got[u.Ecosystem] = append(got[u.Ecosystem], slices.Sorted(slices.Values(folders))...)
	}
	want := map[string][]string{"gomod": folders(t, "go.mod"), "docker": folders(t, "Dockerfile"), "github-actions": {"/"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-repository +dependabot:\n%s", diff)
	}
}

// folders are those of the repository that hold a file of this name, as dependabot writes them.
func folders(t *testing.T, name string) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(os.DirFS(root), ".", func(file string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (entry.Name() == ".cache" || entry.Name() == ".git" || entry.Name() == "dist") {
			return fs.SkipDir
		}
		if path.Base(file) == name {
			found = append(found, path.Join("/", path.Dir(file)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return found
}

// TestBugFormAsksForTheDoctor wants the redacted report, by a command that the exporter understands.
func TestBugFormAsksForTheDoctor(t *testing.T) {
	form, flags := read(t, root+"/.github/ISSUE_TEMPLATE/bug.yml"), read(t, root+"/flags.go")
	if !strings.Contains(form, "ossvector_exporter --doctor --doctor.redact") {
		t.Error("the form of a bug does not ask for the redacted report")
	}
	for _, m := range regexp.MustCompile(`--([a-z][a-z.-]*)`).FindAllStringSubmatch(form, -1) {
		if m[1] != "version" && !strings.Contains(flags, `"`+m[1]+`"`) {
			t.Errorf("the form of a bug names --%s, which flags.go does not have", m[1])
		}
	}
}
