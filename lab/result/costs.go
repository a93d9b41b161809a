package result

import "time"

// Costs is what one machine takes for the things that make sharing dear. They are measured in a few
// seconds beside the workloads, and what is said about bigger machines rests on them.
type Costs struct {
	Transfer Cost `json:"transfer"` // of a cache line from the core that wrote it last to another
	Atomic   Cost `json:"atomic"`   // an addition to a word that the core owns already
	HandOff  Cost `json:"hand_off"` // of a sync.Mutex between goroutines that all want it, without the work inside
	Lock     Cost `json:"lock"`     // Lock and Unlock with nobody else there
	Message  Cost `json:"message"`  // a value through a channel to a goroutine that is awake
	Wake     Cost `json:"wake"`     // from a send until a goroutine that slept goes on
	Work     Cost `json:"work"`     // allocating and copying 1024 words, as immutable data does to change
}

// A Cost is a duration with what it was between in nine of ten trials.
type Cost struct {
	Median time.Duration `json:"ns"`
	Low    time.Duration `json:"low_ns"`
	High   time.Duration `json:"high_ns"`
}
