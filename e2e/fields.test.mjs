// The clients in frontends/fields write due dates, priorities and tags as published frontends do, a family each, and filter on the
// server. Those of recurring tasks follow.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import { startBetterAuth } from "./lib/better-auth.mjs";
import { createDatabase } from "./lib/postgres.mjs";
import { startService } from "./lib/service.mjs";

const families = [
  { name: "bare", settings: {} },
  { name: "total", settings: { API_FORMAT: "wrapped", API_TAGS: "csv" } },
  { name: "envelope", settings: { API_FORMAT: "envelope", API_TAGS: "objects" } },
  { name: "tag-ids", settings: { API_TAGS: "objects" } },
];

let auth, start;

before(async () => {
  const database = await createDatabase();
  auth = await startBetterAuth({ secret: randomBytes(32).toString("hex"), database });
  start = (settings) => startService({ APP_ENV: "production", NEON_DB_URL: database, BETTER_AUTH_URL: auth.url, ...settings });
});

// signUp returns what sends requests of a new user.
async function signUp(email, settings) {
  const service = await start(settings);
  const user = await auth.signUp("Ann Example", email);
  const token = await user.token();
  const send = (method, path, body) =>
    fetch(`${service.url}/api/${user.id}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
  const request = async (...call) => {
    const response = await send(...call);
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.detail);
    return answer;
  };
  return { send, request, fetchList: (path) => request("GET", path) };
}

describe("frontends with due dates, priorities and tags", () => {
  for (const { name, settings } of families) {
    it(name, async () => {
      const { connect } = await import(`./frontends/fields/${name}.mjs`);
      await live(connect(await signUp(`fields-${name}@example.com`, settings)));
    });
  }
});

// live is what a user does in a frontend, and what she has to see there.
async function live(todo) {
  const shown = async (filters) => (await todo.list(filters)).map((task) => todo.read(task).title);
  const milk = await todo.create({ title: "Buy milk", priority: "high", day: "2030-01-07", tags: ["food", "shop"] });
  assert.deepEqual(todo.read(milk), { title: "Buy milk", completed: false, priority: "high", day: "2030-01-07", tags: ["food", "shop"] });
  await todo.create({ title: "Call Bob", priority: "low", day: "2020-01-06", tags: ["Phone"] });
  const rest = await todo.create({ title: "Rest" });
  assert.deepEqual(todo.read(rest), { title: "Rest", completed: false, priority: "medium", day: null, tags: [] });

  assert.deepEqual(await shown(), ["Rest", "Call Bob", "Buy milk"]);
  assert.deepEqual(await shown({ search: "MILK" }), ["Buy milk"]);
  assert.deepEqual(await shown({ search: "phone" }), ["Call Bob"]);
  assert.deepEqual(await shown({ priority: "high" }), ["Buy milk"]);
  assert.deepEqual(await shown({ priority: "high,medium", status: "pending" }), ["Rest", "Buy milk"]);
  assert.deepEqual(await shown({ tags: "food" }), ["Buy milk"]);
  assert.deepEqual(await shown({ status: "overdue" }), ["Call Bob"]);
  assert.deepEqual(await shown({ sort_by: "due_date", sort_order: "asc" }), ["Call Bob", "Buy milk", "Rest"]);
  assert.deepEqual(await shown({ sort_by: "due_date", sort_order: "desc" }), ["Buy milk", "Call Bob", "Rest"]);
  assert.deepEqual(await shown({ sort_by: "priority", sort_order: "asc" }), ["Buy milk", "Rest", "Call Bob"]);
  assert.deepEqual(await shown({ due_date_from: "2030-01-07", due_date_to: "2030-01-07" }), ["Buy milk"]);

  const edited = await todo.edit(milk, { day: "2030-02-28", tags: ["food"], priority: "urgent" });
  assert.deepEqual(todo.read(edited), { title: "Buy milk", completed: false, priority: "urgent", day: "2030-02-28", tags: ["food"] });
  await assert.rejects(todo.edit(edited, { day: "2030-02-28", tags: ["food"], priority: "highest" }), /Priority/);
  const cleared = await todo.clear(edited);
  assert.deepEqual(todo.read(cleared), { title: "Buy milk", completed: false, priority: "none", day: null, tags: [] });
  assert.equal(todo.read(await todo.complete(cleared)).completed, true);
  assert.deepEqual(await shown({ status: "completed" }), ["Buy milk"]);

  for (const task of await todo.list()) await todo.remove(task);
  assert.deepEqual(await todo.list(), []);
}

describe("frontends with recurring tasks", () => {
  // Each family says how it writes a rule, what it reads of it, and how it clears it.
  const kinds = {
    "a word and an interval": {
      made: { is_recurring: true, recurrence_pattern: "weekly", recurrence_interval: 2 },
      read: { is_recurring: true, recurrence_pattern: "weekly", recurrence_interval: 2 },
      clear: { is_recurring: false },
      next: "2050-01-17",
    },
    "a word alone": { made: { recurrence: "daily" }, read: { recurrence_pattern: "daily" }, clear: { recurrence: "none" }, next: "2050-01-04" },
    "an object": {
      made: { recurrence: { frequency: "monthly", interval: 1, end_date: "2050-12-31" } },
      read: { recurrence_rule: "FREQ=MONTHLY;UNTIL=20501231", recurrence_end_date: "2050-12-31" },
      clear: { recurrence: null },
      next: "2050-02-03",
    },
    "an RRULE": {
      made: { recurrence_rule: "RRULE:FREQ=WEEKLY;BYDAY=MO,WE" },
      read: { recurrence_rule: "FREQ=WEEKLY;BYDAY=MO,WE" },
      clear: { recurrence_rule: null },
      next: "2050-01-05",
    },
    "a word in the place of the rule": {
      settings: { API_ALIASES: "recurrence_rule=recurrence_word" },
      made: { recurrence_rule: "weekdays" },
      read: { recurrence_rule: "weekdays" },
      clear: { recurrence_rule: "none" },
      cleared: "none",
      next: "2050-01-04",
    },
    "a frequency of its own name": {
      settings: { API_ALIASES: "frequency=recurrence_frequency" },
      made: { frequency: "yearly" },
      read: { frequency: "yearly", is_recurring: true },
      clear: { frequency: "none" },
      next: "2051-01-03",
    },
  };
  for (const [name, { settings, made, read, clear, cleared, next }] of Object.entries(kinds)) {
    it(name, async () => {
      const { send, request } = await signUp(`${name.replaceAll(" ", "-")}@example.com`, settings);
      const shown = (task) => Object.fromEntries(Object.keys(read).map((field) => [field, task[field]]));
      const task = await request("POST", "/tasks", { title: "Water", due_date: "2050-01-03", tags: ["home"], ...made });
      assert.deepEqual(shown(task), read);

      // The whole task, with its title turned: the rule stays.
      const renamed = await request("PUT", `/tasks/${task.id}`, { ...task, title: "Water plants" });
      assert.deepEqual(renamed, { ...task, title: "Water plants", updated_at: renamed.updated_at });

      const response = await send("PATCH", `/tasks/${task.id}/complete`);
      const address = response.headers.get("Next-Task");
      assert.equal((await response.json()).completed, true);
      const following = await request("GET", `/tasks/${address.split("/").at(-1)}`);
      assert.deepEqual(shown(following), read);
      assert.deepEqual(
        [following.title, following.due_date, following.tags, following.completed, following.parent_task_id],
        ["Water plants", next, ["home"], false, task.id],
      );

      const last = await request("PUT", `/tasks/${following.id}`, { ...following, ...clear });
      assert.deepEqual([last.is_recurring, last.recurrence_rule], [false, cleared ?? null]);
      assert.equal((await send("PATCH", `/tasks/${following.id}/complete`)).headers.get("Next-Task"), null);
    });
  }
});
