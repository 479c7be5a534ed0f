// wrapped: {tasks, total}, values of <input type="datetime-local">, tags as one text with commas in both directions. Filters leave
// out what is not chosen, and changes are partial.
export function connect({ request }) {
  const write = ({ day, tags, ...rest }) => ({ ...rest, due_date: day && `${day}T09:30`, tags: tags?.join(", ") });
  return {
    async list({ sort_by: sort, sort_order: order, ...filters } = {}) {
      const { tasks, total } = await request("GET", `/tasks?${new URLSearchParams({ ...(sort && { sort, order }), ...filters })}`);
      if (total !== tasks.length) throw new Error(`${total} is not ${tasks.length}`);
      return tasks;
    },
    create: (task) => request("POST", "/tasks", write(task)),
    edit: ({ id }, changes) => request("PATCH", `/tasks/${id}`, write(changes)),
    clear: ({ id }) => request("PATCH", `/tasks/${id}`, { due_date: null, tags: "", priority: null }),
    complete: ({ id }) => request("PATCH", `/tasks/${id}/complete`),
    remove: ({ id }) => request("DELETE", `/tasks/${id}`),
    read: ({ title, completed, priority, due_date, tags }) => ({
      title,
      completed,
      priority,
      day: due_date && due_date.replace(/T09:30$/, ""),
      tags: tags ? tags.split(",") : [],
    }),
  };
}
