// envelope with trailing slashes; reads data.tasks and data.task, and of an error its error.
export function connect({ url, token, userID }) {
  const root = `${url}/api/${userID}/tasks/`;

  async function envelope(address, { method = "GET", body } = {}) {
    const response = await fetch(address, {
      method,
      redirect: "error",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
      body: body && JSON.stringify(body),
    });
    const result = await response.json();
    if (!result.success) throw new Error(result.error);
    return result.data;
  }

  const listOf = ({ tasks }) => tasks.map(toTask);
  const oneOf = ({ task }) => toTask(task);

  return {
    list: () => envelope(root).then(listOf),
    create: (task) => envelope(root, { method: "POST", body: task }).then(oneOf),
    get: (id) => envelope(`${root}${id}/`).then(oneOf),
    update: (id, changes) => envelope(`${root}${id}/`, { method: "PUT", body: changes }).then(oneOf),
    toggle: ({ id }) => envelope(`${root}${id}/complete/`, { method: "PATCH" }).then(oneOf),
    remove: (id) => envelope(`${root}${id}/`, { method: "DELETE" }),
  };
}

function toTask({ status, ...task }) {
  return { ...task, completed: status === "completed" };
}
