// plain: a bare list, dates of <input type="date">, tags as an array. Every change is a PUT of the whole task as it was fetched,
// beside which the state of the page keeps further names that are stale by then.
export function connect({ request, fetchList }) {
  const stale = (task) => ({ ...task, isCompleted: task.completed, dueDate: task.due_date, labels: task.tags });
  return {
    list: (filters = {}) => fetchList(`/tasks?${new URLSearchParams({ search: "", priority: "all", status: "all", sort_by: "created_at", sort_order: "desc", page: 1, page_size: 50, ...filters })}`),
    create: ({ title, day, tags, ...rest }) => request("POST", "/tasks", { title, due_date: day, tags, ...rest }),
    edit: (task, { day, tags, priority }) => request("PUT", `/tasks/${task.id}`, { ...stale(task), due_date: day, tags, priority }),
    clear: (task) => request("PUT", `/tasks/${task.id}`, { ...stale(task), due_date: "", tags: [], priority: "none" }),
    complete: (task) => request("PUT", `/tasks/${task.id}`, { ...stale(task), completed: true }),
    remove: ({ id }) => request("DELETE", `/tasks/${id}`),
    read: ({ title, completed, priority, due_date: day, tags }) => ({ title, completed, priority, day, tags }),
  };
}
