package result

// Costs is what one machine takes for the things that make sharing dear. They are measured in a few
// seconds beside the workloads, and what is said about bigger machines rests on them.
type Costs struct {
	Transfer Cost `json:"transfer"` // of a cache line from the core that wrote it last to another
	Atomic   Cost `json:"atomic"`   // an addition to a word that the core owns already
	Lock     Cost `json:"lock"`     // Lock and Unlock of a sync.Mutex with nobody else there
	HandOff  Cost `json:"hand_off"` // of a sync.Mutex between cores that all want it, without the work inside
	Message  Cost `json:"message"`  // a value through a buffered channel, sender and receiver awake
	Wake     Cost `json:"wake"`     // from a send until a goroutine that slept goes on
}

// A Cost is a time in nanoseconds: the median of many trials, and where nine of ten of them lie.
type Cost struct {
	Median float64 `json:"ns"`
	Low    float64 `json:"low_ns"`
	High   float64 `json:"high_ns"`
}
