package seq

// A Bank is the balances of accounts.
type Bank []int64

// NewBank returns a bank whose accounts all have the same balance.
func NewBank(accounts int, balance int64) Bank {
	AtLeastOne(accounts, "accounts")
	b := make(Bank, accounts)
	for i := range b {
		b[i] = balance
	}
	return b
}

// Transfer moves an amount. If there is less of it, nothing happens, and it returns false.
func (b Bank) Transfer(from, to int, amount int64) bool {
	poorer, richer := &b[from], &b[to]
	if *poorer < amount {
		return false
	}
	*poorer -= amount
	*richer += amount
	return true
}

// Total returns the sum of all balances.
func (b Bank) Total() (sum int64) {
	for _, balance := range b {
		sum += balance
	}
	return sum
}
