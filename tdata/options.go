package tdata

import (
	"strconv"

	"github.com/rinse-go/rinse/stm"
)

// An Option says how a structure is made. All constructors take the same ones.
type Option func(*config)

type config struct {
	name  string
	owner *stm.Owner
}

// Named gives the structure a name, by which clash reports tell which structure it was, and which part of it.
func Named(name string) Option { return func(c *config) { c.name = name } }

// In puts the structure in the charge of an owner, stm.Default unless told. It panics if owner is nil.
func In(owner *stm.Owner) Option {
	if owner == nil {
		panic("tdata: In: owner is nil; leave the option out for the default one")
	}
	return func(c *config) { c.owner = owner }
}

// configure applies the options to the defaults.
func configure(options []Option) config {
	c := config{owner: stm.Default()}
	for i, option := range options {
		if option == nil {
			panic("tdata: option " + strconv.Itoa(i+1) + " is nil")
		}
		option(&c)
	}
	return c
}
