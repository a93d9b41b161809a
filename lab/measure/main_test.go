package measure_test

import (
	"os"
	"testing"

	"github.com/rinse-go/rinse/discipline"
)

func TestMain(m *testing.M) {
	discipline.RunChild() // this program is started again for each child process
	os.Exit(m.Run())
}
