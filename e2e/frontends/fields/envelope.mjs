// envelope in camelCase: due dates by toISOString(), tags as objects with a colour, filters in camelCase.
export function connect({ request }) {
  const write = ({ day, tags, ...rest }) => ({
    ...rest,
    dueDate: day && new Date(`${day}T09:30:00Z`).toISOString(),
    tags: tags?.map((name) => ({ name, color: "#3b82f6" })),
  });
  const camel = (filters) => Object.entries(filters).map(([name, value]) => [name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()), value]);
  return {
    list: async (filters = {}) => (await request("GET", `/tasks?${new URLSearchParams(camel(filters))}`)).data.tasks,
    create: async (task) => (await request("POST", "/tasks", write(task))).data.task,
    edit: async ({ id }, changes) => (await request("PUT", `/tasks/${id}`, write(changes))).data.task,
    clear: async ({ id }) => (await request("PUT", `/tasks/${id}`, { dueDate: null, tags: [], priority: "none" })).task,
    complete: async ({ id }) => (await request("PATCH", `/tasks/${id}/status`, { status: "completed" })).task,
    remove: ({ id }) => request("DELETE", `/tasks/${id}`),
    read: ({ title, status, priority, dueDate, tags }) => ({
      title,
      completed: status === "completed",
      priority,
      day: dueDate && dueDate.replace(/T09:30:00\.000Z$/, ""),
      tags: tags.map(({ name }) => name),
    }),
  };
}
