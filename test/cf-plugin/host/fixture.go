package main

import (
	"bytes"
	"encoding/json"
	"os"
)

// Fixture is what this cf knows, and how it misbehaves. What is left out is a cf that is logged in and works.
type Fixture struct {
	APIEndpoint string `json:"apiEndpoint"`
	AccessToken string `json:"accessToken"`
	Username    string `json:"username"`
	LoggedOut   bool   `json:"loggedOut"`
	SkipSSL     bool   `json:"skipSsl"`
	// TooOld: IsMinCliVersion says false.
	TooOld bool `json:"tooOld"`
	// Errors by method, as net/rpc passes them on.
	Errors map[string]string `json:"errors"`
	// Commands that cf or another plugin has already.
	Commands  []string  `json:"commands"`
	Transport Transport `json:"transport"`
}

// Transport is how answers travel. Zero is: at once and in one piece.
type Transport struct {
	PieceBytes              int `json:"pieceBytes"`
	PauseMilliseconds       int `json:"pauseMilliseconds"`
	CloseAfterAnsweredBytes int `json:"closeAfterAnsweredBytes"`
}

func readFixture(path string) (Fixture, error) {
	fixture := Fixture{
		APIEndpoint: "https://api.example.com",
		AccessToken: "bearer token",
		Username:    "admin",
		Commands:    []string{"push", "p", "help", "h"},
	}
	if path == "" {
		return fixture, nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return fixture, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&fixture)
	return fixture, err
}
