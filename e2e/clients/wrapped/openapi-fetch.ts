// The wrapped dialect through openapi-typescript and openapi-fetch.
import createClient from "openapi-fetch";
import type { components, operations, paths } from "../generated/wrapped/schema.js";
import { fromSnake, got, toSnake } from "../contract.js";
import type { Account, Todo } from "../contract.js";
import type { Flat, Problem, Proven, Query, Same, SnakeChanges, SnakeCreate, SnakeTask, TaskState } from "../contract.js";

const all = "/api/{user_id}/tasks";
const one = "/api/{user_id}/tasks/{id}";
const complete = "/api/{user_id}/tasks/{id}/complete";

type Schemas = components["schemas"];
type Operation = operations["listUserTasks"];

type WrappedPage = { tasks: SnakeTask[]; total: number; next_cursor: string | null };

export type Facts = Proven<
  [
    Same<Schemas["Task"], SnakeTask>,
    Same<Schemas["Message"], { message: string }>,
    Same<Schemas["TaskCreate"], Flat<SnakeCreate>>,
    Same<Schemas["TaskUpdate"], SnakeChanges>,
    Same<Schemas["TaskState"], TaskState>,
    Same<Schemas["Problem"], Problem>,
    Same<Operation["parameters"]["query"], Query | undefined>,
    Same<Operation["responses"][200]["content"]["application/json"], WrappedPage>,
    Same<Operation["responses"][422]["content"]["application/json"], Problem>,
  ]
>;

export function connect({ url, token, userID: user_id }: Account): Todo {
  const api = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });
  return {
    async list(query) {
      const { tasks, next_cursor: next } = got(await api.GET(all, { params: { path: { user_id }, query } }));
      return { tasks: tasks.map(fromSnake), next };
    },
    async create(task) {
      const body = { ...toSnake(task), title: task.title };
      return fromSnake(got(await api.POST(all, { params: { path: { user_id } }, body })));
    },
    async get(id) {
      return fromSnake(got(await api.GET(one, { params: { path: { user_id, id } } })));
    },
    async put(id, changes) {
      const body = toSnake(changes);
      return fromSnake(got(await api.PUT(one, { params: { path: { user_id, id } }, body })));
    },
    async patch(id, changes) {
      const body = toSnake(changes);
      return fromSnake(got(await api.PATCH(one, { params: { path: { user_id, id } }, body })));
    },
    async complete(id, body) {
      return fromSnake(got(await api.PATCH(complete, { params: { path: { user_id, id } }, body })));
    },
    async remove(id) {
      return got(await api.DELETE(one, { params: { path: { user_id, id } } })).message;
    },
  };
}
