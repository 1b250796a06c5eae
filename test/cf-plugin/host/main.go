// The host plays the part of cf for a plugin: it answers net/rpc and gob with Go's own code, starts the plugin as cf does, and
// prints what cf prints about it. What it answers comes from a fixture, and so do the ways in which it misbehaves.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

const usage = `usage: host [--fixture FILE] [--calls FILE] serve
       host [--fixture FILE] [--calls FILE] install PLUGIN
       host [--fixture FILE] [--calls FILE] run PLUGIN COMMAND [ARGUMENT...]
       host [--fixture FILE] [--calls FILE] help PLUGIN COMMAND
       host [--fixture FILE] [--calls FILE] uninstall PLUGIN
       host vectors
`

func main() {
	fixturePath := flag.String("fixture", "", "answers and misbehaviour, as JSON")
	callsPath := flag.String("calls", "", "where each call is noted, as a line of JSON")
	flag.Parse()
	fixture, err := readFixture(*fixturePath)
	if err != nil {
		die(2, err)
	}
	cf, err := startCf(fixture, *callsPath)
	if err != nil {
		die(2, err)
	}
	switch args := flag.Args(); {
	case len(args) == 1 && args[0] == "serve":
		fmt.Println(cf.port)
		// Until whoever started this goes away.
		io.Copy(io.Discard, os.Stdin)
	case len(args) == 1 && args[0] == "vectors":
		printVectors()
	case len(args) == 2 && args[0] == "install":
		install(cf, args[1])
	case len(args) == 2 && args[0] == "uninstall":
		uninstall(cf, args[1])
	case len(args) == 3 && args[0] == "help":
		help(cf, args[1], args[2])
	case len(args) >= 3 && args[0] == "run":
		run(cf, args[1], args[2], args[3:])
	default:
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
}

// fail ends as cf ends a command that failed: why on standard error, FAILED on standard output.
func fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	fmt.Println("FAILED")
	os.Exit(1)
}

func die(code int, err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(code)
}
