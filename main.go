// Command ossvector_exporter.
package main

func main() {}
