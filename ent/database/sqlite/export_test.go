package sqlite

// StatementsKept is how many statements may stay prepared.
const StatementsKept = statementsKept

// KeptStatements is how many statements stay prepared for readers.
func (d *Driver) KeptStatements() int { return len(d.reader.prepared) }
