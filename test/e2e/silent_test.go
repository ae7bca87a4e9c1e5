package e2e

// silentPanels are the panels whose query rightly finds nothing on a demo that has just started, each with the reason.
func silentPanels() map[string]string {
	return map[string]string{}
}

// silentRules are the rules that select series which a demo does not have, each with the reason.
func silentRules() map[string]string {
	return map[string]string{}
}
