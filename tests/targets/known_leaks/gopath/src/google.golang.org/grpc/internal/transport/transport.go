// Package transport has the goroutines of the real package of this name, and no protocol: a reader
// that waits for the network and a writer that waits for frames to write.
package transport

import "net"

// Client is one connection. Goaway tells its owner, as the real one's callbacks do.
type Client interface {
	Close()
}

type http2Client struct {
	connection net.Conn
	frames     chan []byte
	done       chan struct{}
	goaway     func()
	buffer     [8192]byte
}

// NewClient starts the goroutines of a connection.
func NewClient(connection net.Conn, goaway func()) Client {
	t := &http2Client{connection: connection, frames: make(chan []byte), done: make(chan struct{}), goaway: goaway}
	go t.reader()
	writer := &loopyWriter{transport: t}
	go writer.run()
	return t
}

func (t *http2Client) reader() {
	for {
		if _, err := t.connection.Read(t.buffer[:]); err != nil {
			t.goaway()
			return
		}
	}
}

// Close ends both goroutines.
func (t *http2Client) Close() {
	close(t.done)
	t.connection.Close()
}

type loopyWriter struct {
	transport *http2Client
}

func (l *loopyWriter) run() {
	for {
		select {
		case frame := <-l.transport.frames:
			l.transport.connection.Write(frame)
		case <-l.transport.done:
			return
		}
	}
}
