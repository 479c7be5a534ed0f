// The clients in frontends/ make the calls that published frontends make, a family each, and read no more of the answers
// than those do.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import { decodeProtectedHeader } from "jose";
import { startBetterAuth } from "./lib/better-auth.mjs";
import { createDatabase } from "./lib/postgres.mjs";
import { startService } from "./lib/service.mjs";

const families = [
  { name: "by-user", format: "plain", alg: "EdDSA" },
  { name: "flat", format: "plain", alg: "HS256" },
  { name: "status", format: "plain", alg: "EdDSA" },
  { name: "put-completed", format: "plain", alg: "HS256" },
  { name: "whole-task", format: "plain", alg: "EdDSA" },
  { name: "skip-limit", format: "plain", alg: "HS256" },
  { name: "axios", format: "plain", alg: "EdDSA" },
  { name: "wrapped", format: "wrapped", alg: "HS256" },
  { name: "envelope-data", format: "envelope", alg: "EdDSA" },
  { name: "envelope-top", format: "envelope", alg: "HS256" },
];

const kindsOfToken = {
  EdDSA: (user) => user.token(),
  HS256: (user) => user.sharedSecretToken(),
};

describe("frontends", () => {
  let auth;
  const services = {};

  before(async () => {
    const [secret, database] = [randomBytes(32).toString("hex"), await createDatabase()];
    auth = await startBetterAuth({ secret, database });
    const settings = { APP_ENV: "production", NEON_DB_URL: database, BETTER_AUTH_URL: auth.url, BETTER_AUTH_SECRET: secret };
    for (const API_FORMAT of ["plain", "wrapped", "envelope"]) {
      services[API_FORMAT] = await startService({ ...settings, API_FORMAT });
    }
  });

  for (const { name, format, alg } of families) {
    it(`${name} reads ${format} with ${alg}`, async () => {
      const { connect } = await import(`./frontends/${name}.mjs`);
      const user = await auth.signUp("Ann Example", `${name}@example.com`);
      const token = await kindsOfToken[alg](user);
      assert.equal(decodeProtectedHeader(token).alg, alg);
      await live(connect({ url: services[format].url, token, userID: user.id }));
    });
  }
});

// live is what a user does in a frontend, and what she has to see there.
async function live(todo) {
  assert.deepEqual(await todo.list(), []);
  const milk = await todo.create({ title: "Buy milk", description: "Two litres" });
  assertTask(milk, { id: milk.id, title: "Buy milk", description: "Two litres", completed: false });
  const bread = await todo.create({ title: "Bread" });
  const eggs = await todo.create({ title: "Eggs", description: null });
  assert.deepEqual(await todo.list(), [eggs, bread, milk]);
  assert.deepEqual(await todo.get(milk.id), milk);

  const oat = await todo.update(milk.id, { title: "Buy oat milk" });
  assertTask(oat, { id: milk.id, title: "Buy oat milk", description: "Two litres", completed: false });
  const bought = await todo.toggle(oat);
  assertTask(bought, { id: milk.id, title: "Buy oat milk", description: "Two litres", completed: true });
  assert.deepEqual(await todo.list(), [eggs, bread, bought]);
  assertTask(await todo.toggle(bought), { id: milk.id, completed: false });

  await assert.rejects(todo.create({ title: " " }), { message: "Title must have 1 to 255 characters" });
  for (const { id } of [milk, bread]) await todo.remove(id);
  await assert.rejects(todo.get(milk.id), { message: "Task not found" });
  await assert.rejects(todo.remove(milk.id), { message: "Task not found" });
  assert.deepEqual(await todo.list(), [eggs]);
}

// assertTask compares the expected fields; the others have names that differ from family to family.
function assertTask(task, expected) {
  const fields = Object.keys(expected).map((field) => [field, task[field]]);
  assert.deepEqual(Object.fromEntries(fields), expected);
}
