// The envelope dialect through @hey-api/openapi-ts.
import { createClient } from "../generated/envelope/sdk/client/index.js";
import * as sdk from "../generated/envelope/sdk/index.js";
import { fromCamel, got } from "../contract.js";
import type { Account, Todo } from "../contract.js";
import type { CamelChanges, CamelCreate, CamelTask, Flat, Problem, Proven, Query, Same, TaskState } from "../contract.js";

type EnvelopePage = {
  success: boolean;
  data: { tasks: CamelTask[]; nextCursor: string | null };
  tasks: CamelTask[];
};

export type Facts = Proven<
  [
    Same<sdk.Task, CamelTask>,
    Same<sdk.TaskAnswer["task"], CamelTask>,
    Same<sdk.TaskAnswer["data"]["task"], CamelTask>,
    Same<Omit<sdk.TaskAnswer["data"], "task">, CamelTask>,
    Same<sdk.MessageAnswer, { success: boolean; data: { message: string } }>,
    Same<sdk.TaskCreate, Flat<CamelCreate>>,
    Same<sdk.TaskUpdate, CamelChanges>,
    Same<sdk.TaskState, TaskState>,
    Same<sdk.Problem, Problem>,
    Same<sdk.ListTasksData["query"], Query | undefined>,
    Same<sdk.ListTasksResponse, EnvelopePage>,
    Same<sdk.ListTasksError, Problem>,
  ]
>;

export function connect({ url, token }: Account): Todo {
  const client = createClient({ baseUrl: url, auth: token });
  return {
    async list(query) {
      const { tasks, nextCursor: next } = got(await sdk.listTasks({ client, query })).data;
      return { tasks: tasks.map(fromCamel), next };
    },
    async create(body) {
      return fromCamel(got(await sdk.createTask({ client, body })).data);
    },
    async get(id) {
      return fromCamel(got(await sdk.getTask({ client, path: { id } })).data);
    },
    async put(id, body) {
      return fromCamel(got(await sdk.putTask({ client, path: { id }, body })).data);
    },
    async patch(id, body) {
      return fromCamel(got(await sdk.updateTask({ client, path: { id }, body })).data);
    },
    async complete(id, body) {
      return fromCamel(got(await sdk.completeTask({ client, path: { id }, body })).data);
    },
    async remove(id) {
      return got(await sdk.deleteTask({ client, path: { id } })).data.message;
    },
  };
}
