package main

import (
	"net"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"go.opencensus.io/stats/view"
	"google.golang.org/grpc"
)

func init() {
	twins["grpc"] = grpcConnection
	twins["opencensus"] = opencensus
	twins["prometheus"] = prometheusLabels
}

const dialled = 40

var (
	silentServer string
	accepted     []net.Conn
	shared       *grpc.ClientConn
)

func startSilentServer() {
	if silentServer != "" {
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	silentServer = listener.Addr().String()
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			accepted = append(accepted, connection)
		}
	}()
	shared, err = grpc.Dial(silentServer)
	must(err)
}

// grpcConnection dials for each call.
func grpcConnection(leaky bool) truth {
	startSilentServer()
	for i := 0; i < dialled; i++ {
		connection, err := grpc.Dial(silentServer)
		must(err)
		if !leaky {
			must(connection.Close())
		}
	}
	return known("grpc-connection", dialled, "google.golang.org/grpc", "Close")
}

const meters = 60

// opencensus makes a meter for each request.
func opencensus(leaky bool) truth {
	for i := 0; i < meters; i++ {
		meter := view.NewMeter()
		meter.Start()
		if !leaky {
			meter.Stop()
		}
	}
	return known("opencensus-worker", meters+1, "go.opencensus.io/stats/view.(*worker).start", "Stop")
}

const users = 12000

var requestsByUser = prometheus.NewCounterVec([]string{"method", "user"})

// prometheusLabels counts requests by user.
func prometheusLabels(leaky bool) truth {
	for i := 0; i < users; i++ {
		user := "somebody"
		if leaky {
			user = "user-" + strconv.Itoa(i)
		}
		requestsByUser.WithLabelValues("GET", user).Inc()
	}
	return known("prometheus-label-cardinality", users, "DeleteLabelValues")
}
