package seq

// A Table is forks, true while they are used. Fork i is to the left of seat i, and fork i+1 to its
// right; the first fork is also the last one.
type Table []bool

// NewTable returns a table on which all forks lie.
func NewTable(seats int) Table {
	Seats(seats)
	return make(Table, seats)
}

// Seats panics if nobody could eat at a table with so many.
func Seats(seats int) {
	if seats < 2 {
		panic("discipline: a table needs two seats at least, since a philosopher needs two forks")
	}
}

// Forks returns the numbers of the forks of a seat, the lower one first.
func Forks(seat, seats int) (first, second int) {
	if seat == seats-1 {
		return 0, seat
	}
	return seat, seat + 1
}

// Free reports whether both forks of a seat lie on the table.
func (t Table) Free(seat int) bool {
	first, second := Forks(seat, len(t))
	return !t[first] && !t[second]
}

// PickUp takes both forks of a seat, and returns false if one is used.
func (t Table) PickUp(seat int) bool {
	if !t.Free(seat) {
		return false
	}
	t.use(seat, true)
	return true
}

// PutDown puts both forks of a seat back.
func (t Table) PutDown(seat int) { t.use(seat, false) }

func (t Table) use(seat int, used bool) {
	first, second := Forks(seat, len(t))
	t[first], t[second] = used, used
}
