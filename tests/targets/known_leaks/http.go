package main

import (
	"io"
	"io/ioutil"
	"net"
	"net/http"
)

func init() {
	twins["http-body"] = httpBody
	twins["http-transport"] = httpTransport
}

const requests = 60

var serverURL string

func startServer() {
	if serverURL != "" {
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "an answer that the client has to read to its end\n")
	}))
	serverURL = "http://" + listener.Addr().String()
}

// httpBody looks at the status and forgets that the body is to be closed.
func httpBody(leaky bool) truth {
	startServer()
	for i := 0; i < requests; i++ {
		ask(http.DefaultClient, leaky)
	}
	return known("http-response-body", requests, "net/http.(*persistConn).readLoop", "Close")
}

// httpTransport makes a client with a transport of its own for each request.
func httpTransport(leaky bool) truth {
	startServer()
	for i := 0; i < requests; i++ {
		client := http.DefaultClient
		if leaky {
			client = &http.Client{Transport: &http.Transport{}}
		}
		ask(client, false)
	}
	return known("http-transport-per-request", requests, "http.Transport", "CloseIdleConnections")
}

func ask(client *http.Client, forget bool) {
	response, err := client.Get(serverURL)
	must(err)
	if forget {
		return
	}
	_, err = io.Copy(ioutil.Discard, response.Body)
	must(err)
	must(response.Body.Close())
}
