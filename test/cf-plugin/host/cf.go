package main

import (
	"encoding/json"
	"errors"
	"net"
	"net/rpc"
	"os"
	"strconv"
	"sync"
)

// VersionType, Usage, Command and PluginMetadata have the fields of what a plugin sends at installation.
type VersionType struct {
	Major int
	Minor int
	Build int
}

type Usage struct {
	Usage   string
	Options map[string]string
}

type Command struct {
	Name         string
	Alias        string
	HelpText     string
	UsageDetails Usage
}

type PluginMetadata struct {
	Name           string
	Version        VersionType
	LibraryVersion VersionType
	MinCliVersion  VersionType
	Commands       []Command
}

// Cf has the methods that cf offers its plugins, as far as this plugin uses them.
type Cf struct {
	fixture  Fixture
	port     string
	mutex    sync.Mutex
	calls    *os.File
	metadata PluginMetadata
}

func startCf(fixture Fixture, callsPath string) (*Cf, error) {
	cf := &Cf{fixture: fixture}
	if callsPath != "" {
		calls, err := os.OpenFile(callsPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		cf.calls = calls
	}
	server := rpc.NewServer()
	// Only some of its methods look like ones for net/rpc; about the others the server says a line in its log.
	if err := server.RegisterName("CliRpcCmd", &CliRpcCmd{cf}); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	cf.port = strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go server.ServeConn(&answering{Conn: connection, transport: fixture.Transport})
		}
	}()
	return cf, nil
}

// called notes a call and gives the error that the fixture has for it.
func (cf *Cf) called(method string, argument any) error {
	cf.mutex.Lock()
	if cf.calls != nil {
		line, _ := json.Marshal(map[string]any{"method": method, "argument": argument})
		cf.calls.Write(append(line, '\n'))
	}
	cf.mutex.Unlock()
	if message, isThere := cf.fixture.Errors[method]; isThere {
		return errors.New(message)
	}
	return nil
}

// CliRpcCmd is the name by which plugins call.
type CliRpcCmd struct{ cf *Cf }

func answer[T any](cf *Cf, method string, argument any, reply *T, value T) error {
	*reply = value
	return cf.called(method, argument)
}

func (c *CliRpcCmd) IsLoggedIn(argument string, reply *bool) error {
	return answer(c.cf, "IsLoggedIn", argument, reply, !c.cf.fixture.LoggedOut)
}

func (c *CliRpcCmd) HasAPIEndpoint(argument string, reply *bool) error {
	return answer(c.cf, "HasAPIEndpoint", argument, reply, c.cf.fixture.APIEndpoint != "")
}

func (c *CliRpcCmd) ApiEndpoint(argument string, reply *string) error {
	return answer(c.cf, "ApiEndpoint", argument, reply, c.cf.fixture.APIEndpoint)
}

func (c *CliRpcCmd) AccessToken(argument string, reply *string) error {
	return answer(c.cf, "AccessToken", argument, reply, c.cf.fixture.AccessToken)
}

func (c *CliRpcCmd) IsSSLDisabled(argument string, reply *bool) error {
	return answer(c.cf, "IsSSLDisabled", argument, reply, c.cf.fixture.SkipSSL)
}

func (c *CliRpcCmd) Username(argument string, reply *string) error {
	return answer(c.cf, "Username", argument, reply, c.cf.fixture.Username)
}

func (c *CliRpcCmd) IsMinCliVersion(argument string, reply *bool) error {
	return answer(c.cf, "IsMinCliVersion", argument, reply, !c.cf.fixture.TooOld)
}

func (c *CliRpcCmd) SetPluginMetadata(metadata PluginMetadata, reply *bool) error {
	c.cf.mutex.Lock()
	c.cf.metadata = metadata
	c.cf.mutex.Unlock()
	return answer(c.cf, "SetPluginMetadata", metadata, reply, true)
}
