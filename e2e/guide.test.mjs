// The guide for frontends: its snippets run as they stand, with a real Better Auth and the service.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it, mock } from "node:test";
import { parseEnv, promisify } from "node:util";
import { guideCommands, guidePackage, guideText, load, readGuide, typeErrors, writeProject } from "./lib/guide.mjs";
import { Browser, startNext } from "./lib/next.mjs";
import { freePort } from "./lib/process.mjs";
import { serviceBinary, startService } from "./lib/service.mjs";

const guide = readGuide();
const firstWay = {
  ...guide[""],
  ...guide["The jwt plugin"],
  ...guide["Calling the API"],
  "lib/database.ts": `
    import { memoryAdapter } from "better-auth/adapters/memory";
    export const database = memoryAdapter({ user: [], session: [], account: [], verification: [], jwks: [] });`,
};
const secondWay = {
  ...firstWay,
  ...guide["A token from a route of your own"],
  "lib/token.ts": firstWay["lib/token.ts"].replace("/api/auth/token", "/api/token"), // as the guide says
};
const production = { ...firstWay, ...guide["In production"] };

const password = "correct horse battery staple";

describe("the jwt plugin", () => {
  const stage = usual("plugin", firstWay);
  works(stage, "/api/auth/token");

  it("-check says that the issuer differs", async () => {
    const here = stage.frontend.url.replace("localhost", "127.0.0.1");
    const said = await ask(stage, await token(stage), { BETTER_AUTH_URL: here });
    assertExplains(said, "The token's issuer is");
  });

  it("-check says that a session token is something else", async () => {
    assertExplains(await ask(stage, stage.browser.cookie("better-auth.session_token")), "The token is malformed");
  });
});

describe("a token from a route of the frontend", () => {
  const stage = usual("route", secondWay);
  works(stage, "/api/token");

  it("-check says that the secrets differ", async () => {
    const said = await ask(stage, await token(stage), { BETTER_AUTH_SECRET: "another secret of thirty-two bytes" });
    assertExplains(said, "The signature does not match");
  });

  it("-check says that a token has expired", async () => {
    const { forgetToken, getToken } = await load(stage.folder, "lib/token.ts");
    forgetToken();
    assertExplains(await ask(stage, await asSixteenMinutesAgo(getToken)), "The token expired");
  });
});

describe("in production", () => {
  const stage = usual("production", production, {
    origin: "https://app.example.com",
    settings: { SQLITE_PATH: "todo.db", HOST: "127.0.0.1" },
  });
  works(stage, "/api/auth/token");

  it("pages of the other origin may call, further ones may not", async () => {
    const read = (origin) => new Browser(origin, origin).fetch(`${stage.service.url}/health`);
    assert.equal((await read("https://www.example.com")).status, 200);
    await assert.rejects(read("https://elsewhere.example.com"), /Failed to fetch/);
  });
});

it("every snippet of the browser's side is TypeScript that a strict compiler takes", () => {
  const files = { ...secondWay, "lib/token-of-the-plugin.ts": firstWay["lib/token.ts"] };
  const sources = Object.keys(files).filter((file) => file.endsWith(".ts"));
  assert.deepEqual(typeErrors(writeProject("types", files), sources), []);
});

it("the application in nextjs/ has the files of the guide, and what its commands install and set", () => {
  const { imports, dependencies, devDependencies } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, "nextjs/package.json"), "utf8"));
  assert.deepEqual(imports, guidePackage.imports);
  for (const [, name] of guideCommands[0].matchAll(/ (@?[\w/-]+)(?= |$)/gm)) {
    if (!["install", "--save-dev"].includes(name)) assert.ok(name in { ...dependencies, ...devDependencies }, name);
  }
  const { "A token from a route of your own": _, "Vite with plain React": __, "Typed calls": ___, ...sections } = guide;
  const files = Object.entries(Object.assign({}, ...Object.values(sections))).filter(([name]) => /\.tsx?$/.test(name));
  assert.ok(files.length > 10);
  for (const [name, text] of files) {
    const own = readFileSync(path.resolve(import.meta.dirname, "nextjs", name), "utf8");
    assert.equal(own.replace('jwt({ jwt: { expirationTime: process.env.TOKEN_LIFETIME ?? "15m" } })', "jwt()"), text, name);
  }
});

// usual starts a frontend and the service with the settings of the guide, before the tests of a suite. Addresses and the
// secret are those of the test, nothing else is.
function usual(name, files, { origin, settings } = {}) {
  const stage = {};
  before(async () => {
    const [port, backendPort] = [await freePort(), await freePort()];
    const address = `http://127.0.0.1:${port}`;
    const frontend = { url: origin ?? `http://localhost:${port}`, address };
    const replace = replacer({
      "http://localhost:3000": frontend.url,
      "http://frontend:3000": address,
      "http://127.0.0.1:8000": `http://127.0.0.1:${backendPort}`,
      "<openssl rand -base64 32>": randomBytes(32).toString("base64"),
    });
    const folder = writeProject(name, { ...files, "backend/.env": replace(files["backend/.env"]) });
    Object.assign(process.env, parseEnv(replace(files["frontend/.env.local"])));
    await startNext(folder, port);
    const service = await startService({ PORT: String(backendPort), ...settings }, path.join(folder, "backend"));
    const browser = new Browser(frontend.url, address);
    mock.method(globalThis, "fetch", browser.fetch);
    globalThis.window = new EventTarget(); // code for browsers knows them by it
    Object.assign(stage, { folder, frontend, service, browser, settings });
  });
  after(() => {
    mock.restoreAll();
    delete globalThis.window;
  });
  return stage;
}

function replacer(values) {
  return (text) => Object.entries(values).reduce((text, [from, to]) => text.replaceAll(from, to), text);
}

// works tells that users of a frontend work with their tasks, whose tokens come from the given route.
function works(stage, tokenRoute) {
  it("a user signs up and works with tasks", async () => {
    const { authClient, api, tasks } = await modules(stage.folder);
    const { data } = await authClient.signUp.email({ name: "Ann Example", email: "ann@example.com", password });
    const me = await api.api("/api/auth/me");
    assert.deepEqual(me.data, { id: data.user.id, email: "ann@example.com", name: "Ann Example" });

    const task = await tasks.createTask("Buy milk");
    assert.deepEqual(await tasks.listTasks(), [task]);
    assert.equal((await tasks.completeTask(task.id)).completed, true);
    assert.deepEqual(await tasks.deleteTask(task.id), { message: "Task deleted successfully" });
    assert.deepEqual(await tasks.listTasks(), []);
    await assert.rejects(tasks.deleteTask(task.id), { message: "Task not found" });
    assert.equal(count(stage.browser, tokenRoute), 1, "one token serves for all");
  });

  it("-check accepts her token", async () => {
    const { stdout } = await ask(stage, await token(stage));
    assert.match(stdout, /^The token is accepted/);
  });

  it("a token that the backend refuses is replaced once, by one for all calls", async () => {
    const { token, tasks } = await modules(stage.folder);
    token.forgetToken();
    stage.browser.requests = [];
    const calls = await asSixteenMinutesAgo(() => Promise.allSettled([1, 2, 3].map(() => tasks.listTasks())));
    for (const { reason } of calls) assert.match(reason?.message, /expired/);
    assert.equal(count(stage.browser, tokenRoute), 2);
    assert.equal(count(stage.browser, "/api/tasks"), 6);
  });

  it("a token is renewed before it is used beyond its life", async () => {
    const { tasks } = await modules(stage.folder);
    stage.browser.requests = [];
    assert.deepEqual(await tasks.listTasks(), []);
    assert.deepEqual(stage.browser.requests, [`GET ${tokenRoute}`, "GET /api/tasks"]);
  });

  it("the next user sees nothing of the one who signed out", async () => {
    const { authClient, tasks } = await modules(stage.folder);
    await tasks.createTask("Ann's");
    await authClient.signOut({ fetchOptions: { onSuccess: () => {} } }); // pages may have something of their own to do
    await assert.rejects(tasks.listTasks(), { message: "Not signed in" });
    await authClient.signUp.email({ name: "Bob Example", email: "bob@example.com", password });
    assert.deepEqual(await tasks.listTasks(), []);
  });

  it("a client component that asks while the server renders it is told where it may", async () => {
    const { token } = await modules(stage.folder);
    const page = globalThis.window;
    delete globalThis.window;
    try {
      assert.throws(() => token.getToken(), /in the browser only/);
    } finally {
      globalThis.window = page;
    }
  });
}

async function modules(folder) {
  const [{ authClient }, api, tasks, token] = await Promise.all(
    ["lib/auth-client.ts", "lib/api.ts", "lib/tasks.ts", "lib/token.ts"].map((file) => load(folder, file)),
  );
  return { authClient, api, tasks, token };
}

async function token({ folder }) {
  return (await load(folder, "lib/token.ts")).getToken();
}

// asSixteenMinutesAgo puts the frontend's clock back, not the service's: a token made meanwhile has expired.
async function asSixteenMinutesAgo(act) {
  mock.timers.enable({ apis: ["Date"], now: Date.now() - 16 * 60_000 });
  try {
    return await act();
  } finally {
    mock.timers.reset();
  }
}

function count({ requests }, route) {
  return requests.filter((request) => request === `GET ${route}`).length;
}

// ask runs the guide's command where the backend's .env is, with further settings.
async function ask({ folder, settings }, token, others) {
  const command = guideCommands.find((block) => block.includes("-check"));
  const PATH = [path.dirname(await serviceBinary()), process.env.PATH].join(path.delimiter);
  const options = { cwd: path.join(folder, "backend"), env: { PATH, TOKEN: token, ...settings, ...others } };
  return promisify(execFile)("sh", ["-c", command], options).catch((refusal) => refusal);
}

// assertExplains tells that a refusal gives the reason, in the words that the guide explains.
function assertExplains(said, reason) {
  assert.ok(said.stderr.includes(reason), said.stderr);
  assert.ok(guideText.includes(`- *${reason}`), `the guide explains: ${reason}`);
}
