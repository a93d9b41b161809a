package stm

import (
	"sync"

	"github.com/rinse-go/rinse/internal/engine"
)

// An Owner is in charge of a set of variables. It has their clock, decides every commit and detects
// every clash. A transaction works on the variables of one owner. Owners share nothing: programs
// that keep unrelated data under different owners keep them from disturbing each other.
//
// An Owner is made by [NewOwner] and must not be copied. All methods are safe for concurrent use.
type Owner struct {
	core   engine.Owner // first: tvar finds it there
	pool   sync.Pool    // of *Tx
	ledger ledger
}

// An OwnerOption changes how an owner works. There are none yet.
type OwnerOption interface{ apply(*Owner) }

var defaultOwner Owner

func init() {
	engine.Default = &defaultOwner.core
	defaultOwner.init()
}

func (o *Owner) init() {
	o.core.Init()
	o.pool.New = func() any { return o.newTx() }
}

// Default returns the owner of every variable that was given no other, the zero TVar included.
func Default() *Owner { return &defaultOwner }

// NewOwner returns a new owner of no variables; make them with tvar.In. Its id is random, so that a
// token of an earlier life of the program is not taken for one of this life.
func NewOwner(options ...OwnerOption) *Owner {
	o := new(Owner)
	o.init()
	for _, option := range options {
		mustHave(option != nil, "owner option")
		option.apply(o)
	}
	return o
}

// mustBeMade panics unless o was made by NewOwner.
func (o *Owner) mustBeMade() {
	mustHave(o != nil, "owner")
	if o.pool.New == nil {
		panic("stm: an Owner that was not made by NewOwner")
	}
}

// Var is a transactional variable of any type: a *tvar.TVar[T]. Nothing else implements it.
type Var interface{ engine.Var }
