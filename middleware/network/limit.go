package network

// otherFiles is how many file descriptors are kept for what is not a client's connection: those of the databases, the log, the
// metrics, and the connection that is accepted to be refused.
const otherFiles = 200

// MaxConnections returns how many connections the process can have open, want at most, for each takes a file descriptor. Where the
// process may have few, half of them go to connections.
func MaxConnections(want int) int { return fit(want, maxFiles()) }

// fit returns how many of the connections that are wanted a number of file descriptors suffices for.
func fit(want, files int) int {
	if files >= want+otherFiles {
		return want
	}
	return max(files-otherFiles, files/2, 1)
}
