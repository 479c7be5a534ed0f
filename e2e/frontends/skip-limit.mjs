// plain under /api/tasks, with trailing slashes; reads the list by skip and limit, until a page is not full.
const limit = 2;

export function connect({ url, token }) {
  async function fetchTasks(path, options = {}) {
    const res = await fetch(`${url}/api/tasks/${path}`, {
      ...options,
      redirect: "error",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    });
    const body = await res.json();
    if (!res.ok) throw new Error(body.detail ?? res.statusText);
    return body;
  }

  async function list(skip = 0) {
    const page = await fetchTasks(`?${new URLSearchParams({ skip, limit })}`);
    return page.length < limit ? page : [...page, ...(await list(skip + limit))];
  }

  return {
    list: () => list(),
    create: (task) => fetchTasks("", { method: "POST", body: JSON.stringify(task) }),
    get: (id) => fetchTasks(`${id}/`),
    update: (id, changes) => fetchTasks(`${id}/`, { method: "PATCH", body: JSON.stringify(changes) }),
    toggle: ({ id, completed }) =>
      fetchTasks(`${id}/complete/`, { method: "PATCH", body: JSON.stringify({ completed: !completed }) }),
    remove: (id) => fetchTasks(`${id}/`, { method: "DELETE" }),
  };
}
