module github.com/rinse-go/rinse/lab

go 1.26.0

require github.com/rinse-go/rinse v0.0.0

replace github.com/rinse-go/rinse => ../
