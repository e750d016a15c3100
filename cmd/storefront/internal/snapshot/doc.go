// Package snapshot reads and queries templates. The other files are copies of the library's package of that name, since
// the tool imports nothing of the library, as decision 12 in docs/decisions describes. A test of the library fails if they differ.
package snapshot
