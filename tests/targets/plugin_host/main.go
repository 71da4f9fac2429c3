// plugin_host loads plugin_part and lets it fill the heap.
//
//	plugin_host PLUGIN DUMPFILE STACKFILE
package main

import (
	"fmt"
	"oracle"
	"os"
	"plugin"
)

type entry struct {
	name  string
	value interface{}
}

var (
	entries []*entry
	loaded  *plugin.Plugin
	wait    = make(chan int)
)

func symbol(name string) interface{} {
	found, err := loaded.Lookup(name)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return found
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: plugin_host PLUGIN DUMPFILE STACKFILE")
		os.Exit(2)
	}
	var err error
	if loaded, err = plugin.Open(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	symbol("Fill").(func(int))(500)
	kept := symbol("Kept").(func() interface{})
	for i := 0; i < 100; i++ {
		entries = append(entries, &entry{fmt.Sprint("entry ", i), kept()})
	}
	for i := 0; i < 3; i++ {
		go func() { <-wait }()
	}
	oracle.Serve(os.Args[2], os.Args[3])
}
