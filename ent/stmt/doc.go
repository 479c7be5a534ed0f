// Package stmt writes the statements that the generated builders send, in plain Go.
//
// # Fragments
//
// A statement is put together from fragments of SQL, and its text follows from them: there is
// nothing to keep in step, and no text that could be taken for another's. A [Text] is a fragment as
// each of the two databases writes it. In it
//
//   - identifiers stand in double quotes, and no table is named: a statement reads one table;
//   - ? stands for the next argument (a question mark in a literal or an operator is not possible);
//   - {column} stands for the quoted column of the condition or assignment that it belongs to.
//
// Texts are constants of the code; what a client sends is only ever an argument. That is why LIMIT
// and OFFSET are arguments ([Page]) and a list of values is one argument ([In], [List]): the number
// of texts depends on the code alone.
//
// # Parts
//
//   - [Cond] is a condition: [Equal], [In], or a free one, [Where]. Conditions are joined by AND.
//   - [Keyset] is an order that a list is paged by. It also says what comes after a row.
//   - [Page] is the part of a list that is read.
//   - [Set] is what an insert or update makes of a column: [Assign], [Null], or an expression
//     that the database computes: [Not], [Later], [Expr].
//
// [Table] writes SELECT, INSERT, UPDATE and DELETE of them. Texts are composed anew for each call,
// in a buffer that is reused, and interned: a call for a known text allocates its arguments alone.
// Reading is the other half: [Query] runs a statement, and a [Scanner] makes entities of its rows,
// with targets of this package where database/sql has none ([ScanJSON], [ScanOptional]).
//
// # What the templates add
//
// The templates in ent/template give every entity builders that hand their parts to this package:
//
//	tasks, total, err := client.Task.Query().
//		Filter(stmt.Equal(task.FieldCompleted, false), stmt.In(task.FieldPriority, priorities)).
//		Sort(byTitle.Order(false)).
//		FetchCounted(ctx, stmt.Page{After: []stmt.Cond{byTitle.After(false, title, id)}, Limit: 51})
//
//	Query    Filter, Sort, Fetch, FetchPage, FetchCounted, FetchOne, FetchID
//	Create   Insert
//	Update   Filter, SetExpr, SaveReturning (of many rows)
//	UpdateOne  Filter, SetExpr, Flip…, SaveReturning
//	Delete   Filter, ExecID
//
// They run the hooks and the policy as Ent's own methods do. A policy adds its conditions by
// WhereEqual, and they are parts like all others. A condition or an order is added twice, as a
// fragment and as what Ent's builder takes: so it holds whichever way the statement is written.
// What is no fragment (Where with Ent's predicates, Order, eager loading, edges, AddX, AppendX) makes
// these methods go Ent's way, with the same result; [FetchCounted] has no counterpart there and
// refuses it. Nothing is ever dropped.
//
// [FetchCounted]: https://pkg.go.dev/todo-backend/ent#TaskQuery.FetchCounted
package stmt
