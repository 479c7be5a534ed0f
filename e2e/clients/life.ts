// The life of a task, through whichever client.
import assert from "node:assert/strict";
import { Refusal, type Query, type Task, type Todo } from "./contract.js";

// live leaves no task behind.
export async function live(todo: Todo, userID: string): Promise<void> {
  const created = await todo.create({ title: "  Buy milk ", description: "Two litres" });
  const { id, createdAt, updatedAt } = created;
  assert.match(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  const milk = { title: "Buy milk", description: "Two litres" };
  assert.deepEqual(created, { id, userID, ...milk, completed: false, createdAt, updatedAt });
  assert.deepEqual(await todo.list(), { tasks: [created], next: null });
  await change(todo, created);
  await page(todo, id);
  await refuse(todo, id);
  assert.equal(await todo.remove(id), "Task deleted successfully");
  assert.deepEqual(await todo.list(), { tasks: [], next: null });
  await assert.rejects(todo.get(id), refusal(404, "Task not found"));
}

async function change(todo: Todo, created: Task): Promise<void> {
  const { id } = created;
  let last = created;
  const becomes = async (answer: Promise<Task>, difference: Partial<Task>) => {
    const now = await answer;
    assert.deepEqual(now, { ...last, ...difference, updatedAt: now.updatedAt });
    assert.ok(now.updatedAt > last.updatedAt, `${now.updatedAt} is not after ${last.updatedAt}`);
    assert.deepEqual(await todo.get(id), now);
    last = now;
  };
  await becomes(todo.put(id, { title: "Buy oat milk" }), { title: "Buy oat milk" });
  await becomes(todo.patch(id, { description: null }), { description: null });
  await becomes(todo.complete(id), { completed: true });
  await becomes(todo.complete(id), { completed: false });
  await becomes(todo.complete(id, { status: "completed" }), { completed: true });
  await becomes(todo.complete(id, { completed: true }), { completed: true });
  await becomes(todo.put(id, { status: "pending" }), { completed: false });
  await becomes(todo.patch(id, { completed: true }), { completed: true });
}

// page walks through a list of three, among which is the completed task with this id.
async function page(todo: Todo, completedID: string): Promise<void> {
  const apples = await todo.create({ title: "Apples" });
  const bread = await todo.create({ title: "Bread", status: "pending", completed: false });
  const ids = ({ tasks }: { tasks: Task[] }) => tasks.map(({ id }) => id);

  const query: Query = { sort: "title", order: "asc", limit: 2 };
  const first = await todo.list(query);
  assert.deepEqual(ids(first), [apples.id, bread.id]);
  assert.ok(first.next !== null, "there is a next page");
  const last = await todo.list({ ...query, cursor: first.next });
  assert.deepEqual({ ids: ids(last), next: last.next }, { ids: [completedID], next: null });
  assert.deepEqual(ids(await todo.list({ ...query, offset: 1 })), [bread.id, completedID]);
  assert.deepEqual(ids(await todo.list({ status: "completed" })), [completedID]);

  for (const { id } of [apples, bread]) await todo.remove(id);
}

async function refuse(todo: Todo, id: string): Promise<void> {
  const wrong = { title: "x".repeat(256), description: "y".repeat(1001) };
  await assert.rejects(todo.create({ title: " " }), refusal(422, "Title must have 1 to 255 characters", "title"));
  await assert.rejects(todo.patch(id, wrong), refusal(422, /Title.*; Description/, "title", "description"));
  await assert.rejects(todo.list({ limit: 1001 }), refusal(422, /^Limit/, "limit"));
  await assert.rejects(todo.complete("no-id"), refusal(404, "Task not found"));
}

// refusal checks that an error is one with this status and detail, about these fields.
function refusal(status: number, detail: string | RegExp, ...fields: string[]) {
  return (error: unknown) => {
    assert.ok(error instanceof Refusal, `${error}`);
    const { problem } = error;
    assert.deepEqual([problem.status, problem.success, problem.error], [status, false, problem.detail]);
    assert.match(problem.detail, detail instanceof RegExp ? detail : new RegExp(`^${detail}$`));
    assert.deepEqual(problem.errors?.map(({ field }) => field) ?? [], fields);
    return true;
  };
}
