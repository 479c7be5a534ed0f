// Package resource is what the API makes of an entity, without knowing any.
//
// A [Field] is one member of an entity: how it is written in answers, read from bodies, sorted and
// filtered by in lists, and described in the served documents. The fields of an entity follow from
// its columns and their [Spec] annotations in ent/schema; the generator writes them, with Ent's own
// getters and setters, into an [Entity]. A resource adds what is no column as literals.
//
// A [Table] is an entity under the settings of a deployment. From it come
//
//   - bodies: [DecodeObject] reads a JSON object, [Table.Decode] an [Input] of it, which sets the
//     columns of a mutation;
//   - answers: [Table.AppendItem] appends an item as JSON;
//   - lists: [Table.ParseList] reads the parameters of a list into a [List], whose [List.Query] is
//     the statement's, and whose cursors continue it;
//   - documents: [Table.Properties], [Table.BodyProperties] and [Table.Parameters] are JSON Schemas.
//
// Whatever breaks a rule is an [Invalid], which lists every broken field.
package resource
