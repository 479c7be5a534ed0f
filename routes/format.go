package routes

import (
	"crypto/sha256"
	"encoding/json"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"todo-backend/config"
	"todo-backend/docs"
	"todo-backend/ent/resource"
)

// answers are how a deployment writes the items of one entity. Nothing else knows of the formats that
// there are.
type answers[E any] struct {
	counts  bool // a list tells how many items match its filters
	links   bool // a header names the next page of a list, there being no place for it in the body
	item    func([]byte, *E) []byte
	list    func([]byte, resource.Page[E]) []byte
	deleted string // the answer to a delete

	schemas members // of these answers, and what they refer to
	shapes  members // the answers, by the names in the handlers' comments
	version []byte  // differs between releases and settings that write another body
}

// members is a JSON object in its order.
type members = resource.Members

// newAnswers returns the answers of a format.
func newAnswers[E, M any](format config.Format, t *resource.Table[E, M]) answers[E] {
	a := map[config.Format]func(*resource.Table[E, M]) answers[E]{
		config.FormatPlain:    plainAnswers[E, M],
		config.FormatWrapped:  wrappedAnswers[E, M],
		config.FormatEnvelope: envelopeAnswers[E, M],
	}[format](t)
	text, err := json.Marshal(resource.JSON("schemas", a.schemas, "shapes", a.shapes))
	if err != nil {
		panic(err) // of what is written here
	}
	sum := sha256.Sum256(append(text, format...))
	a.version = sum[:8]
	return a
}

// plainAnswers are bare items and bare arrays.
func plainAnswers[E, M any](t *resource.Table[E, M]) answers[E] {
	item := docs.Name(t.Name)
	return answers[E]{
		links:   true,
		item:    t.AppendItem,
		list:    func(b []byte, p resource.Page[E]) []byte { return resource.AppendArray(b, p.Items, t.AppendItem) },
		deleted: deletedMessage(t.Name),
		schemas: resource.JSON(item, objectOf(t.Properties()), "Message", messageSchema(t.Name)),
		shapes:  resource.JSON("item", refTo(item), "list", arrayOf(refTo(item)), "deleted", refTo("Message")),
	}
}

// wrappedAnswers are bare items, and lists with their length and the next page beside them.
func wrappedAnswers[E, M any](t *resource.Table[E, M]) answers[E] {
	a := plainAnswers(t)
	a.counts, a.links = true, false
	next := t.Case("next_cursor")
	a.list = func(b []byte, p resource.Page[E]) []byte {
		b = resource.AppendArray(append(b, `{"`+t.Plural+`":`...), p.Items, t.AppendItem)
		b = strconv.AppendInt(append(b, `,"total":`...), int64(p.Total), 10)
		b = resource.AppendNullable(append(b, `,"`+next+`":`...), orNull(p.Next))
		return append(b, '}')
	}
	item, page := docs.Name(t.Name), docs.Name(t.Name)+"Page"
	a.schemas = append(a.schemas, resource.Member{Name: page, Value: objectOf(resource.JSON(
		t.Plural, arrayOf(refTo(item)),
		"total", resource.JSON("description", "Of all that match the filters", "type", "integer", "minimum", 0, "example", 1),
		next, cursorSchema,
	))})
	a.shapes = a.shapes.With("list", refTo(page))
	return a
}

// envelopeAnswers have everything under success and data, and what clients look for at the top there
// too.
func envelopeAnswers[E, M any](t *resource.Table[E, M]) answers[E] {
	name, next := t.Name, t.Case("next_cursor")
	item := docs.Name(t.Name)
	return answers[E]{
		item: func(b []byte, e *E) []byte {
			b = t.AppendMembers(append(b, `{"success":true,"data":{`...), e)
			b = t.AppendItem(append(b, `,"`+name+`":`...), e)
			b = t.AppendItem(append(b, `},"`+name+`":`...), e)
			return append(b, '}')
		},
		list: func(b []byte, p resource.Page[E]) []byte {
			b = resource.AppendArray(append(b, `{"success":true,"data":{"`+t.Plural+`":`...), p.Items, t.AppendItem)
			b = resource.AppendNullable(append(b, `,"`+next+`":`...), orNull(p.Next))
			b = resource.AppendArray(append(b, `},"`+t.Plural+`":`...), p.Items, t.AppendItem)
			return append(b, '}')
		},
		deleted: `{"success":true,"data":` + deletedMessage(t.Name) + `}`,
		schemas: resource.JSON(
			item, objectOf(t.Properties()),
			item+"Answer", succeeded(refTo(item+"Data"), name, refTo(item)),
			item+"Data", objectOf(append(t.Properties(), resource.Member{Name: name, Value: refTo(item)})),
			item+"Page", succeeded(refTo(item+"PageData"), t.Plural, arrayOf(refTo(item))),
			item+"PageData", objectOf(resource.JSON(t.Plural, arrayOf(refTo(item)), next, cursorSchema)),
			"Message", messageSchema(t.Name),
			"MessageAnswer", succeeded(refTo("Message"), "", nil),
		),
		shapes: resource.JSON("item", refTo(item+"Answer"), "list", refTo(item+"Page"), "deleted", refTo("MessageAnswer")),
	}
}

// answerMembers writes an object as the body; in envelope under data, and its members at the top too.
func answerMembers(c *fiber.Ctx, format config.Format, m members) error {
	if format == config.FormatEnvelope {
		m = append(resource.JSON("success", true, "data", m), m...)
	}
	return writeJSON(c, m, fiber.MIMEApplicationJSON)
}

func deletedMessage(name string) string {
	return `{"message":"` + docs.Name(name) + ` deleted successfully"}`
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// The schemas of what is written above.

var cursorSchema = resource.JSON(
	"description", "Null on the last page",
	"type", "string",
	"nullable", true,
	"example", "Zk2r1vY0aXMBmbH0yKJ9PppLXG1-j5oL",
)

func messageSchema(name string) members {
	return objectOf(messageProperties(name))
}

func messageProperties(name string) members {
	return resource.JSON("message", resource.JSON("type", "string", "example", docs.Name(name)+" deleted successfully"))
}

// objectOf is an object that has all of its properties.
func objectOf(properties members) members {
	required := make([]string, len(properties))
	for i, p := range properties {
		required[i] = p.Name
	}
	return resource.JSON("type", "object", "required", required, "properties", properties)
}

// succeeded is an object with success, data and, where it has a name, one member more.
func succeeded(data members, name string, value members) members {
	properties := resource.JSON("success", resource.JSON("type", "boolean", "example", true), "data", data)
	if name != "" {
		properties = append(properties, resource.Member{Name: name, Value: value})
	}
	return objectOf(properties)
}

// envelopeOf is the schema of an answer in envelope that repeats the properties of data at the top.
func envelopeOf(properties members) members {
	return objectOf(append(resource.JSON(
		"success", resource.JSON("type", "boolean", "example", true), "data", objectOf(properties),
	), properties...))
}

func refTo(schema string) members { return resource.JSON("$ref", "#/definitions/"+schema) }

func arrayOf(items members) members { return resource.JSON("type", "array", "items", items) }
