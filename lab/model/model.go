package model

import (
	"context"

	"github.com/rinse-go/rinse/lab/result"
)

// Calibrate measures the costs of sharing on this machine. It takes some seconds, with two cores busy.
func Calibrate(ctx context.Context) (*result.Costs, error) { return nil, nil }
