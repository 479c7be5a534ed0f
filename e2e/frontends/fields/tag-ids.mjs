// plain with tags as objects: makes tags before it needs them and sends their ids, {task: …} around bodies, and the state as words
// of its own.
export function connect({ request, fetchList }) {
  const idOf = async (name) => (await request("POST", "/tags", { name, color: "#3b82f6" })).id;
  const write = async ({ day, tags, ...rest }) => ({
    task: { ...rest, deadline: day, tag_ids: tags && (await Promise.all(tags.map(idOf))) },
  });
  return {
    list: ({ search, ...filters } = {}) => fetchList(`/tasks?${new URLSearchParams({ ...filters, ...(search && { q: search }) })}`),
    create: async (task) => request("POST", "/tasks", await write(task)),
    edit: async ({ id }, changes) => request("PATCH", `/tasks/${id}`, await write(changes)),
    clear: ({ id }) => request("PATCH", `/tasks/${id}`, { task: { deadline: "", tag_ids: [], priority: "" } }),
    complete: ({ id }) => request("PATCH", `/tasks/${id}`, { task: { state: "Done" } }),
    remove: ({ id }) => request("DELETE", `/tasks/${id}`),
    read: ({ title, completed, priority, due_date: day, tags }) => ({ title, completed, priority, day, tags: tags.map(tagName) }),
  };
}

function tagName({ name, color }) {
  if (color !== "#3b82f6") throw new Error(`${name} is ${color}`);
  return name;
}
