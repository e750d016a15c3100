// Package problem defines how a construct fails: with one error that lists everything that is wrong with it, each line
// prefixed with the construct's path. It contains the only functions of the module that panic.
package problem
