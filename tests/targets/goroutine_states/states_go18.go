//go:build go1.18
// +build go1.18

package main

import "reflect"

func init() {
	states = append(states, generics, func() {
		go reflect.ValueOf(genericWait[int, bool]).Call([]reflect.Value{reflect.ValueOf(map[int]bool{})})
	})
}

type list[T any] struct{ values []T }

func (l *list[T]) each(f func(T)) {
	for _, v := range l.values {
		f(v)
	}
}

func genericWait[K comparable, V any](m map[K]V) { <-never; sink = m }

func generics() {
	go genericWait(map[string]int{"a": 1})
	go genericWait(map[list2[int]][]string{})
	go (&list[string]{[]string{"a"}}).each(func(string) { <-never })
	go (&list[map[string][]int]{make([]map[string][]int, 1)}).each(func(map[string][]int) { <-never })
}

type list2[T comparable] struct{ value T }
