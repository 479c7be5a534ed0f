// Package docs holds the documentation of the API: a document for each dialect, made from the comments on the handlers,
// and Swagger UI to read it with.
package docs

import (
	"embed"
	"io/fs"

	swaggerui "github.com/swaggo/files/v2"

	"todo-backend/config"
)

//go:generate go run ./generate

//go:embed plain wrapped envelope ui
var own embed.FS

// Files returns what reads the files that are served under /docs, by name: the page itself is index.html. The page needs nothing
// from elsewhere. Together they are 2 MB, which nobody may ever ask for.
func Files(format config.Format) map[string]func() []byte {
	return map[string]func() []byte{
		"index.html":           read(own, "ui/index.html"),
		"init.js":              read(own, "ui/init.js"),
		"openapi.json":         read(own, string(format)+"/openapi.json"),
		"doc.json":             read(own, string(format)+"/doc.json"),
		"swagger-ui.css":       read(swaggerui.FS, "swagger-ui.css"),
		"swagger-ui-bundle.js": read(swaggerui.FS, "swagger-ui-bundle.js"),
		"favicon-32x32.png":    read(swaggerui.FS, "favicon-32x32.png"),
	}
}

// read returns what reads a file. It panics where the program was built without it.
func read(files fs.FS, name string) func() []byte {
	return func() []byte {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			panic("documentation: " + err.Error())
		}
		return content
	}
}
