// plain under /api/tasks, PATCH …/status with the state that is wanted. Reads JSON where the Content-Type says so.
export function connect({ url, token }) {
  const headers = new Headers({ Authorization: `Bearer ${token}`, Accept: "application/json" });

  async function handle(response) {
    const isJSON = response.headers.get("content-type")?.includes("application/json");
    const payload = isJSON ? await response.json() : null;
    if (response.ok) return payload;
    throw new Error(payload?.detail || payload?.message || `HTTP ${response.status}`);
  }

  function send(method, path, body) {
    const withType = new Headers(headers);
    withType.set("Content-Type", "application/json");
    return fetch(url + path, { method, headers: withType, body: JSON.stringify(body) }).then(handle);
  }

  return {
    list: () => fetch(`${url}/api/tasks?status=all`, { headers }).then(handle),
    create: ({ title, description }) => send("POST", "/api/tasks", { title, description, status: "pending" }),
    get: (id) => fetch(`${url}/api/tasks/${id}`, { headers }).then(handle),
    update: (id, changes) => send("PUT", `/api/tasks/${id}`, changes),
    toggle: ({ id, completed }) =>
      send("PATCH", `/api/tasks/${id}/status`, { status: completed ? "pending" : "completed" }),
    remove: (id) => fetch(`${url}/api/tasks/${id}`, { method: "DELETE", headers }).then(handle),
  };
}
