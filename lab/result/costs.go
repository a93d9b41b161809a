package result

// Costs is what one machine takes for the things that make sharing dear. They are measured in a few
// seconds beside the workloads, and what is said about bigger machines rests on them.
type Costs struct {
	Transfer Cost `json:"transfer"` // of a cache line from the core that wrote it last to another
	Atomic   Cost `json:"atomic"`   // an addition to a word that no other core wants
	Shared   Cost `json:"shared"`   // an addition to a word that two cores add to, all of theirs together
	Lock     Cost `json:"lock"`     // Lock and Unlock of a sync.Mutex with nobody else there
	HandOff  Cost `json:"hand_off"` // the same with two cores that both want it, all of theirs together
	Message  Cost `json:"message"`  // a value through a channel to a goroutine that waits for it
}

// A Cost is a time in nanoseconds: the median of many trials, and where the middle half of them lies.
type Cost struct {
	Median float64 `json:"ns"`
	Low    float64 `json:"low_ns"`
	High   float64 `json:"high_ns"`
}
