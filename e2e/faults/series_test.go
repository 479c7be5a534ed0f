//go:build faults

package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"todo-backend/middleware/token"
)

// seriesTask is what these tests look at.
type seriesTask struct {
	ID        string  `json:"id"`
	Title     string  `json:"title"`
	Completed bool    `json:"completed"`
	Parent    *string `json:"parent_task_id"`
	DueDate   string  `json:"due_date"`
}

// call sends one request of a user's, and decodes the answer where it is a success.
func (s *service) call(signed, method, path, body string, into any) error {
	req, err := http.NewRequest(method, s.url()+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+signed)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%d %s", res.StatusCode, content)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(content, into)
}

// TestKilledBetweenTwoWrites kills the service while recurring tasks are completed, and while bulk requests
// create tasks: of a completion and the next task there are both or neither, and so of a bulk request's tasks.
func TestKilledBetweenTwoWrites(t *testing.T) {
	t.Parallel()
	const together = 5
	eachDatabase(t, func(t *testing.T, source string) {
		s := newService(t, source)
		signed, err := token.ForDevelopment(secret, "ann", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		for round := range *rounds {
			s.start(t)
			var clients sync.WaitGroup
			for client := range 4 {
				clients.Go(func() {
					for i := 0; ; i++ {
						var made seriesTask
						name := fmt.Sprintf("series %d.%d.%d", round, client, i)
						err := s.call(signed, http.MethodPost, "/api/tasks", `{"title":"`+name+`","due_date":"2026-01-05","recurrence":"daily"}`, &made)
						if err == nil {
							err = s.call(signed, http.MethodPatch, "/api/tasks/"+made.ID+"/complete", "", nil)
						}
						bulk := fmt.Sprintf("bulk %d.%d.%d", round, client, i)
						several := `{"title":"` + bulk + `"}`
						for range together - 1 {
							several += `,{"title":"` + bulk + `"}`
						}
						if err == nil {
							err = s.call(signed, http.MethodPost, "/api/tasks/bulk", `{"tasks":[`+several+`]}`, nil)
						}
						if err != nil {
							return // it was killed
						}
					}
				})
			}
			time.Sleep(200*time.Millisecond + rand.N(800*time.Millisecond))
			s.kill()
			clients.Wait()
		}
		s.start(t)
		checkPairs(t, s, signed, together)
	})
}

// checkPairs reads all tasks, and looks for what was half done.
func checkPairs(t *testing.T, s *service, signed string, together int) {
	t.Helper()
	var all []seriesTask
	for offset := 0; ; offset += 1000 {
		var page []seriesTask
		if err := s.call(signed, http.MethodGet, fmt.Sprintf("/api/tasks?offset=%d", offset), "", &page); err != nil {
			t.Fatal(err)
		}
		all = append(all, page...)
		if len(page) < 1000 {
			break
		}
	}
	next, bulks, completions := map[string]int{}, map[string]int{}, 0
	for _, task := range all {
		if task.Parent != nil {
			next[*task.Parent]++
		}
		if task.DueDate == "" {
			bulks[task.Title]++
		}
	}
	for _, task := range all {
		switch {
		case task.DueDate == "" || task.Parent != nil:
		case task.Completed && next[task.ID] != 1, !task.Completed && next[task.ID] != 0:
			t.Errorf("%s: completed %v, %d next tasks", task.Title, task.Completed, next[task.ID])
		case task.Completed:
			completions++
		}
	}
	for name, n := range bulks {
		if n != together {
			t.Errorf("%s: %d of %d tasks", name, n, together)
		}
	}
	if completions == 0 || len(bulks) == 0 {
		t.Errorf("nothing was tried: %d completions, %d bulk requests", completions, len(bulks))
	}
}
