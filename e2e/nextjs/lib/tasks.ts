import { api } from "@/lib/api";

export type Task = { id: string; title: string; description: string | null; completed: boolean };

export const listTasks = () => api<Task[]>("/api/tasks");
export const createTask = (title: string) => api<Task>("/api/tasks", { method: "POST", body: JSON.stringify({ title }) });
export const completeTask = (id: string) => api<Task>(`/api/tasks/${id}/complete`, { method: "PATCH" });
export const deleteTask = (id: string) => api<{ message: string }>(`/api/tasks/${id}`, { method: "DELETE" });
