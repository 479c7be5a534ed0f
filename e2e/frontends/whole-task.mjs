// plain under the user's path; every change is a PUT of the whole task as it was fetched, id, owner and times included.
export function connect({ url, token, userID }) {
  const call = async (method, path, body) => {
    const response = await fetch(`${url}/api/${userID}/tasks${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(body && { "Content-Type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const result = text ? JSON.parse(text) : {};
    if (!response.ok) throw new Error(typeof result.detail === "string" ? result.detail : "Unknown error");
    return result;
  };
  const get = (id) => call("GET", `/${id}`);
  const save = (task) => call("PUT", `/${task.id}`, task);

  return {
    get,
    list: () => call("GET", ""),
    create: (task) => call("POST", "", { user_id: userID, completed: false, ...task }),
    update: async (id, changes) => save({ ...(await get(id)), ...changes }),
    toggle: (task) => save({ ...task, completed: !task.completed }),
    remove: (id) => call("DELETE", `/${id}`),
  };
}
