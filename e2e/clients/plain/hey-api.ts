// The plain dialect through @hey-api/openapi-ts.
import { createClient } from "../generated/plain/sdk/client/index.js";
import * as sdk from "../generated/plain/sdk/index.js";
import { fromSnake, got, nextCursor, toSnake } from "../contract.js";
import type { Account, Todo } from "../contract.js";
import type { Flat, Problem, Proven, Query, Same, SnakeChanges, SnakeCreate, SnakeTask, TaskState } from "../contract.js";

export type Facts = Proven<
  [
    Same<sdk.Task, SnakeTask>,
    Same<sdk.Message, { message: string }>,
    Same<sdk.TaskCreate, Flat<SnakeCreate>>,
    Same<sdk.TaskUpdate, SnakeChanges>,
    Same<sdk.TaskState, TaskState>,
    Same<sdk.Problem, Problem>,
    Same<sdk.ListTasksData["query"], Query | undefined>,
    Same<sdk.ListTasksResponse, SnakeTask[]>,
    Same<sdk.ListTasksError, Problem>,
  ]
>;

export function connect({ url, token }: Account): Todo {
  const client = createClient({ baseUrl: url, auth: token });
  return {
    async list(query) {
      const answer = await sdk.listTasks({ client, query });
      return { tasks: got(answer).map(fromSnake), next: nextCursor(answer.response) };
    },
    async create(task) {
      const body = { ...toSnake(task), title: task.title };
      return fromSnake(got(await sdk.createTask({ client, body })));
    },
    async get(id) {
      return fromSnake(got(await sdk.getTask({ client, path: { id } })));
    },
    async put(id, changes) {
      const body = toSnake(changes);
      return fromSnake(got(await sdk.putTask({ client, path: { id }, body })));
    },
    async patch(id, changes) {
      const body = toSnake(changes);
      return fromSnake(got(await sdk.updateTask({ client, path: { id }, body })));
    },
    async complete(id, body) {
      return fromSnake(got(await sdk.completeTask({ client, path: { id }, body })));
    },
    async remove(id) {
      return got(await sdk.deleteTask({ client, path: { id } })).message;
    },
  };
}
