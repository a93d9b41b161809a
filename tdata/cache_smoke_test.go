package tdata_test

import (
	"math/rand/v2"
	"testing"

	"github.com/maypok86/otter/v2"
	"github.com/stretchr/testify/assert"

	"github.com/rinse-go/rinse/tdata"
)

func TestSmoke(t *testing.T) {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 5000, CountUses: true})
	z := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.01, 1, 100000)
	for range 300000 {
		k := int(z.Uint64())
		if v, ok := c.Load(k); ok {
			assert.Equal(t, k, v)
		} else {
			c.Store(k, k)
		}
	}
	t.Log(c.Stats(), c.Stats().HitRatio(), c.Size())
}

func BenchmarkSmoke(b *testing.B) {
	c := tdata.NewCache(tdata.CacheConfig[int, int]{Capacity: 10000})
	o := otter.Must(&otter.Options[int, int]{MaximumSize: 10000})
	for i := range 10000 {
		c.Store(i, i)
		o.Set(i, i)
	}
	b.Run("load", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			c.Load(i % 8000)
		}
	})
	b.Run("otter", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			o.GetIfPresent(i % 8000)
		}
	})
	b.Run("store", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			c.Store(i, i)
		}
	})
	b.Run("otterset", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			o.Set(i, i)
		}
	})
}
