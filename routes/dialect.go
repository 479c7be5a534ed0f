package routes

import (
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"todo-backend/config"
	"todo-backend/ent"
)

// A dialect is one way to write an answer. Nothing else knows of the ways there are.
type dialect interface {
	name() string
	task(t *ent.Task) any
	list(p page) any
	deleted() any
	// counts reports whether a list tells how many tasks match its filter.
	counts() bool
	// links reports whether the next page of a list is named in a header, there being no place for it in the body.
	links() bool
}

func dialectOf(f config.Format) dialect {
	switch f {
	case config.FormatWrapped:
		return wrapped{}
	case config.FormatEnvelope:
		return envelope{}
	}
	return plain{}
}

const (
	statusPending   = "pending"
	statusCompleted = "completed"
	deletedMessage  = "Task deleted successfully"
)

// plain writes bare tasks and bare arrays, in snake case.
type plain struct{}

func (plain) name() string         { return string(config.FormatPlain) }
func (plain) counts() bool         { return false }
func (plain) links() bool          { return true }
func (plain) task(t *ent.Task) any { return newPlainTask(t) }
func (plain) list(p page) any      { return transform(p.tasks, newPlainTask) }
func (plain) deleted() any         { return message{deletedMessage} }

// wrapped writes bare tasks, and lists with their length and the next page beside them.
type wrapped struct{}

func (wrapped) name() string         { return string(config.FormatWrapped) }
func (wrapped) counts() bool         { return true }
func (wrapped) links() bool          { return false }
func (wrapped) task(t *ent.Task) any { return newPlainTask(t) }
func (wrapped) deleted() any         { return message{deletedMessage} }

func (wrapped) list(p page) any {
	return wrappedList{Tasks: transform(p.tasks, newPlainTask), Total: p.total, NextCursor: orNull(p.next)}
}

// envelope writes everything in {success, data}, in camel case, and what its clients look for at the top level there too.
type envelope struct{}

func (envelope) name() string { return string(config.FormatEnvelope) }
func (envelope) counts() bool { return false }
func (envelope) links() bool  { return false }

func (envelope) task(t *ent.Task) any {
	task := newEnvelopeTask(t)
	return envelopeOne{Success: true, Data: envelopeTaskData{task, task}, Task: task}
}

func (envelope) list(p page) any {
	tasks := transform(p.tasks, newEnvelopeTask)
	return envelopeList{Success: true, Data: envelopeListData{tasks, orNull(p.next)}, Tasks: tasks}
}

func (envelope) deleted() any {
	return envelopeMessage{Success: true, Data: message{deletedMessage}}
}

// plainTask is a task in plain and wrapped.
type plainTask struct {
	ID          uuid.UUID `json:"id" swaggertype:"string" format:"uuid" example:"0199b1f4-c8a2-7d3e-9a4b-5c6d7e8f9a0b"`
	UserID      string    `json:"user_id" minLength:"1" maxLength:"255" example:"hk16bXHNa9P16Wf1Xz1uvvTjIwH5o5xd"`
	Title       string    `json:"title" minLength:"1" maxLength:"255" example:"Buy milk"`
	Description *string   `json:"description" extensions:"x-nullable" maxLength:"1000" example:"Two litres"`
	Completed   bool      `json:"completed" example:"false"`
	CreatedAt   timestamp `json:"created_at" swaggertype:"string" format:"date-time" example:"2026-01-05T08:30:00.000001Z"`
	UpdatedAt   timestamp `json:"updated_at" swaggertype:"string" format:"date-time" example:"2026-01-05T09:00:00.000000Z"`
} // @name Task

func newPlainTask(t *ent.Task) plainTask {
	return plainTask{t.ID, t.UserID, t.Title, t.Description, t.Completed, timestamp(t.CreatedAt), timestamp(t.UpdatedAt)}
}

// wrappedList is a list in wrapped.
type wrappedList struct {
	Tasks []plainTask `json:"tasks"`
	// Of all that match the filter
	Total int `json:"total" minimum:"0" example:"1"`
	// Null on the last page
	NextCursor *string `json:"next_cursor" extensions:"x-nullable" example:"Zk2r1vY0aXMBmbH0yKJ9PppLXG1-j5oL"`
} // @name TaskPage

// message tells what was done.
type message struct {
	Message string `json:"message" example:"Task deleted successfully"`
} // @name Message

// envelopeTask is a task in envelope.
type envelopeTask struct {
	ID          uuid.UUID `json:"id" swaggertype:"string" format:"uuid" example:"0199b1f4-c8a2-7d3e-9a4b-5c6d7e8f9a0b"`
	UserID      string    `json:"userId" minLength:"1" maxLength:"255" example:"hk16bXHNa9P16Wf1Xz1uvvTjIwH5o5xd"`
	Title       string    `json:"title" minLength:"1" maxLength:"255" example:"Buy milk"`
	Description *string   `json:"description" extensions:"x-nullable" maxLength:"1000" example:"Two litres"`
	Status      string    `json:"status" enums:"pending,completed" example:"pending"`
	CreatedAt   timestamp `json:"createdAt" swaggertype:"string" format:"date-time" example:"2026-01-05T08:30:00.000001Z"`
	UpdatedAt   timestamp `json:"updatedAt" swaggertype:"string" format:"date-time" example:"2026-01-05T09:00:00.000000Z"`
} // @name Task

func newEnvelopeTask(t *ent.Task) envelopeTask {
	status := statusPending
	if t.Completed {
		status = statusCompleted
	}
	return envelopeTask{t.ID, t.UserID, t.Title, t.Description, status, timestamp(t.CreatedAt), timestamp(t.UpdatedAt)}
}

// envelopeOne is the answer with one task in envelope.
type envelopeOne struct {
	Success bool             `json:"success" example:"true"`
	Data    envelopeTaskData `json:"data"`
	Task    envelopeTask     `json:"task"`
} // @name TaskAnswer

type envelopeTaskData struct {
	envelopeTask
	Task envelopeTask `json:"task"`
} // @name TaskData

// envelopeList is a list in envelope.
type envelopeList struct {
	Success bool             `json:"success" example:"true"`
	Data    envelopeListData `json:"data"`
	Tasks   []envelopeTask   `json:"tasks"`
} // @name TaskPage

type envelopeListData struct {
	Tasks []envelopeTask `json:"tasks"`
	// Null on the last page
	NextCursor *string `json:"nextCursor" extensions:"x-nullable" example:"Zk2r1vY0aXMBmbH0yKJ9PppLXG1-j5oL"`
} // @name TaskPageData

// envelopeMessage is a message in envelope.
type envelopeMessage struct {
	Success bool    `json:"success" example:"true"`
	Data    message `json:"data"`
} // @name MessageAnswer

// timestamp is written in UTC with six digits of microseconds (RFC 3339), the same whichever database it comes from.
type timestamp time.Time

// MarshalJSON writes the time as a JSON string.
func (t timestamp) MarshalJSON() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(nil, `"2006-01-02T15:04:05.000000Z"`), nil
}

func transform[T any](tasks []*ent.Task, write func(*ent.Task) T) []T {
	written := make([]T, len(tasks))
	for i, t := range tasks {
		written[i] = write(t)
	}
	return written
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// writeJSON writes v as the body. Unlike fiber's it leaves <, > and & in texts as they are.
func writeJSON(c *fiber.Ctx, v any, contentType string) error {
	c.Set(fiber.HeaderContentType, contentType)
	body := json.NewEncoder(c.Response().BodyWriter())
	body.SetEscapeHTML(false)
	return body.Encode(v)
}
