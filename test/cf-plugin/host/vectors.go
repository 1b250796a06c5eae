package main

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"net/rpc"
	"strings"
	"time"
)

type empty struct{}

type inner struct{ A, B int }

type everything struct {
	Bool   bool
	Int    int64
	Uint   uint64
	Float  float64
	Bytes  []byte
	Text   string
	Texts  []string
	Counts map[string]int
	Inner  inner
	Unset  inner
	Time   time.Time
	Array  [3]int
}

type tree struct {
	Name     string
	Children []tree
}

type pair struct {
	Left  float64
	Right *inner
}

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
	metadata := PluginMetadata{
		Name:          "rollcall",
		Version:       VersionType{0, 1, 0},
		MinCliVersion: VersionType{6, 7, 0},
		Commands: []Command{{
			Name: "rollcall-status", Alias: "rcs", HelpText: "Grüße, 細胞 🙂",
			UsageDetails: Usage{"cf rollcall-status", map[string]string{"-output": "table or json"}},
		}},
	}
	vectors := []vector{
		encoded("metadata", metadata),
		encoded("true", true),
		encoded("false", false),
		encoded("int 0", 0),
		encoded("int -1", -1),
		encoded("int 63", 63),
		encoded("int 64", 64),
		encoded("int 2^53 + 1", int64(1)<<53+1),
		encoded("int max", int64(math.MaxInt64)),
		encoded("int min", int64(math.MinInt64)),
		encoded("uint 127", uint(127)),
		encoded("uint 128", uint(128)),
		encoded("uint 65536", uint(65536)),
		encoded("uint max", uint64(math.MaxUint64)),
		encoded("float 0.1", 0.1),
		encoded("float -0", math.Copysign(0, -1)),
		encoded("float 17", 17.0),
		encoded("float +Inf", math.Inf(1)),
		encoded("text, empty", ""),
		encoded("text, not ASCII", "Zelle 細胞 🙂"),
		encoded("text of 127 bytes", strings.Repeat("a", 127)),
		encoded("text of 128 bytes", strings.Repeat("a", 128)),
		encoded("text of 300 bytes", strings.Repeat("b", 300)),
		encoded("text, not UTF-8", "a\xffb"),
		encoded("bytes", []byte{0, 255, 128}),
		encoded("texts", []string{"curl", "", "/v3"}),
		encoded("no texts", []string{}),
		encoded("map", map[string]string{"-k": "v"}),
		encoded("map of maps", map[string]map[string]int{"a": {"b": -3}}),
		encoded("struct without fields", empty{}),
		encoded("struct where nothing is set", inner{}),
		encoded("two values of one type", inner{1, 0}, inner{0, 2}),
		encoded("everything", everything{
			true, -5, 7, 2.5, []byte("raw"), "text", []string{"x"}, map[string]int{"n": 1}, inner{0, 9}, inner{},
			time.Unix(1700000000, 0).UTC(), [3]int{0, 1, 0},
		}),
		encoded("nothing of everything", everything{}),
		encoded("type within itself", tree{"root", []tree{{"leaf", nil}, {"", []tree{{"deep", nil}}}}}),
		encoded("pointer, -0 left out", pair{math.Copysign(0, -1), &inner{3, 4}}),
		encoded("request", rpc.Request{ServiceMethod: "CliRpcCmd.AccessToken"}, ""),
		encoded("two requests", rpc.Request{ServiceMethod: "CliRpcCmd.IsLoggedIn", Seq: 300}, "",
			rpc.Request{ServiceMethod: "CliRpcCmd.Username", Seq: 301}, ""),
		encoded("response", rpc.Response{ServiceMethod: "CliRpcCmd.AccessToken", Seq: 1}, "bearer token"),
		encoded("response with an error", rpc.Response{ServiceMethod: "CliRpcCmd.AccessToken", Error: "expired"}, empty{}),
	}
	for index, one := range vectors {
		line, _ := json.Marshal(one)
		fmt.Printf("%s%s%s\n", map[bool]string{true: "[\n  ", false: "  "}[index == 0], line,
			map[bool]string{true: "\n]", false: ","}[index == len(vectors)-1])
	}
}
