// The life of a task, through whichever client.
import assert from "node:assert/strict";
import { Refusal, type Changes, type Query, type Task, type Todo } from "./contract.js";

// fresh is what a task has that nobody said anything of.
const fresh = {
  completed: false,
  status: "pending",
  priority: "medium",
  dueDate: null,
  timezone: null,
  tags: [],
  recurrenceRule: null,
  isRecurring: false,
  recurrencePattern: null,
  recurrenceInterval: null,
  recurrenceEndDate: null,
  repeatFrom: "due",
  parentTaskId: null,
  remindAt: null,
  completedAt: null,
};

// live leaves no task behind.
export async function live(todo: Todo, userID: string): Promise<void> {
  const created = await todo.create({ title: "  Buy milk ", description: "Two litres" });
  const { id, createdAt, updatedAt } = created;
  assert.match(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.deepEqual(created, { ...fresh, id, userId: userID, title: "Buy milk", description: "Two litres", createdAt, updatedAt });
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
    const { completedAt, updatedAt } = now;
    assert.deepEqual(now, { ...last, ...difference, completedAt, updatedAt });
    assert.equal(completedAt !== null, now.completed);
    assert.ok(updatedAt > last.updatedAt, `${updatedAt} is not after ${last.updatedAt}`);
    assert.deepEqual(await todo.get(id), now);
    last = now;
  };
  const done: Partial<Task> = { completed: true, status: "completed" };
  const pending: Partial<Task> = { completed: false, status: "pending" };
  await becomes(todo.put(id, { title: "Buy oat milk" }), { title: "Buy oat milk" });
  await becomes(todo.patch(id, { description: null }), { description: null });
  await becomes(todo.complete(id), done);
  await becomes(todo.complete(id), pending);
  await becomes(todo.complete(id, { status: "completed" }), done);
  await becomes(todo.complete(id, { completed: true }), done);
  await becomes(todo.put(id, { status: "pending" }), pending);
  await becomes(todo.patch(id, { status: "in_progress" }), { status: "in_progress" });

  const plan: Changes = { priority: "urgent", dueDate: "2030-01-07T09:30", timezone: "Europe/Berlin", tags: ["home", "food"], remindAt: "2030-01-07" };
  await becomes(todo.patch(id, plan), plan);
  await becomes(todo.put(id, { recurrencePattern: "weekly", recurrenceInterval: 2, recurrenceEndDate: "2031-01-01" }), {
    recurrenceRule: "FREQ=WEEKLY;INTERVAL=2;UNTIL=20310101",
    isRecurring: true,
    recurrencePattern: "weekly",
    recurrenceInterval: 2,
    recurrenceEndDate: "2031-01-01",
  });
  await becomes(todo.put(id, { repeatFrom: "completion" }), { repeatFrom: "completion" });
  await becomes(todo.put(id, { isRecurring: false, repeatFrom: "due" }), {
    recurrenceRule: null,
    isRecurring: false,
    recurrencePattern: null,
    recurrenceInterval: null,
    recurrenceEndDate: null,
    repeatFrom: "due",
  });
  await becomes(todo.patch(id, { dueDate: null, timezone: null, tags: [], remindAt: null }), { dueDate: null, timezone: null, tags: [], remindAt: null });
  await becomes(todo.patch(id, { completed: true }), done);
}

// page walks through a list of three, among which is the completed task with this id.
async function page(todo: Todo, completedID: string): Promise<void> {
  const apples = await todo.create({ title: "Apples" });
  const bread = await todo.create({ title: "Bread", status: "pending", completed: false, priority: "high", dueDate: "2030-01-07", tags: ["food"] });
  const ids = ({ tasks }: { tasks: Task[] }) => tasks.map(({ id }) => id);

  const query: Query = { sort: "title", order: "asc", limit: 2 };
  const first = await todo.list(query);
  assert.deepEqual(ids(first), [apples.id, bread.id]);
  assert.ok(first.next !== null, "there is a next page");
  const last = await todo.list({ ...query, cursor: first.next });
  assert.deepEqual({ ids: ids(last), next: last.next }, { ids: [completedID], next: null });
  assert.deepEqual(ids(await todo.list({ ...query, offset: 1 })), [bread.id, completedID]);
  assert.deepEqual(ids(await todo.list({ status: "completed" })), [completedID]);

  const onlyBread: Query[] = [
    { search: "BREAD" },
    { priority: "high,urgent", status: "pending" },
    { tags: "food", completed: false },
    { due_date: "2030-01-07", timezone: "Asia/Tokyo" },
    { due_from: "2030-01-07T00:00", due_to: "2030-01-07" },
    { has_due_date: true, overdue: false, is_recurring: false },
    { sort: "due_date", limit: 1, page: 1 },
    { sort: "status", no_tags: false, tags: "food" },
  ];
  for (const query of onlyBread) assert.deepEqual(ids(await todo.list(query)), [bread.id], JSON.stringify(query));
  assert.deepEqual(ids(await todo.list({ no_tags: true, status: "active" })), [apples.id]);
  assert.deepEqual(ids(await todo.list({ due: "week" })), []);

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
