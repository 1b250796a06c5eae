package main

import (
	"errors"
	"net"
	"time"
)

// answering sends answers in pieces, with pauses, or not to their end.
type answering struct {
	net.Conn
	transport Transport
	answered  int
}

func (a *answering) Write(bytes []byte) (int, error) {
	written := 0
	for written < len(bytes) {
		piece := bytes[written:]
		if size := a.transport.PieceBytes; size > 0 && size < len(piece) {
			piece = piece[:size]
		}
		if limit := a.transport.CloseAfterAnsweredBytes; limit > 0 && a.answered+len(piece) > limit {
			a.Conn.Write(piece[:limit-a.answered])
			a.Conn.Close()
			return written, errors.New("closed in the middle of an answer, as the fixture says")
		}
		count, err := a.Conn.Write(piece)
		written += count
		a.answered += count
		if err != nil {
			return written, err
		}
		time.Sleep(time.Duration(a.transport.PauseMilliseconds) * time.Millisecond)
	}
	return written, nil
}
