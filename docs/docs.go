// Package docs holds the documentation of the API: a document for each dialect, made from the comments on the handlers,
// and Swagger UI to read it with.
package docs

import (
	"embed"
	"io/fs"
	"sync"

	swaggerui "github.com/swaggo/files/v2"
)

//go:generate go run ./generate

//go:embed ui
var own embed.FS

// ownOperations is what swag writes of the comments on the handlers.
//
//go:embed operations.json
var ownOperations []byte

// Files returns what reads the files that are served under /docs, by name: the page itself is
// index.html. The page needs nothing from elsewhere. Together they are 2 MB, which nobody may ever ask
// for.
func Files(api API) map[string]func() []byte {
	documents := sync.OnceValues(func() (swagger, openAPI []byte) {
		swagger, openAPI, err := Documents(nil, api)
		if err != nil {
			panic("documentation: " + err.Error()) // of what was generated
		}
		return swagger, openAPI
	})
	return map[string]func() []byte{
		"index.html": read(own, "ui/index.html"),
		"init.js":    read(own, "ui/init.js"),
		"openapi.json": func() []byte {
			_, openAPI := documents()
			return openAPI
		},
		"doc.json": func() []byte {
			swagger, _ := documents()
			return swagger
		},
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
