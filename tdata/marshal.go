package tdata

import (
	"encoding/json"
	"iter"
)

// marshalArray returns values as an array in JSON. It takes them one by one, since package encoding/json
// has a string for a slice of bytes.
func marshalArray[T any](values iter.Seq[T]) ([]byte, error) {
	texts, err := marshalEach(values)
	if err != nil {
		return nil, err
	}
	return json.Marshal(texts)
}

func marshalEach[T any](values iter.Seq[T]) ([]json.RawMessage, error) {
	texts := []json.RawMessage{}
	for value := range values {
		text, err := json.Marshal(&value) // as an element of a slice, whose methods may want an address
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}
