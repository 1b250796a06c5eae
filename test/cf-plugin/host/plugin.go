package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// start runs the plugin with what cf gives it: the port first, then a command.
func start(cf *Cf, plugin string, input io.Reader, args ...string) error {
	command := exec.Command(plugin, append([]string{cf.port}, args...)...)
	command.Stdin = input
	command.Stdout = os.Stdout
	command.Stderr = os.Stderr
	return command.Run()
}

// metadataOf asks the plugin as cf does at installation: without standard input.
func metadataOf(cf *Cf, plugin string) PluginMetadata {
	if err := start(cf, plugin, nil, "SendMetadata"); err != nil {
		fail(err.Error() + "\nFile is not a valid cf CLI plugin binary.")
	}
	cf.mutex.Lock()
	defer cf.mutex.Unlock()
	if cf.metadata.Name == "" || len(cf.metadata.Commands) == 0 {
		fail("File is not a valid cf CLI plugin binary.")
	}
	return cf.metadata
}

func install(cf *Cf, plugin string) {
	metadata := metadataOf(cf, plugin)
	version := fmt.Sprintf("%d.%d.%d", metadata.Version.Major, metadata.Version.Minor, metadata.Version.Build)
	// A plugin that says nothing about its library is of the first one.
	if metadata.LibraryVersion.Major > 1 {
		fail("This plugin is not compatible with your version of the CLI")
	}
	var taken []string
	for _, command := range metadata.Commands {
		for _, name := range []string{command.Name, command.Alias} {
			if name != "" && slices.Contains(cf.fixture.Commands, name) {
				taken = append(taken, name)
			}
		}
	}
	if len(taken) > 0 {
		fail(fmt.Sprintf("Plugin %s v%s could not be installed as it contains commands with names that are already used: %s.",
			metadata.Name, version, strings.Join(taken, ", ")))
	}
	printed, err := json.MarshalIndent(metadata, "", "  ")
	if err != nil {
		die(2, err)
	}
	fmt.Println(string(printed))
	fmt.Printf("Plugin %s %s successfully installed.\n", metadata.Name, version)
}

// run puts a command's name in place of its alias, answers --help itself, and knows only one way to fail.
func run(cf *Cf, plugin string, name string, args []string) {
	metadata := metadataOf(cf, plugin)
	command := find(metadata, name)
	if slices.ContainsFunc(args, func(arg string) bool { return arg == "-h" || arg == "--h" || arg == "--help" }) {
		printHelp(command)
		return
	}
	if err := start(cf, plugin, os.Stdin, append([]string{command.Name}, args...)...); err != nil {
		os.Exit(1)
	}
}

func help(cf *Cf, plugin string, name string) {
	printHelp(find(metadataOf(cf, plugin), name))
}

func uninstall(cf *Cf, plugin string) {
	metadata := metadataOf(cf, plugin)
	if err := start(cf, plugin, nil, "CLI-MESSAGE-UNINSTALL"); err != nil {
		fail(err.Error())
	}
	fmt.Printf("Plugin %s successfully uninstalled.\n", metadata.Name)
}

func find(metadata PluginMetadata, name string) Command {
	for _, command := range metadata.Commands {
		if name == command.Name || (name != "" && name == command.Alias) {
			return command
		}
	}
	fail(fmt.Sprintf("'%s' is not a registered command. See 'cf help -a'", name))
	panic("not reached")
}
