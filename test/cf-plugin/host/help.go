package main

import (
	"fmt"
	"slices"
	"strings"
)

// printHelp prints a command in the form of cf's own help.
func printHelp(command Command) {
	fmt.Printf("NAME:\n   %s - %s\n", command.Name, command.HelpText)
	fmt.Printf("\nUSAGE:\n   %s\n", command.UsageDetails.Usage)
	if command.Alias != "" {
		fmt.Printf("\nALIAS:\n   %s\n", command.Alias)
	}
	if len(command.UsageDetails.Options) == 0 {
		return
	}
	var names []string
	width := 0
	for name := range command.UsageDetails.Options {
		names = append(names, name)
		width = max(width, len(dashed(name)))
	}
	slices.Sort(names)
	fmt.Println("\nOPTIONS:")
	for _, name := range names {
		gap := strings.Repeat(" ", width+6-len(dashed(name)))
		fmt.Printf("   %s%s%s\n", dashed(name), gap, command.UsageDetails.Options[name])
	}
}

// An option is sent without its first dash.
func dashed(name string) string {
	return "-" + name
}
