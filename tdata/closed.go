package tdata

import "errors"

// ErrClosed is returned by a put into something that is closed, and by a take from something that is closed
// and has nothing left.
var ErrClosed = errors.New("tdata: closed")
