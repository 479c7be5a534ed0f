// wrapped under the user's path; reads tasks, total and next_cursor of a list, page by page.
export function connect({ url, token, userID }) {
  class ApiClient {
    async request(endpoint, options = {}) {
      const response = await fetch(`${url}/api/${userID}${endpoint}`, { ...options, headers: this.headers() });
      if (!response.ok) {
        const problem = await response.json();
        throw new Error(problem.detail || "Something went wrong");
      }
      return response.json();
    }

    headers() {
      return { "Content-Type": "application/json", Authorization: `Bearer ${token}` };
    }

    async list() {
      const all = [];
      let cursor, expected;
      do {
        const query = new URLSearchParams({ limit: "2", ...(cursor && { cursor }) });
        const { tasks, total, next_cursor } = await this.request(`/tasks?${query}`);
        all.push(...tasks);
        [cursor, expected] = [next_cursor, total];
      } while (cursor !== null);
      if (all.length !== expected) throw new Error(`${all.length} tasks of ${expected}`);
      return all;
    }

    create(task) {
      return this.request("/tasks", { method: "POST", body: JSON.stringify(task) });
    }

    get(id) {
      return this.request(`/tasks/${id}`);
    }

    update(id, changes) {
      return this.request(`/tasks/${id}`, { method: "PUT", body: JSON.stringify(changes) });
    }

    toggle({ id, completed }) {
      return this.request(`/tasks/${id}/complete`, { method: "PATCH", body: JSON.stringify({ completed: !completed }) });
    }

    remove(id) {
      return this.request(`/tasks/${id}`, { method: "DELETE" });
    }
  }
  return new ApiClient();
}
