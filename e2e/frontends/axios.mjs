// plain under the user's path on axios, whose interceptors add the token and turn an answer into its data.
import axios from "axios";

export function connect({ url, token, userID }) {
  const api = axios.create({ baseURL: url, headers: { "Content-Type": "application/json" } });
  api.interceptors.request.use((config) => {
    config.headers.Authorization = `Bearer ${token}`;
    return config;
  });
  api.interceptors.response.use(
    ({ data }) => data,
    ({ response, message }) => Promise.reject(new Error(response?.data?.detail ?? message)),
  );
  const path = (id = "") => `/api/${userID}/tasks/${id}`;

  return {
    list: () => api.get(path(), { params: { status: "all", sort: "created_at", order: "desc" } }),
    create: (task) => api.post(path(), task),
    get: (id) => api.get(path(id)),
    update: (id, changes) => api.put(path(id), changes),
    toggle: ({ id }) => api.patch(`${path(id)}/complete`),
    remove: (id) => api.delete(path(id)),
  };
}
