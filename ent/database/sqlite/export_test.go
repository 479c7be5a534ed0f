package sqlite

// KeptStatements is how many statements stay prepared for readers.
func (d *Driver) KeptStatements() int { return d.reader.prepared.Len() }
