// The envelope dialect through openapi-typescript and openapi-fetch.
import createClient from "openapi-fetch";
import type { components, operations, paths } from "../generated/envelope/schema.js";
import { fromCamel, got } from "../contract.js";
import type { Account, Todo } from "../contract.js";
import type { CamelChanges, CamelCreate, CamelTask, Flat, Problem, Proven, Query, Same, TaskState } from "../contract.js";

const all = "/api/{user_id}/tasks";
const one = "/api/{user_id}/tasks/{id}";
const complete = "/api/{user_id}/tasks/{id}/complete";

type Schemas = components["schemas"];
type Operation = operations["listUserTasks"];

type EnvelopePage = {
  success: boolean;
  data: { tasks: CamelTask[]; nextCursor: string | null };
  tasks: CamelTask[];
};

export type Facts = Proven<
  [
    Same<Schemas["Task"], CamelTask>,
    Same<Schemas["TaskAnswer"]["task"], CamelTask>,
    Same<Schemas["TaskAnswer"]["data"]["task"], CamelTask>,
    Same<Omit<Schemas["TaskAnswer"]["data"], "task">, CamelTask>,
    Same<Schemas["MessageAnswer"], { success: boolean; data: { message: string } }>,
    Same<Schemas["TaskCreate"], Flat<CamelCreate>>,
    Same<Schemas["TaskUpdate"], CamelChanges>,
    Same<Schemas["TaskState"], TaskState>,
    Same<Schemas["Problem"], Problem>,
    Same<Operation["parameters"]["query"], Query | undefined>,
    Same<Operation["responses"][200]["content"]["application/json"], EnvelopePage>,
    Same<Operation["responses"][422]["content"]["application/json"], Problem>,
  ]
>;

export function connect({ url, token, userID: user_id }: Account): Todo {
  const api = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });
  return {
    async list(query) {
      const { tasks, nextCursor: next } = got(await api.GET(all, { params: { path: { user_id }, query } })).data;
      return { tasks: tasks.map(fromCamel), next };
    },
    async create(body) {
      return fromCamel(got(await api.POST(all, { params: { path: { user_id } }, body })).data);
    },
    async get(id) {
      return fromCamel(got(await api.GET(one, { params: { path: { user_id, id } } })).data);
    },
    async put(id, body) {
      return fromCamel(got(await api.PUT(one, { params: { path: { user_id, id } }, body })).data);
    },
    async patch(id, body) {
      return fromCamel(got(await api.PATCH(one, { params: { path: { user_id, id } }, body })).data);
    },
    async complete(id, body) {
      return fromCamel(got(await api.PATCH(complete, { params: { path: { user_id, id } }, body })).data);
    },
    async remove(id) {
      return got(await api.DELETE(one, { params: { path: { user_id, id } } })).data.message;
    },
  };
}
