// plain under the user's path, PATCH …/complete. Reads every answer as JSON, that to DELETE too, and of an error its detail.
export function connect({ url, token, userID }) {
  const base = `${url}/api/${userID}/tasks`;

  async function request(path = "", init = {}) {
    const response = await fetch(base + path, {
      ...init,
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    });
    const data = await response.json();
    if (!response.ok) throw new Error(data.detail);
    return data;
  }

  return {
    list: () => request(),
    create: (task) => request("", { method: "POST", body: JSON.stringify(task) }),
    get: (id) => request(`/${id}`),
    update: (id, changes) => request(`/${id}`, { method: "PUT", body: JSON.stringify(changes) }),
    toggle: ({ id }) => request(`/${id}/complete`, { method: "PATCH" }),
    remove: async (id) => {
      const { message } = await request(`/${id}`, { method: "DELETE" });
      if (!message) throw new Error("no message");
    },
  };
}
