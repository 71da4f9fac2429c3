// Package grpc has the names of the real package that seep knows, and of its behaviour this much: a
// connection has goroutines of its own, which keep it, until Close.
package grpc

import (
	"context"
	"net"

	"google.golang.org/grpc/internal/transport"
)

// ClientConn is a connection that many calls share.
type ClientConn struct {
	ctx       context.Context
	cancel    context.CancelFunc
	transport transport.Client
	state     chan int
	retries   [4096]byte
}

type addrConn struct {
	cc *ClientConn
}

// Dial connects to a server.
func Dial(target string) (*ClientConn, error) {
	connection, err := net.Dial("tcp", target)
	if err != nil {
		return nil, err
	}
	cc := &ClientConn{state: make(chan int)}
	cc.ctx, cc.cancel = context.WithCancel(context.Background())
	ac := &addrConn{cc: cc}
	cc.transport = transport.NewClient(connection, ac.goAway)
	go ac.resetTransport()
	return cc, nil
}

func (ac *addrConn) goAway() {
	select {
	case ac.cc.state <- 1:
	case <-ac.cc.ctx.Done():
	}
}

func (ac *addrConn) resetTransport() {
	for {
		select {
		case <-ac.cc.state:
		case <-ac.cc.ctx.Done():
			return
		}
	}
}

// Close ends all that Dial started.
func (cc *ClientConn) Close() error {
	cc.cancel()
	cc.transport.Close()
	return nil
}
