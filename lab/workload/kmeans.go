package workload

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"

	"github.com/rinse-go/rinse/discipline"
)

// KMeans is STAMP's kmeans (Minh, Chung, Kozyrakis and Olukotun, "STAMP: Stanford Transactional
// Applications for Multi-Processing", IISWC 2008), rewritten from the paper. As there, the size of the
// input is 2,048 points of 16 dimensions; 40 clusters are its low contention, 15 its high one. Numbers
// are integers, so that the order of additions cannot change the result, which is compared word by
// word with that of one goroutine. After ten iterations it starts over.
var KMeans = Workload{
	Name: "kmeans",
	Explain: "STAMP's kmeans: points are put to the nearest of 40 (low) or 15 (high contention) clusters, in parallel; small " +
		"transactions take the next three points and add a point to its cluster. An operation is three points.",
	Cases: []string{"low", "high"},
	Needs: []string{"Memory"},
	New: func(s Setup) (*Load, error) {
		clusters := 40
		if s.Case == "high" {
			clusters = 15
		}
		k := newKMeans(clusters, s.Seed)
		memory := s.Discipline.Memory(k.words())
		memory.Update(k.start)
		return &Load{
			Objects: []Object{memory},
			Worker:  func(int) Op { return k.worker(memory) },
			Check:   func(uint64) error { return k.check(memory) },
		}, nil
	},
}

const (
	kmeansPoints     = 2048
	kmeansDimensions = 16
	kmeansChunk      = 3
	kmeansIterations = 10 // a run
)

// The words of kmeans: what is next, then for each cluster its centre, the sum of its points so far, and
// their number.
const (
	kmeansNext      = iota // point to be taken
	kmeansDone             // points that are added
	kmeansIteration        // from 0, all runs together
	kmeansHeader
)

type kmeans struct {
	clusters int
	points   [][kmeansDimensions]int64
}

func newKMeans(clusters int, seed uint64) *kmeans {
	random := rand.New(rand.NewPCG(seed, 0))
	k := &kmeans{clusters: clusters, points: make([][kmeansDimensions]int64, kmeansPoints)}
	for i := range k.points {
		for d := range kmeansDimensions {
			k.points[i][d] = random.Int64N(1 << 16)
		}
	}
	return k
}

func (k *kmeans) words() int { return kmeansHeader + k.clusters*(2*kmeansDimensions+1) }

func (k *kmeans) centre(c int) int { return kmeansHeader + c*kmeansDimensions }
func (k *kmeans) sum(c int) int    { return k.centre(k.clusters) + c*kmeansDimensions }
func (k *kmeans) length(c int) int { return k.sum(k.clusters) + c }

// start has the first points be the centres.
func (k *kmeans) start(w discipline.Words) {
	for c := range k.clusters {
		for d := range kmeansDimensions {
			w.Set(k.centre(c)+d, k.points[c][d])
		}
	}
}

// worker has what one goroutine knows: the centres of one iteration.
func (k *kmeans) worker(memory discipline.Memory) Op {
	centres, of := make([][kmeansDimensions]int64, k.clusters), int64(-1)
	return func(ctx context.Context) error {
		from, to, iteration := k.take(memory)
		for ; from == to; from, to, iteration = k.take(memory) {
			runtime.Gosched() // the others are about to add the last points
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		if of != iteration {
			memory.View(func(w discipline.Words) { k.read(w, centres) })
			of = iteration
		}
		for _, p := range k.points[from:to] {
			c := nearest(centres, &p)
			memory.Update(func(w discipline.Words) { k.add(w, c, &p) })
		}
		return nil
	}
}

// take takes the next points, if there are any in this iteration.
func (k *kmeans) take(memory discipline.Memory) (from, to, iteration int64) {
	memory.Update(func(w discipline.Words) {
		from, iteration = w.Get(kmeansNext), w.Get(kmeansIteration)
		to = min(from+kmeansChunk, kmeansPoints)
		if from != to {
			w.Set(kmeansNext, to)
		}
	})
	return from, to, iteration
}

func (k *kmeans) read(w discipline.Words, centres [][kmeansDimensions]int64) {
	for c := range centres {
		for d := range kmeansDimensions {
			centres[c][d] = w.Get(k.centre(c) + d)
		}
	}
}

func nearest(centres [][kmeansDimensions]int64, p *[kmeansDimensions]int64) (best int) {
	least := int64(1 << 62)
	for c := range centres {
		distance := int64(0)
		for d, x := range centres[c] {
			distance += (x - p[d]) * (x - p[d])
		}
		if distance < least {
			best, least = c, distance
		}
	}
	return best
}

// add adds a point to its cluster. The last one of an iteration ends it.
func (k *kmeans) add(w discipline.Words, c int, p *[kmeansDimensions]int64) {
	w.Set(k.length(c), w.Get(k.length(c))+1)
	for d := range kmeansDimensions {
		w.Set(k.sum(c)+d, w.Get(k.sum(c)+d)+p[d])
	}
	done := w.Get(kmeansDone) + 1
	w.Set(kmeansDone, done)
	if done == kmeansPoints {
		k.iterate(w)
	}
}

// iterate moves the centres to the middle of their clusters and begins the next iteration.
func (k *kmeans) iterate(w discipline.Words) {
	w.Set(kmeansNext, 0)
	w.Set(kmeansDone, 0)
	iteration := w.Get(kmeansIteration) + 1
	w.Set(kmeansIteration, iteration)
	for c := range k.clusters {
		length := w.Get(k.length(c))
		for d := range kmeansDimensions {
			if length > 0 {
				w.Set(k.centre(c)+d, w.Get(k.sum(c)+d)/length)
			}
			w.Set(k.sum(c)+d, 0)
		}
		w.Set(k.length(c), 0)
	}
	if iteration%kmeansIterations == 0 {
		k.start(w)
	}
}

// check does the same again, alone, and wants the same words.
func (k *kmeans) check(memory discipline.Memory) error {
	var got []int64
	memory.View(func(w discipline.Words) {
		got = make([]int64, k.words())
		for i := range got {
			got[i] = w.Get(i)
		}
	})
	want := k.alone(got[kmeansIteration], got[kmeansNext])
	for i := range got {
		if got[i] != want[i] {
			return fmt.Errorf("word %d after %d iterations and %d points: got %d, want %d",
				i, got[kmeansIteration], got[kmeansNext], got[i], want[i])
		}
	}
	return nil
}

// alone returns the words after so many iterations and, in the next one, so many points.
func (k *kmeans) alone(iterations, points int64) plain {
	w := make(plain, k.words())
	centres := make([][kmeansDimensions]int64, k.clusters)
	k.start(w)
	round := func(points int64) {
		k.read(w, centres)
		for i := range points {
			k.add(w, nearest(centres, &k.points[i]), &k.points[i])
		}
	}
	for range iterations % kmeansIterations { // runs are all alike
		round(kmeansPoints)
	}
	round(points)
	w[kmeansNext], w[kmeansIteration] = points, iterations
	return w
}

// plain is words that nobody shares.
type plain []int64

func (p plain) Get(word int) int64        { return p[word] }
func (p plain) Set(word int, value int64) { p[word] = value }
