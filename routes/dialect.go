package routes

import (
	"strconv"

	"todo-backend/config"
	"todo-backend/ent"
)

// dialect is one way to write an answer. Nothing else knows of the ways there are.
type dialect struct {
	counts  bool // a list tells how many tasks match its filter
	links   bool // a header names the next page of a list, there being no place for it in the body
	task    func([]byte, *ent.Task) []byte
	list    func([]byte, page) []byte
	deleted string // the answer to a delete
}

var dialects = map[config.Format]dialect{
	// Bare tasks and bare arrays, in snake case.
	config.FormatPlain: {
		links:   true,
		task:    appendPlainTask,
		list:    func(b []byte, p page) []byte { return appendArray(b, p.tasks, appendPlainTask) },
		deleted: deletedMessage,
	},
	// Bare tasks, and lists with their length and the next page beside them.
	config.FormatWrapped: {
		counts:  true,
		task:    appendPlainTask,
		list:    appendWrappedList,
		deleted: deletedMessage,
	},
	// Everything in {success, data}, in camel case, and what its clients look for at the top level there too.
	config.FormatEnvelope: {
		task:    appendEnvelope,
		list:    appendEnvelopeList,
		deleted: `{"success":true,"data":` + deletedMessage + `}`,
	},
}

const (
	statusPending   = "pending"
	statusCompleted = "completed"
	deletedMessage  = `{"message":"Task deleted successfully"}`
)

func appendPlainTask(b []byte, t *ent.Task) []byte {
	b = appendID(append(b, `{"id":`...), t.ID)
	b = appendString(append(b, `,"user_id":`...), t.UserID)
	b = appendString(append(b, `,"title":`...), t.Title)
	b = appendNullable(append(b, `,"description":`...), t.Description)
	b = strconv.AppendBool(append(b, `,"completed":`...), t.Completed)
	b = appendTime(append(b, `,"created_at":`...), t.CreatedAt)
	b = appendTime(append(b, `,"updated_at":`...), t.UpdatedAt)
	return append(b, '}')
}

func appendWrappedList(b []byte, p page) []byte {
	b = appendArray(append(b, `{"tasks":`...), p.tasks, appendPlainTask)
	b = strconv.AppendInt(append(b, `,"total":`...), int64(p.total), 10)
	b = appendNullable(append(b, `,"next_cursor":`...), orNull(p.next))
	return append(b, '}')
}

// appendEnvelopeFields appends a task without its braces: data has a field more.
func appendEnvelopeFields(b []byte, t *ent.Task) []byte {
	status := statusPending
	if t.Completed {
		status = statusCompleted
	}
	b = appendID(append(b, `"id":`...), t.ID)
	b = appendString(append(b, `,"userId":`...), t.UserID)
	b = appendString(append(b, `,"title":`...), t.Title)
	b = appendNullable(append(b, `,"description":`...), t.Description)
	b = appendString(append(b, `,"status":`...), status)
	b = appendTime(append(b, `,"createdAt":`...), t.CreatedAt)
	return appendTime(append(b, `,"updatedAt":`...), t.UpdatedAt)
}

func appendEnvelopeTask(b []byte, t *ent.Task) []byte {
	return append(appendEnvelopeFields(append(b, '{'), t), '}')
}

func appendEnvelope(b []byte, t *ent.Task) []byte {
	b = appendEnvelopeFields(append(b, `{"success":true,"data":{`...), t)
	b = appendEnvelopeTask(append(b, `,"task":`...), t)
	b = appendEnvelopeTask(append(b, `},"task":`...), t)
	return append(b, '}')
}

func appendEnvelopeList(b []byte, p page) []byte {
	b = appendArray(append(b, `{"success":true,"data":{"tasks":`...), p.tasks, appendEnvelopeTask)
	b = appendNullable(append(b, `,"nextCursor":`...), orNull(p.next))
	b = appendArray(append(b, `},"tasks":`...), p.tasks, appendEnvelopeTask)
	return append(b, '}')
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// These types are the documentation of what is appended above; the tests hold every answer against it.
//
//nolint:unused // swag reads them
type (
	// plainTask is a task in plain and wrapped.
	plainTask struct {
		ID          string  `json:"id" format:"uuid" example:"0199b1f4-c8a2-7d3e-9a4b-5c6d7e8f9a0b"`
		UserID      string  `json:"user_id" minLength:"1" maxLength:"255" example:"hk16bXHNa9P16Wf1Xz1uvvTjIwH5o5xd"`
		Title       string  `json:"title" minLength:"1" maxLength:"255" example:"Buy milk"`
		Description *string `json:"description" extensions:"x-nullable" maxLength:"1000" example:"Two litres"`
		Completed   bool    `json:"completed" example:"false"`
		CreatedAt   string  `json:"created_at" format:"date-time" example:"2026-01-05T08:30:00.000001Z"`
		UpdatedAt   string  `json:"updated_at" format:"date-time" example:"2026-01-05T09:00:00.000000Z"`
	} // @name Task

	// wrappedList is a list in wrapped.
	wrappedList struct {
		Tasks []plainTask `json:"tasks"`
		// Of all that match the filter
		Total int `json:"total" minimum:"0" example:"1"`
		// Null on the last page
		NextCursor *string `json:"next_cursor" extensions:"x-nullable" example:"Zk2r1vY0aXMBmbH0yKJ9PppLXG1-j5oL"`
	} // @name TaskPage

	// message tells what was done.
	message struct {
		Message string `json:"message" example:"Task deleted successfully"`
	} // @name Message

	// envelopeTask is a task in envelope.
	envelopeTask struct {
		ID          string  `json:"id" format:"uuid" example:"0199b1f4-c8a2-7d3e-9a4b-5c6d7e8f9a0b"`
		UserID      string  `json:"userId" minLength:"1" maxLength:"255" example:"hk16bXHNa9P16Wf1Xz1uvvTjIwH5o5xd"`
		Title       string  `json:"title" minLength:"1" maxLength:"255" example:"Buy milk"`
		Description *string `json:"description" extensions:"x-nullable" maxLength:"1000" example:"Two litres"`
		Status      string  `json:"status" enums:"pending,completed" example:"pending"`
		CreatedAt   string  `json:"createdAt" format:"date-time" example:"2026-01-05T08:30:00.000001Z"`
		UpdatedAt   string  `json:"updatedAt" format:"date-time" example:"2026-01-05T09:00:00.000000Z"`
	} // @name Task

	// envelopeOne is the answer with one task in envelope.
	envelopeOne struct {
		Success bool             `json:"success" example:"true"`
		Data    envelopeTaskData `json:"data"`
		Task    envelopeTask     `json:"task"`
	} // @name TaskAnswer

	envelopeTaskData struct {
		envelopeTask
		Task envelopeTask `json:"task"`
	} // @name TaskData

	// envelopeList is a list in envelope.
	envelopeList struct {
		Success bool             `json:"success" example:"true"`
		Data    envelopeListData `json:"data"`
		Tasks   []envelopeTask   `json:"tasks"`
	} // @name TaskPage

	envelopeListData struct {
		Tasks []envelopeTask `json:"tasks"`
		// Null on the last page
		NextCursor *string `json:"nextCursor" extensions:"x-nullable" example:"Zk2r1vY0aXMBmbH0yKJ9PppLXG1-j5oL"`
	} // @name TaskPageData

	// envelopeMessage is a message in envelope.
	envelopeMessage struct {
		Success bool    `json:"success" example:"true"`
		Data    message `json:"data"`
	} // @name MessageAnswer
)
