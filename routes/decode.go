package routes

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"todo-backend/ent/task"
)

// These types are the documentation of the bodies. They are not what is decoded into, since they can't tell an absent field
// from a null, or a wrong one from the next: see jsonObject. No field has a default in them, for generators of typed clients
// would require it.
//
//nolint:unused // swag reads them
type (
	// @Description	A new task, pending unless it says otherwise. Its state is given as `status` or as `completed` (also `is_completed`); if as both they must agree.
	taskCreate struct {
		// White space at both ends is taken away first
		Title       string  `json:"title" minLength:"1" maxLength:"255" example:"Buy milk"`
		Description *string `json:"description,omitempty" extensions:"x-nullable" maxLength:"1000" example:"Two litres"`
		Status      string  `json:"status,omitempty" enums:"pending,completed" example:"pending"`
		Completed   bool    `json:"completed,omitempty" example:"false"`
	} // @name TaskCreate

	// @Description	The fields to change; absent ones stay. The state is given as in a new task.
	taskUpdate struct {
		// White space at both ends is taken away first
		Title string `json:"title,omitempty" minLength:"1" maxLength:"255" example:"Buy milk"`
		// Null removes it
		Description *string `json:"description,omitempty" extensions:"x-nullable" maxLength:"1000" example:"Three litres"`
		Status      string  `json:"status,omitempty" enums:"pending,completed" example:"completed"`
		Completed   bool    `json:"completed,omitempty" example:"true"`
	} // @name TaskUpdate

	// @Description	The state, as `status` or as `completed` (also `is_completed`); if as both they must agree.
	taskState struct {
		Status    string `json:"status,omitempty" enums:"pending,completed" example:"completed"`
		Completed bool   `json:"completed,omitempty" example:"true"`
	} // @name TaskState
)

// taskInput is what a body says about a task. A nil field is absent from it.
type taskInput struct {
	title       *string
	description *nullable
	completed   *bool
}

// nullable is a value that a body gives, or null.
type nullable struct{ value *string }

// namesAny reports whether the body names any field of a task.
func (in taskInput) namesAny() bool {
	return in.title != nil || in.description != nil || in.completed != nil
}

// decodeTask reads a task from the body: title, description, status, completed. Other fields are ignored, as clients send
// back the whole task that they read; but not another user's id. A new task needs a title. It returns every broken rule as
// invalid.
func decodeTask(c *fiber.Ctx, userID string, isNew bool) (taskInput, error) {
	object, err := decodeObject(c)
	if err != nil {
		return taskInput{}, err
	}
	var broken invalid
	if _, ok := object["title"]; isNew && !ok {
		broken.add("title", "required", "is required")
	}
	in := taskInput{
		title:       object.title(&broken),
		description: object.description(&broken),
		completed:   object.completed(&broken),
	}
	object.checkOwner(userID, &broken)
	return in, broken.orNil()
}

// decodeState reads the state that a body sets; nil where there is no body or none is named.
func decodeState(c *fiber.Ctx, userID string) (*bool, error) {
	if len(c.Request().Body()) == 0 {
		return nil, nil
	}
	object, err := decodeObject(c)
	if err != nil {
		return nil, err
	}
	var broken invalid
	completed := object.completed(&broken)
	object.checkOwner(userID, &broken)
	return completed, broken.orNil()
}

// jsonObject is a JSON object whose values are not decoded yet.
type jsonObject map[string]json.RawMessage

// decodeObject reads the body as JSON whatever its type says, since fetch calls a string text/plain; forms and encoded
// bodies alone are refused as what they are.
func decodeObject(c *fiber.Ctx) (jsonObject, error) {
	if err := checkContentType(c); err != nil {
		return nil, err
	}
	body := c.Request().Body()
	if !isText(body) {
		return nil, invalid{{Code: "text", Detail: "The body must be valid UTF-8 and contain no unpaired surrogate"}}
	}
	var object jsonObject
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return nil, invalid{{Code: "json", Detail: "The body must be a JSON object"}}
	}
	return object, nil
}

func checkContentType(c *fiber.Ctx) error {
	if coding := c.Get(fiber.HeaderContentEncoding); coding != "" && !strings.EqualFold(coding, "identity") {
		c.Set(fiber.HeaderAcceptEncoding, "identity") // RFC 9110, section 12.5.3
		return fiber.NewError(fiber.StatusUnsupportedMediaType, "The body may not be compressed")
	}
	mediaType, _, _ := strings.Cut(strings.ToLower(c.Get(fiber.HeaderContentType)), ";")
	switch strings.TrimSpace(mediaType) {
	case fiber.MIMEApplicationForm, fiber.MIMEMultipartForm:
		return fiber.NewError(fiber.StatusUnsupportedMediaType, "The body must be JSON, not a form: send Content-Type: application/json")
	}
	return nil
}

func (o jsonObject) title(broken *invalid) *string {
	title, ok := o.text("title", broken)
	if !ok {
		return nil
	}
	title = strings.TrimSpace(title)
	if err := task.TitleValidator(title); err != nil {
		broken.add("title", "length", "%v", err)
	}
	return &title
}

func (o jsonObject) description(broken *invalid) *nullable {
	raw, ok := o["description"]
	if !ok {
		return nil
	}
	if isNull(raw) {
		return &nullable{}
	}
	description, ok := o.text("description", broken)
	if !ok {
		return nil
	}
	if err := task.DescriptionValidator(description); err != nil {
		broken.add("description", "length", "%v", err)
	}
	return &nullable{&description}
}

// text is the string in a field, if there is one and it is not broken.
func (o jsonObject) text(field string, broken *invalid) (text string, ok bool) {
	raw, ok := o[field]
	if !ok {
		return "", false
	}
	text, ok = parseString(raw)
	if !ok {
		broken.add(field, "type", "must be a string")
		return "", false
	}
	if strings.ContainsRune(text, 0) {
		broken.add(field, "text", "must not contain a NUL character")
		return "", false
	}
	return text, true
}

// parseString decodes a value of a body that isText if it is a string. There is no white space around it, and most have no
// escapes: they are what stands between the quotes.
func parseString(raw json.RawMessage) (text string, ok bool) {
	if raw[0] != '"' {
		return "", false
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), true
	}
	var unescaped string
	err := json.Unmarshal(raw, &unescaped)
	return unescaped, err == nil
}

// completed is the state that the body gives under any of its names, which must agree.
func (o jsonObject) completed(broken *invalid) *bool {
	var state *bool
	for _, field := range []string{"status", "completed", "is_completed"} {
		raw, ok := o[field]
		if !ok {
			continue
		}
		given, ok := parseState(field, raw)
		switch {
		case !ok && field == "status":
			broken.add(field, "enum", `must be "pending" or "completed"`)
		case !ok:
			broken.add(field, "type", "must be true or false")
		case state != nil && *state != given:
			broken.add(field, "conflict", "contradicts another field of the body")
		default:
			state = &given
		}
	}
	return state
}

func parseState(field string, raw json.RawMessage) (completed, ok bool) {
	if field != "status" {
		completed = string(raw) == "true"
		return completed, completed || string(raw) == "false"
	}
	status, _ := parseString(raw)
	return status == statusCompleted, status == statusCompleted || status == statusPending
}

// checkOwner refuses a body that names another user: the user comes from the token alone.
func (o jsonObject) checkOwner(userID string, broken *invalid) {
	for _, field := range []string{"user_id", "userId"} {
		raw, ok := o[field]
		if !ok {
			continue
		}
		if owner, ok := parseString(raw); !ok || owner != userID {
			broken.add(field, "owner", "must be the user of the token, or absent")
		}
	}
}

func isNull(raw json.RawMessage) bool { return bytes.Equal(raw, []byte("null")) }

// isText reports whether body is UTF-8 whose \u escapes are Unicode too: encoding/json would silently write U+FFFD for
// what is not.
func isText(body []byte) bool {
	if !utf8.Valid(body) {
		return false
	}
	escape := bytes.IndexByte(body, '\\')
	if escape < 0 {
		return true
	}
	for i := escape; i+1 < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		i++ // past the character escaped
		if body[i] != 'u' {
			continue
		}
		first := escapedUnit(body[i-1:])
		if !utf16.IsSurrogate(first) {
			continue
		}
		if utf16.DecodeRune(first, escapedUnit(body[min(i+5, len(body)):])) == utf8.RuneError {
			return false
		}
		i += 10 // past the second one
	}
	return true
}

// escapedUnit is the code unit that s starts with as \uXXXX; -1 where it does not.
func escapedUnit(s []byte) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	var unit rune
	for _, digit := range s[2:6] {
		value := strings.IndexByte("0123456789abcdef", digit|0x20)
		if value < 0 {
			return -1
		}
		unit = unit<<4 | rune(value) //nolint:gosec // one digit
	}
	return unit
}
