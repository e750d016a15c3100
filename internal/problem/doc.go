// Package problem is how a construct fails: with one error that lists everything that is wrong with it, each line with
// the construct's path in front. It holds the only functions of the module that panic.
package problem
