package ossvapi

const maxMessage = 300

func oneLine(s string, limit int) string { return s }
