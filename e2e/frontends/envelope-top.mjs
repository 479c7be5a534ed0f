// envelope with trailing slashes; reads tasks and task beside success, and changes a task's status by PUT.
export function connect({ url, token, userID }) {
  const request = async (method, path, body) => {
    const response = await fetch(`${url}/api/${userID}/tasks/${path}`, {
      method,
      redirect: "error",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok || !answer.success) throw new Error(answer.error || "Request failed");
    return answer;
  };
  const shown = (task) => ({ ...task, completed: { pending: false, completed: true }[task.status] });
  const one = async (...call) => shown((await request(...call)).task);

  return {
    list: async () => (await request("GET", "")).tasks.map(shown),
    create: (task) => one("POST", "", task),
    get: (id) => one("GET", `${id}/`),
    update: (id, changes) => one("PUT", `${id}/`, changes),
    toggle: ({ id, status }) => one("PUT", `${id}/`, { status: status === "pending" ? "completed" : "pending" }),
    remove: (id) => request("DELETE", `${id}/`),
  };
}
