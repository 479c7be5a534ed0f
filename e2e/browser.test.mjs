// The service as browsers see it: its documentation, and its API from pages of other origins.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { before, describe, it } from "node:test";
import { startBetterAuth } from "./lib/better-auth.mjs";
import { openPage, watch } from "./lib/browser.mjs";
import { startNginx } from "./lib/nginx.mjs";
import { createDatabase } from "./lib/postgres.mjs";
import { call, startService } from "./lib/service.mjs";

const secret = randomBytes(32).toString("hex");

let auth, token;

before(async () => {
  auth = await startBetterAuth({ secret, database: await createDatabase() });
  token = await (await auth.signUp("Ann Example", "ann@example.com")).token();
});

describe("the documentation", () => {
  const answers = {
    plain: [{ completed: false }],
    wrapped: { tasks: [{ completed: false }], next_cursor: "" },
    envelope: { success: true, data: { tasks: [{ status: "pending" }] } },
  };

  for (const [format, answer] of Object.entries(answers)) {
    it(`a link to an operation opens it, with an answer of ${format}`, async () => {
      const service = await startService({ API_FORMAT: format });
      const docs = await openDocs(service.url, "#/Tasks/listTasks");
      const shown = docs.operation("Tasks", "listTasks").locator(".responses-table .highlight-code").first();
      assertHasShape(JSON.parse(await shown.innerText()), answer);
      await docs.assertFlawless();
    });
  }

  it("a user pastes a token and tries out what there is to do", async () => {
    const service = await startService({ BETTER_AUTH_URL: auth.url });
    const docs = await openDocs(service.url);
    await docs.authorize(token);

    const created = await docs.tryOut("createTask");
    assert.equal(created.status, 201);
    const { id } = created.body;

    const completed = await docs.tryOut("completeTask", id);
    assert.equal(completed.status, 200);
    const { completed_at, updated_at } = completed.body;
    assert.deepEqual(completed.body, { ...created.body, completed: true, status: "completed", completed_at, updated_at });

    const list = await docs.tryOut("listTasks");
    const [next, ...others] = list.body;
    assert.deepEqual([list.status, others], [200, [completed.body]]);
    assert.equal(next.parent_task_id, id, "the task that is proposed comes back");
    assert.equal((await docs.tryOut("deleteTask", next.id)).status, 200);
    assert.deepEqual(await docs.tryOut("deleteTask", id), { status: 200, body: { message: "Task deleted successfully" } });
    assert.deepEqual(await docs.tryOut("listTasks"), { status: 200, body: [] });

    await docs.assertFlawless();
  });

  it("in development it authorizes who sits at the machine, and steps lead on", async () => {
    const docs = await openDocs((await startService({})).url);
    await docs.page.getByRole("button", { name: "Authorize with the development token" }).click();
    await docs.page.getByRole("status").filter({ hasText: "Done" }).waitFor();
    const created = await docs.tryOut("createTask");
    assert.equal(created.status, 201);
    assert.equal((await docs.tryOut("deleteTask", created.body.id)).status, 200);
    assert.equal(await docs.page.locator("#steps li").count(), 4);
    assert.equal(await docs.page.getByRole("link", { name: "development page" }).isVisible(), true);
    await docs.assertFlawless();
  });

  it("it offers no token that it may not give", async () => {
    const docs = await openDocs((await startService({ BETTER_AUTH_SECRET: secret })).url);
    await docs.page.waitForLoadState("networkidle");
    assert.equal(await docs.page.locator("#authorize").isVisible(), false);
    assert.equal(await docs.page.getByRole("link", { name: "development page" }).isVisible(), false);
    await docs.assertFlawless();
  });

  it("operations stand in the order of a task's life, and repeated ones are closed and lead to the first", async () => {
    const docs = await openDocs((await startService({})).url);
    assert.deepEqual(await docs.groups(), ["Tasks", "Tags", "Account", "Service", "User paths"]);
    const ids = await docs.page.locator('[id^="operations-Tasks-"]').evaluateAll((all) => all.map(({ id }) => id.split("-")[2]));
    const life = ["createTask", "listTasks", "getTask", "updateTask", "putTask", "completeTask", "deleteTask"];
    assert.deepEqual(ids, [...life, "bulkTasks", "getTaskStats", "getCalendar"]);

    const twin = docs.operation("User paths", "completeUserTask");
    assert.equal(await twin.count(), 0, "the group is open");
    await docs.openGroup("User paths");
    await twin.locator(".opblock-summary-control").click();
    await twin.getByRole("link", { name: "PATCH /api/tasks/{id}/complete" }).click();
    await docs.operation("Tasks", "completeTask").locator(".opblock-body").waitFor();
    assert.equal(new URL(docs.page.url()).hash, "#/Tasks/completeTask");
    await docs.assertFlawless();
  });

  it("a link opens an operation of a closed group", async () => {
    const docs = await openDocs((await startService({})).url, "#/User%20paths/getUserTask");
    await docs.operation("User paths", "getUserTask").locator(".opblock-body").waitFor();
    await docs.assertFlawless();
  });

  it("examples have their fields in the order of the document", async () => {
    const { url } = await startService({});
    const docs = await openDocs(url, "#/Tasks/createTask");
    const { Task, TaskCreate } = (await call("GET", `${url}/docs/openapi.json`)).body.components.schemas;
    const shown = await docs.operation("Tasks", "createTask").locator(".highlight-code code").allInnerTexts();
    const [body, answer] = shown.map((text) => Object.keys(JSON.parse(text)));
    assert.deepEqual(body, Object.keys(TaskCreate.example));
    assert.deepEqual(answer, Object.keys(Task.properties));
    await docs.assertFlawless();
  });

  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1400, 390]) {
      it(`an opened operation is short, and no wider than a screen of ${width} (${colorScheme})`, async () => {
        const docs = await openDocs((await startService({})).url);
        await docs.page.emulateMedia({ colorScheme });
        await docs.page.setViewportSize({ width, height: 900 });
        const background = await docs.page.locator("html").evaluate((page) => getComputedStyle(page).backgroundColor);
        assert.equal(background === "rgb(28, 32, 34)", colorScheme === "dark");
        for (const id of ["createTask", "listTasks", "completeTask", "bulkTasks", "deleteTask"]) {
          const operation = docs.operation("Tasks", id);
          await operation.locator(".opblock-summary-control").click();
          await operation.locator(".responses-table").waitFor();
          await docs.assertFits();
          const responses = operation.locator(".responses-wrapper");
          const { height } = await responses.boundingBox();
          const failures = await operation.locator(".failure summary").all();
          assert.ok(failures.length >= 5);
          for (const failure of failures) await failure.click();
          await operation.locator(".failure .highlight-code").nth(failures.length - 1).waitFor();
          await docs.assertFits();
          const { height: before } = await responses.boundingBox(); // with all that each error says
          assert.ok(height < 0.6 * before, `${id}: ${height} of ${before} pixels`);
          await operation.locator(".opblock-summary-control").click();
        }
        await docs.page.getByRole("button", { name: "Authorize with the development token" }).click();
        await docs.tryOut("createTask", undefined, () => docs.assertFits());
        await docs.page.emulateMedia({ colorScheme: "light" });
        await docs.assertFlawless();
      });
    }
  }

  it("a second visit fetches nothing anew", async () => {
    const service = await startService({});
    const page = await openPage();
    const first = await visitDocs(page, service.url);
    assert.ok(first.size >= 5, `the page loads ${[...first.keys()]}`);
    for (const [address, status] of first) assert.equal(status, 200, address);
    for (const [address, status] of await visitDocs(page, service.url)) {
      const versioned = /\/swagger-ui-[\d.]+\//.test(address);
      const token = address.endsWith("/docs/token"); // which no cache keeps
      assert.equal(status, token ? 200 : versioned ? undefined : 304, address);
    }
  });
});

// visitDocs opens Swagger UI and returns the status by address of what it loads, undefined where the server was not asked.
async function visitDocs(page, url) {
  const addresses = new Map();
  const statuses = new Map();
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  network.on("Network.requestWillBeSent", ({ requestId, request }) => addresses.set(requestId, request.url));
  network.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) => statuses.set(requestId, statusCode));
  await page.goto(`${url}/docs`, { waitUntil: "networkidle" });
  await page.locator(".opblock").first().waitFor();
  await network.detach();
  const loaded = [...addresses].filter(([, address]) => address.startsWith(url));
  return new Map(loaded.map(([id, address]) => [address, statuses.get(id)]));
}

describe("behind a proxy that strips a path", () => {
  const base = "/todo";
  let proxy, url;

  before(async () => {
    const service = await startService({ BASE_PATH: base, BETTER_AUTH_URL: auth.url });
    proxy = await startNginx(base, service.url);
    url = proxy + base;
  });

  for (const page of ["/docs", "/docs/"]) {
    it(`a user tries out what there is to do at ${base}${page}`, async () => {
      const docs = await openDocs(url, "", page);
      await docs.authorize(token);
      const { status, body } = await docs.tryOut("createTask");
      assert.equal(status, 201);
      assert.deepEqual((await docs.tryOut("completeTask", body.id)).status, 200);
      const { body: left } = await docs.tryOut("listTasks");
      for (const { id } of left) {
        assert.deepEqual(await docs.tryOut("deleteTask", id), { status: 200, body: { message: "Task deleted successfully" } });
      }
      await docs.assertFlawless();
    });
  }

  it("Location and Link lead to what is behind the proxy", async () => {
    const titles = ["One", "Two", "Three"];
    for (const title of titles) {
      const created = await call("POST", `${url}/api/tasks`, { token, body: { title } });
      const address = created.headers.get("Location");
      assert.equal(address, `${base}/api/tasks/${created.body.id}`);
      assert.deepEqual((await call("GET", proxy + address, { token })).body, created.body);
    }
    const read = [];
    for (let next = `${base}/api/tasks?limit=2`; next; ) {
      const { body, headers } = await call("GET", proxy + next, { token });
      read.unshift(...body.map((task) => task.title).reverse());
      next = headers.get("Link")?.match(/^<(.+)>; rel="next"$/)[1];
    }
    assert.deepEqual(read, titles);
  });
});

// openDocs opens Swagger UI, under a policy that lets it load from its own origin alone.
async function openDocs(url, fragment = "", path = "/docs") {
  const page = await openPage();
  const notes = await watch(page, new URL(url).origin);
  const response = await page.goto(url + path + fragment);
  const policy = response.headers()["content-security-policy"];
  assert.match(policy, /^default-src 'none';/);
  assert.match(policy, /base-uri 'none'; form-action 'none'/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  await page.locator(".opblock").first().waitFor();
  return new Docs(page, url, notes);
}

class Docs {
  #page;
  #url;
  #notes;

  constructor(page, url, notes) {
    this.#page = page;
    this.#url = url;
    this.#notes = notes;
  }

  get page() {
    return this.#page;
  }

  // groups returns the names of the groups, in order.
  groups = () => this.#page.locator(".opblock-tag").evaluateAll((all) => all.map((group) => group.dataset.tag));

  async openGroup(name) {
    const group = this.#page.locator(`.opblock-tag[data-tag="${name}"]`);
    if ((await group.getAttribute("data-is-open")) !== "true") await group.getByRole("button").click();
    await this.#page.locator(`[id^="operations-${name.replace(" ", "_")}-"]`).first().waitFor();
  }

  // assertFits tells that nothing is wider than the window.
  async assertFits() {
    const wide = await this.#page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.equal(wide[0], wide[1], "the page scrolls to the side");
  }

  operation(tag, id) {
    return this.#page.locator(`#operations-${tag.replace(" ", "_")}-${id}`);
  }

  async authorize(token) {
    await this.#page.getByRole("button", { name: "Authorize", exact: true }).click();
    const dialog = this.#page.locator(".modal-ux");
    await dialog.getByLabel("auth-bearer-value").fill(token);
    await dialog.getByRole("button", { name: "Apply credentials" }).click();
    await dialog.getByRole("button", { name: "Close" }).click();
  }

  // tryOut opens an operation, executes it with the body that the page proposes, closes it again, and returns the answer
  // that was shown.
  async tryOut(id, task, look = () => {}) {
    const operation = this.operation("Tasks", id);
    await operation.locator(".opblock-summary-control").click();
    await operation.getByRole("button", { name: "Try it out" }).click();
    if (task) await operation.locator('[data-param-name="id"] input').fill(task);
    await operation.getByRole("button", { name: "Execute" }).click();
    const shown = operation.locator(".live-responses-table tbody");
    const status = Number(await shown.locator(".response-col_status").innerText());
    const body = JSON.parse(await shown.locator(".highlight-code code").innerText());
    await look();
    await operation.getByRole("button", { name: "Clear" }).click();
    await operation.getByRole("button", { name: "Cancel" }).click();
    await operation.locator(".opblock-summary-control").click();
    return { status, body };
  }

  // assertFlawless tells that the page shows every operation, in its style, and did nothing that it may not do.
  async assertFlawless() {
    for (const name of await this.groups()) await this.openGroup(name);
    const { paths } = (await call("GET", `${this.#url}/docs/openapi.json`)).body;
    const operations = Object.values(paths).flatMap((path) => Object.keys(path));
    assert.equal(await this.#page.locator(".opblock").count(), operations.length);
    assert.equal(await this.#page.locator(".errors-wrapper").count(), 0, "the page reports errors of the document");
    const verb = this.#page.locator(".opblock-post .opblock-summary-method").first();
    const colour = await verb.evaluate((element) => getComputedStyle(element).backgroundColor);
    assert.equal(colour, "rgb(73, 204, 144)", "the style sheet does not count");
    assert.deepEqual(this.#notes.complaints, []);
    assert.ok(this.#notes.requests.every((request) => request.startsWith(`${this.#url}/`)));
    await this.#page.close();
  }
}

// assertHasShape tells that a value has the keys of another, level by level.
function assertHasShape(value, shape) {
  assert.equal(Array.isArray(value), Array.isArray(shape));
  for (const [key, part] of Object.entries(shape)) {
    assert.ok(key in value, `${key} in ${JSON.stringify(value)}`);
    if (typeof part === "object") assertHasShape(value[key], part);
  }
}

describe("a page of another origin", () => {
  let database, service, frontend, page;

  before(async () => {
    frontend = await startFrontend();
    database = await openGate(await createDatabase());
    service = await startService({
      APP_ENV: "production",
      NEON_DB_URL: database.url,
      BETTER_AUTH_URL: auth.url,
      CORS_ORIGINS: frontend.origin,
    });
    page = await openPage();
    await page.goto(frontend.origin);
  });

  // send calls the API from the page, and returns what a script can read of the answer.
  const send = (path, options) => sendFrom(page, service.url + path, options);

  it("works with tasks, whatever the verb", async () => {
    const created = await send("/api/tasks", { method: "POST", body: { title: "Buy milk" } });
    assert.equal(created.status, 201);
    const address = created.headers.location;
    assert.equal(address, `/api/tasks/${created.body.id}`);

    assert.deepEqual((await send(address)).body, created.body);
    const steps = [
      ["PUT", address, { title: "Buy oat milk" }, { title: "Buy oat milk" }],
      ["PATCH", address, { description: "2 litres" }, { description: "2 litres" }],
      ["PATCH", `${address}/complete`, undefined, { completed: true }],
      ["DELETE", address, undefined, { message: "Task deleted successfully" }],
    ];
    for (const [method, path, body, expected] of steps) {
      const answer = await send(path, { method, body });
      assert.equal(answer.status, 200);
      assert.deepEqual({ ...answer.body, ...expected }, answer.body);
    }
  });

  it("follows the pages of a list", async () => {
    for (const title of ["One", "Two", "Three"]) await send("/api/tasks", { method: "POST", body: { title } });
    const titles = [];
    for (let next = "/api/tasks?limit=2"; next; ) {
      const { status, body, headers } = await send(next);
      assert.equal(status, 200);
      titles.push(...body.map((task) => task.title));
      next = headers.link?.match(/^<(.+)>; rel="next"$/)[1];
    }
    assert.deepEqual(titles, ["Three", "Two", "One"]);
  });

  const errors = [
    { status: 401, name: "no token", path: "/api/tasks", token: null },
    { status: 401, name: "a token of nobody", path: "/api/tasks", token: "eyJhbGciOiJFZERTQSJ9.e30.AA" },
    { status: 403, name: "another user's path", path: "/api/somebody/tasks" },
    { status: 404, name: "no such task", path: "/api/tasks/0199b1f4-c8a2-7d3e-9a4b-5c6d7e8f9a0b", method: "DELETE" },
    { status: 404, name: "no such address", path: "/api/nothing" },
    { status: 405, name: "no such verb", path: "/api/tasks", method: "DELETE" },
    { status: 413, name: "a body over the limit", path: "/api/tasks", method: "POST", body: { title: "x".repeat(66_000) } },
    { status: 422, name: "an empty title", path: "/api/tasks", method: "POST", body: { title: " " } },
    { status: 422, name: "a bad parameter", path: "/api/tasks?limit=none" },
  ];

  for (const { status, name, path, ...options } of errors) {
    it(`reads a ${status}: ${name}`, async () => {
      const answer = await send(path, options);
      assertReadable(answer, status);
      if (status === 422) assert.equal(answer.body.errors.length, 1);
    });
  }

  it("asks whether a list has changed", async () => {
    const first = await send("/api/tasks");
    assert.equal(first.status, 200);
    const asked = { headers: { "If-None-Match": first.headers.etag } };
    const second = await send("/api/tasks", asked);
    assert.deepEqual([second.status, second.body], [304, null]);
    await send("/api/tasks", { method: "POST", body: { title: "One more" } });
    const third = await send("/api/tasks", asked);
    assert.deepEqual([third.status, third.body.length], [200, first.body.length + 1]);
  });

  it("gets from the browser's cache what has not changed, and nothing old", async () => {
    const cached = await cachedAnswers(page);
    const first = await send("/api/tasks");
    assert.deepEqual((await send("/api/tasks")).body, first.body);
    assert.equal(cached.size, 1, "the browser asked, and the list was as before");
    const elsewhere = await call("POST", `${service.url}/api/tasks`, { token, body: { title: "From another device" } });
    assert.deepEqual((await send("/api/tasks")).body, [elsewhere.body, ...first.body]);
  });

  it("reads nothing where its origin is not allowed", async () => {
    const stranger = await openPage();
    await stranger.goto(frontend.sameServerElsewhere);
    const count = (await send("/api/tasks")).body.length;
    const attempts = [
      ["/health", { token: null, credentials: "omit" }],
      ["/api/tasks", { token: null }],
      ["/api/tasks", {}],
      ["/api/tasks", { method: "POST", body: { title: "From elsewhere" } }],
    ];
    for (const [path, options] of attempts) {
      await assert.rejects(sendFrom(stranger, service.url + path, options), /TypeError: Failed to fetch/);
    }
    assert.equal((await send("/api/tasks")).body.length, count);
  });

  it("reads a 429, how many requests there may be, and when to come again", async () => {
    const limited = await startService({ RATE_LIMIT: "1", BETTER_AUTH_URL: auth.url, CORS_ORIGINS: frontend.origin });
    const get = () => sendFrom(page, `${limited.url}/api/tasks`);
    assert.equal((await get()).status, 200);
    const { headers, ...answer } = await get();
    assertReadable({ headers, ...answer }, 429);
    assert.match(headers["retry-after"], /^[1-9]\d*$/);
    assert.ok(headers["ratelimit"] && headers["ratelimit-policy"], JSON.stringify(headers));
  });

  it("reads a 503 and when to come again, while the database is away", async () => {
    await database.close();
    for (const path of ["/ready", "/api/tasks"]) {
      const answer = await send(path);
      assertReadable(answer, 503);
      assert.match(answer.headers["retry-after"], /^[1-9]\d*$/);
    }
  });
});

// sendFrom calls an address from a page, with its cookies and Ann's token, unless told otherwise.
function sendFrom(page, address, { token: bearer = token, body, headers, ...options } = {}) {
  const init = {
    credentials: "include",
    headers: { ...headers, ...(bearer && { Authorization: `Bearer ${bearer}` }), ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
    ...options,
  };
  return page.evaluate(async ([address, init]) => {
    const response = await fetch(address, init);
    const text = await response.text();
    return { status: response.status, headers: Object.fromEntries(response.headers), body: text ? JSON.parse(text) : null };
  }, [address, init]);
}

function assertReadable({ status, headers, body }, expected) {
  assert.equal(status, expected, JSON.stringify(body));
  assert.equal(body.status, expected);
  assert.equal(body.success, false);
  assert.ok(body.error);
  assert.ok(body.requestId);
  assert.equal(headers["x-request-id"], body.requestId);
}

// cachedAnswers gathers the requests of a page whose answer the server confirmed with a 304.
async function cachedAnswers(page) {
  const confirmed = new Set();
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  network.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) => statusCode === 304 && confirmed.add(requestId));
  return confirmed;
}

// startFrontend serves an empty page, by two names: for browsers they are two origins.
async function startFrontend() {
  const server = http.createServer((_, response) => {
    response.setHeader("Content-Type", "text/html").end("<!DOCTYPE html><link rel=icon href=data:,><title>A frontend</title>");
  });
  const port = await listen(server);
  return { origin: `http://localhost:${port}`, sameServerElsewhere: `http://127.0.0.1:${port}` };
}

// openGate is a way to a database that can be closed.
async function openGate(database) {
  const url = new URL(database);
  const { hostname: host, port } = url;
  const connections = new Set();
  const server = net.createServer((client) => {
    const upstream = net.connect({ host, port });
    client.pipe(upstream).pipe(client);
    for (const [end, other] of [[client, upstream], [upstream, client]]) {
      connections.add(end);
      end.on("error", () => end.destroy());
      end.on("close", () => other.destroy());
    }
  });
  url.host = `127.0.0.1:${await listen(server)}`;
  const close = async () => {
    for (const connection of connections) connection.destroy();
    server.close();
    await once(server, "close");
  };
  return { url: url.href, close };
}

async function listen(server) {
  server.listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  return server.address().port;
}
