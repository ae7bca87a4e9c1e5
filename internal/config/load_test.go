package config

import (
	"strings"
	"testing"
)

func TestLoadOfTheSmallestFile(t *testing.T) {
	c, err := Load(strings.NewReader("accounts:\n- name: a\n  regions: [cn-hangzhou]\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Accounts[0].PageSize; got != 1000 {
		t.Errorf("page size %d, want the default of 1000", got)
	}
}
