// Package bench measures the program: against a server written by hand for the same answers, while its data grow, and with other
// indexes. All of it is in the package's tests and benchmarks; docs/performance.md says how to run them and what they gave.
package bench
