// Package stmt writes the statements that the generated builders send, in plain Go.
//
// # Fragments
//
// A statement is put together from fragments of SQL, and its text follows from them: no text has a name
// that could be another's. A [Text] is a fragment as each of the two databases writes it. In it
//
//   - identifiers stand in double quotes, and no table is named: a statement is about one table;
//   - ? stands for the next argument (no literal or operator can have a question mark);
//   - {column} stands for the quoted column of the condition or assignment that it belongs to.
//
// Texts are constants of the code. What a client sends is an argument, and nothing else. So LIMIT and
// OFFSET are arguments ([Page]), and so is a list of values ([In], [List]): how many texts there are
// depends on the code alone, and a database that keeps them prepared does not fill its memory.
//
// # Parts
//
//   - [Cond] is a condition: [Equal], [In], or a free one, [Where]. Conditions are joined by AND.
//   - [Keyset] is an order that a list is paged by. It also says what comes after a row.
//   - [Page] is the part of a list that is read.
//   - [Set] is what an insert or an update makes of a column: [Assign], [AssignJSON], [Null], or an
//     expression that the database computes: [Not], [Later], [Expr].
//
// [Table] writes SELECT, INSERT, UPDATE and DELETE of them. Texts are composed anew for each call, in a
// buffer that is reused, and interned: a call with a known text allocates its arguments alone. A part
// that is not complete, one with an argument too many or without a text for the database, panics when
// it is written: the code is wrong, and a condition that is left out would show what it should hide.
//
// Reading is the other half: [Query] runs a statement, and a [Scanner] makes entities of its rows, with
// targets where database/sql has none ([ScanJSON], [ScanOptional]). ent/database/postgres knows these
// targets by their methods.
//
// # What the templates add
//
// The templates in ent/template give the builders of every entity methods that take these parts:
//
//	tasks, total, err := client.Task.Query().
//		Filter(stmt.Equal(task.FieldCompleted, false), stmt.In(task.FieldPriority, priorities)).
//		Sort(byTitle.Order(false)).
//		FetchCounted(ctx, stmt.Page{After: []stmt.Cond{byTitle.After(false, title, id)}, Limit: 51})
//
//	Query      Filter, Sort, Fetch, FetchPage, FetchCounted, FetchOne, FetchID
//	Create     Insert
//	UpdateOne  Filter, SetExpr, Flip…, SaveReturning
//	Update     Filter, SetExpr, SaveReturning, which returns all rows that it changed
//	Delete     Filter, ExecID
//
// They run the hooks and the policy as Ent's own methods do. A policy adds its conditions by WhereEqual,
// and they are parts like all others. A condition or an order is added twice, as a fragment and as what
// Ent's builders take ([Cond.Predicate], [Text.OrderBy]), so that it holds whichever way the statement is
// written, in All and Count too. What is no fragment (Where with Ent's predicates, Order, eager loading,
// edges, AddX, AppendX) makes a method go Ent's way, with the same result. FetchCounted and the
// SaveReturning of many rows have no counterpart there: they refuse it. Nothing is ever left out.
package stmt
