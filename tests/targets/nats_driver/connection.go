package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// connection is one client of the server.
type connection struct {
	socket net.Conn
	reader *bufio.Reader
	inbox  string
}

// message is one MSG of the protocol.
type message struct {
	subject, reply, body string
}

var inboxes atomic.Int64

func dial(address string) *connection {
	socket, err := net.Dial("tcp", address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	c := &connection{socket: socket, reader: bufio.NewReader(socket)}
	c.inbox = fmt.Sprintf("_INBOX.%d", inboxes.Add(1))
	c.send("CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false}\r\nSUB %s 9\r\n", c.inbox)
	return c
}

func (c *connection) send(format string, arguments ...any) {
	if _, err := fmt.Fprintf(c.socket, format, arguments...); err != nil {
		failed.Add(1)
	}
}

// receive returns the next message and answers pings meanwhile.
func (c *connection) receive() (message, error) {
	for {
		line, err := c.reader.ReadString('\n')
		if err != nil {
			return message{}, err
		}
		words := strings.Fields(line)
		switch {
		case len(words) > 0 && words[0] == "PING":
			c.send("PONG\r\n")
		case len(words) > 0 && words[0] == "-ERR":
			return message{}, fmt.Errorf("server: %s", line)
		case len(words) >= 4 && words[0] == "MSG":
			return c.body(words)
		}
	}
}

func (c *connection) body(words []string) (message, error) {
	m := message{subject: words[1]}
	if len(words) == 5 {
		m.reply = words[3]
	}
	length := 0
	if _, err := fmt.Sscan(words[len(words)-1], &length); err != nil {
		return m, err
	}
	body := make([]byte, length+2)
	if _, err := io.ReadFull(c.reader, body); err != nil {
		return m, err
	}
	m.body = string(body[:length])
	return m, nil
}

// request publishes and waits for the answer; an error answer of JetStream is a failure.
func (c *connection) request(subject, body string) (message, error) {
	c.socket.SetReadDeadline(time.Now().Add(10 * time.Second))
	c.send("PUB %s %s %d\r\n%s\r\n", subject, c.inbox, len(body), body)
	for {
		m, err := c.receive()
		if err != nil {
			return m, err
		}
		if m.subject != c.inbox {
			continue
		}
		if strings.Contains(m.body, `"error"`) {
			return m, fmt.Errorf("%s: %s", subject, m.body)
		}
		return m, nil
	}
}

func (c *connection) echo() {
	for {
		m, err := c.receive()
		if err != nil {
			return
		}
		c.send("PUB %s %d\r\n%s\r\n", m.reply, len(m.body), m.body)
	}
}

func (c *connection) discard() {
	for {
		if _, err := c.receive(); err != nil {
			return
		}
	}
}
