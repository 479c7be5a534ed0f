package routes

import (
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"todo-backend/config"
	"todo-backend/ent"
)

// dialect is one way to write an answer. Nothing else knows of the ways there are.
type dialect struct {
	counts  bool // a list tells how many tasks match its filter
	links   bool // a header names the next page of a list, there being no place for it in the body
	task    func(*ent.Task) any
	list    func(page) any
	deleted any
}

var dialects = map[config.Format]dialect{
	// Bare tasks and bare arrays, in snake case.
	config.FormatPlain: {
		links:   true,
		task:    func(t *ent.Task) any { return newPlainTask(t) },
		list:    func(p page) any { return transform(p.tasks, newPlainTask) },
		deleted: message{deletedMessage},
	},
	// Bare tasks, and lists with their length and the next page beside them.
	config.FormatWrapped: {
		counts: true,
		task:   func(t *ent.Task) any { return newPlainTask(t) },
		list: func(p page) any {
			return wrappedList{Tasks: transform(p.tasks, newPlainTask), Total: p.total, NextCursor: orNull(p.next)}
		},
		deleted: message{deletedMessage},
	},
	// Everything in {success, data}, in camel case, and what its clients look for at the top level there too.
	config.FormatEnvelope: {
		task: func(t *ent.Task) any {
			task := newEnvelopeTask(t)
			return envelopeOne{Success: true, Data: envelopeTaskData{task, task}, Task: task}
		},
		list: func(p page) any {
			tasks := transform(p.tasks, newEnvelopeTask)
			return envelopeList{Success: true, Data: envelopeListData{tasks, orNull(p.next)}, Tasks: tasks}
		},
		deleted: envelopeMessage{Success: true, Data: message{deletedMessage}},
	},
}

const (
	statusPending   = "pending"
	statusCompleted = "completed"
	deletedMessage  = "Task deleted successfully"
)

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
