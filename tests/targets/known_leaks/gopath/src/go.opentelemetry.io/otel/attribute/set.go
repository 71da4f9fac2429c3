// Package attribute has the types of the real package of this name that tell series apart.
package attribute

// Value is a value of any kind.
type Value struct {
	vtype    int
	numeric  uint64
	stringly string
	slice    interface{}
}

// KeyValue is one attribute.
type KeyValue struct {
	Key   string
	Value Value
}

// String makes an attribute.
func String(key, value string) KeyValue { return KeyValue{key, Value{vtype: 4, stringly: value}} }

// Distinct is equal for equal sets.
type Distinct struct {
	iface interface{}
}

// Set is a set of attributes.
type Set struct {
	equivalent Distinct
}

// NewSet makes a set of two attributes.
func NewSet(first, second KeyValue) Set { return Set{Distinct{[2]KeyValue{first, second}}} }

// Equivalent is the identity of the set.
func (s *Set) Equivalent() Distinct { return s.equivalent }
