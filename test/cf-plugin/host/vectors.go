package main

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/rpc"
	"strings"
)

// vector is the bytes that Go's encoder makes of values, one after the other on a fresh connection. Ids of types are given out
// by the program, not by the connection, so that the order of this list is part of it.
type vector struct {
	Name string `json:"name"`
	Hex  string `json:"hex"`
}

func encoded(name string, values ...any) vector {
	var buffer bytes.Buffer
	encoder := gob.NewEncoder(&buffer)
	for _, value := range values {
		if err := encoder.Encode(value); err != nil {
			die(2, err)
		}
	}
	return vector{name, hex.EncodeToString(buffer.Bytes())}
}

func printVectors() {
	vectors := []vector{
		encoded("true", true),
		encoded("false", false),
		encoded("text, empty", ""),
		encoded("text, not ASCII", "Zelle 細胞 🙂"),
		encoded("text of 127 bytes", strings.Repeat("a", 127)),
		encoded("text of 128 bytes", strings.Repeat("a", 128)),
		encoded("text of 300 bytes", strings.Repeat("b", 300)),
		encoded("text, not UTF-8", "a\xffb"),
		encoded("response", rpc.Response{ServiceMethod: "CliRpcCmd.AccessToken", Seq: 1}, "bearer token"),
		encoded("request", rpc.Request{ServiceMethod: "CliRpcCmd.AccessToken"}, ""),
		encoded("two requests", rpc.Request{ServiceMethod: "CliRpcCmd.IsLoggedIn", Seq: 300}, "",
			rpc.Request{ServiceMethod: "CliRpcCmd.Username", Seq: 301}, ""),
		encoded("response with an error", rpc.Response{ServiceMethod: "CliRpcCmd.AccessToken", Error: "expired"}, struct{}{}),
	}
	text, _ := json.MarshalIndent(vectors, "", "  ")
	fmt.Println(string(text))
}
