// Package names has an import path whose last element holds a dot, which symbols escape.
package names
