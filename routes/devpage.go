package routes

import (
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"todo-backend/config"
	"todo-backend/docs"
	"todo-backend/ent/task"
)

// pageSettings are given to the development page as JSON: how this deployment writes tasks.
type pageSettings struct {
	Token string `json:"token,omitempty"` // of the user dev; empty: the page asks for one

	Base      string           `json:"base"`      // BASE_PATH
	Addresses []string         `json:"addresses"` // of the tasks, below the base, API_PATHS first; {user_id} stands in some
	Format    config.Format    `json:"format"`
	Tags      config.TagFormat `json:"tags"`
	// Names are those of fields in answers and in bodies, by the names in snake_case. A field that answers
	// lack has an empty one.
	Names      map[string]string `json:"names"`
	Next       string            `json:"next"`    // the name of the next page's cursor in a list
	Further    []string          `json:"further"` // API_FIELDS
	States     []string          `json:"states"`
	Priorities []string          `json:"priorities"` // the most urgent first
}

// pageFields are the fields that the development page reads and writes.
var pageFields = []string{
	"id", task.FieldTitle, task.FieldDescription, task.FieldCompleted, fieldStatus, task.FieldPriority, task.FieldDueDate, task.FieldTags,
}

// page returns the settings of the development page, without a token.
func (r resources) page() pageSettings {
	p := pageSettings{
		Base:       r.cfg.BasePath,
		Format:     r.cfg.Format,
		Tags:       r.cfg.Tags,
		Names:      map[string]string{},
		Next:       r.tasks.table.Case("next_cursor"),
		Further:    append([]string{}, r.cfg.Fields...),
		States:     stateWords,
		Priorities: priorityWords,
	}
	for _, name := range pageFields {
		p.Names[name] = r.tasks.table.AnswerName(name)
	}
	for _, mount := range r.cfg.Mounts {
		if mount.Query == "" {
			p.Addresses = append(p.Addresses, mount.Path)
		}
	}
	p.Addresses = append(p.Addresses, "/api/tasks", "/api/{user_id}/tasks")
	return p
}

// servePage answers with the development page, which holds a token if the request may have one (see
// [developmentToken]). Pages of other origins can't read it, whatever CORS allows for the API.
func servePage(settings pageSettings, token developmentToken) fiber.Handler {
	page := docs.NewPage()
	return func(c *fiber.Ctx) error {
		own := settings
		own.Token, _ = token(c)
		text, err := json.Marshal(own)
		if err != nil {
			return err
		}
		closeToOtherOrigins(c)
		c.Set(fiber.HeaderContentSecurityPolicy, page.Policy)
		c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
		c.Set("Cross-Origin-Opener-Policy", "same-origin")
		return c.Type("html", "utf-8").Send(page.With(text))
	}
}

// closeToOtherOrigins has browsers keep the answer from pages of other origins, whatever CORS allows for the API.
func closeToOtherOrigins(c *fiber.Ctx) {
	c.Response().Header.Del(fiber.HeaderAccessControlAllowOrigin)
	c.Response().Header.Del(fiber.HeaderAccessControlAllowCredentials)
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
}
