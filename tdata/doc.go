// Package tdata has data structures that transactions share.
package tdata
