// plain under /api/tasks, PATCH …/toggle. Sends no Content-Type and shows the error of an error.
export function connect({ url, token }) {
  const api = async (method, path, body) => {
    const res = await fetch(`${url}/api/tasks${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}` },
      body: body ? JSON.stringify(body) : undefined,
    });
    if (!res.ok) {
      const { error } = await res.json();
      throw new Error(error);
    }
    return res;
  };
  const json = async (...args) => (await api(...args)).json();

  return {
    list: () => json("GET", ""),
    create: (task) => json("POST", "", task),
    get: (id) => json("GET", `/${id}`),
    update: (id, changes) => json("PATCH", `/${id}`, changes),
    toggle: ({ id }) => json("PATCH", `/${id}/toggle`),
    remove: (id) => api("DELETE", `/${id}`),
  };
}
