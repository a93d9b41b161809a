package measure

import (
	"runtime/metrics"

	"github.com/rinse-go/rinse/lab/result"
)

// gauges are what the runtime has counted so far.
type gauges struct {
	objects, bytes float64 // allocated
	gc, idle, all  float64 // seconds of CPU time
}

func readGauges() gauges {
	samples := []metrics.Sample{
		{Name: "/gc/heap/allocs:objects"},
		{Name: "/gc/heap/tiny/allocs:objects"}, // which share the objects above
		{Name: "/gc/heap/allocs:bytes"},
		{Name: "/cpu/classes/gc/total:cpu-seconds"},
		{Name: "/cpu/classes/idle:cpu-seconds"},
		{Name: "/cpu/classes/total:cpu-seconds"},
	}
	metrics.Read(samples)
	count := func(i int) float64 { return float64(samples[i].Value.Uint64()) }
	seconds := func(i int) float64 { return samples[i].Value.Float64() }
	return gauges{
		objects: count(0) + count(1), bytes: count(2),
		gc: seconds(3), idle: seconds(4), all: seconds(5),
	}
}

func (g gauges) since(before gauges) gauges {
	return gauges{
		g.objects - before.objects, g.bytes - before.bytes,
		g.gc - before.gc, g.idle - before.idle, g.all - before.all,
	}
}

// into puts them into a point that has its operations already.
func (g gauges) into(p *result.Point) {
	ops := float64(max(1, p.Ops))
	p.Allocs, p.Bytes = g.objects/ops, g.bytes/ops
	if busy := g.all - g.idle; busy > 0 {
		p.GCShare = min(1, max(0, g.gc/busy))
	}
}
