// plain under the user's path; ticks a task off by a PUT of {completed} alone.
export function connect({ url, token, userID }) {
  const tasks = `${url}/api/${encodeURIComponent(userID)}/tasks`;
  const authorization = { Authorization: `Bearer ${token}` };
  const json = { ...authorization, "Content-Type": "application/json" };

  async function ok(response) {
    if (response.ok) return response;
    const error = await response.json().catch(() => ({ detail: "Request failed" }));
    throw new Error(error.detail);
  }

  async function put(id, changes) {
    const response = await fetch(`${tasks}/${id}`, { method: "PUT", headers: json, body: JSON.stringify(changes) });
    return (await ok(response)).json();
  }

  return {
    async list() {
      return (await ok(await fetch(tasks, { headers: authorization }))).json();
    },
    async create(task) {
      const response = await fetch(tasks, { method: "POST", headers: json, body: JSON.stringify(task) });
      return (await ok(response)).json();
    },
    async get(id) {
      return (await ok(await fetch(`${tasks}/${id}`, { headers: authorization }))).json();
    },
    update: put,
    toggle: ({ id, completed }) => put(id, { completed: !completed }),
    async remove(id) {
      await ok(await fetch(`${tasks}/${id}`, { method: "DELETE", headers: authorization }));
    },
  };
}
