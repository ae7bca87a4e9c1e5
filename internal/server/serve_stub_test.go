package server_test

func serveForSystemd() bool { return false }
