package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"ossvector_exporter/collector"
)

// targetGroup is an element of Prometheus' HTTP service discovery.
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// discovery lists one target per account and region, all of them this exporter by the name it was asked by.
func (s *server) discovery(w http.ResponseWriter, r *http.Request, _ collector.Selection) {
	if err := checkHost(r.Host); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	groups := []targetGroup{}
	for _, a := range s.Backend.Accounts() {
		for _, region := range a.Regions {
			labels := map[string]string{
				"__param_account":  a.Name,
				"__param_region":   region,
				"__metrics_path__": pathProbe,
				"__scheme__":       scheme(r),
				"instance":         r.Host + "/" + a.Name + "/" + region, // targets that share one would share their up
			}
			for name, value := range a.Labels { // for relabelling; as they are, they would hide those of the series
				labels["__meta_ossvector_label_"+name] = value
			}
			groups = append(groups, targetGroup{[]string{r.Host}, labels})
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(groups) // an error is the client's hanging up
}

// scheme is https if the request came over TLS, to us or to the proxy before us.
func scheme(r *http.Request) string {
	first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",")
	if r.TLS != nil || strings.EqualFold(strings.TrimSpace(first), "https") {
		return "https"
	}
	return "http"
}

// hostForm is a host name or an IPv4 address, or an IPv6 address in brackets, with an optional port. A limit in the pattern
// itself would make it a hundred times as large.
var hostForm = regexp.MustCompile(`^(?:([0-9A-Za-z._-]+)|\[([0-9A-Fa-f:.]+)\])(?::([0-9]+))?$`)

// checkHost accepts what Prometheus takes as a target.
func checkHost(host string) error {
	m := hostForm.FindStringSubmatch(host)
	if len(m) == 0 || len(m[1]) > 253 {
		return errors.New("the Host header is no host name or address, with or without a port")
	}
	if addr, err := netip.ParseAddr(m[2]); m[2] != "" && (err != nil || !addr.Is6()) {
		return errors.New("the address of the Host header is no IPv6 address")
	}
	if port, err := strconv.ParseUint(m[3], 10, 16); m[3] != "" && (err != nil || port == 0) {
		return errors.New("the port of the Host header is no port")
	}
	return nil
}
