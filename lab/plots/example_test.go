package plots_test

import (
	"fmt"
	"io"

	"github.com/rinse-go/rinse/lab/internal/synthetic"
	"github.com/rinse-go/rinse/lab/plots"
	"github.com/rinse-go/rinse/lab/summary"
)

func ExampleOf() {
	study := summary.Of(synthetic.Run(7, 6))[0]
	for _, chart := range plots.Of(study) {
		fmt.Println(chart.ID, chart.Write(io.Discard, "svg"))
	}
	// Output:
	// counter-throughput <nil>
	// counter-latency <nil>
	// counter-clashes <nil>
	// counter-cores <nil>
}
