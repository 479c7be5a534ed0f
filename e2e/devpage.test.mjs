// The development page, as people use it: with a mouse, with the keyboard alone, on a phone, with a screen reader.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { before, describe, it } from "node:test";
import { promisify } from "node:util";
import { openPage, watch } from "./lib/browser.mjs";
import { startNginx } from "./lib/nginx.mjs";
import { temporaryFolder, until } from "./lib/process.mjs";
import { call, serviceBinary, startService } from "./lib/service.mjs";

const run = promisify(execFile);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const hostile = `It's "5" & <img src=x onerror="window.pwned=1"><script>window.pwned=1</script> $(touch pwned) \`touch pwned\` $HOME \\ \\n !! %s 牛乳 🥛`;
const wide = { width: 1400, height: 900 };
const phone = { width: 390, height: 844 };

// eventually waits until something holds. No speed is measured by it: a busy machine may take long.
const eventually = (what, holds) => until(what, holds, 60_000);

// startDevelopment runs the service in a folder of its own, with a token of the user dev to look at what the page did.
async function startDevelopment(settings = {}) {
  const folder = temporaryFolder();
  const service = await startService(settings, folder);
  const tokenOf = async (user) => (await run(await serviceBinary(), ["token", user], { cwd: folder, env: settings })).stdout.trim();
  return { ...service, folder, tokenOf, token: await tokenOf("dev") };
}

// openDevPage opens the page, under a policy that names what it may run, and notes what it may not do.
async function openDevPage(service, { viewport = wide, at = "/", colorScheme = "light" } = {}) {
  const page = await openPage();
  await page.setViewportSize(viewport);
  await page.emulateMedia({ colorScheme });
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const notes = await watch(page, new URL(service.url).origin);
  const response = await page.goto(service.url + at);
  const headers = response.headers();
  assert.match(headers["content-security-policy"], /^default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+'; /);
  assert.doesNotMatch(headers["content-security-policy"], /unsafe|https?:|\*/);
  assert.equal(headers["cache-control"], "no-store");
  return new DevPage(page, notes);
}

class DevPage {
  constructor(page, notes) {
    this.page = page;
    this.notes = notes;
    this.addForm = page.getByRole("form", { name: "New task" });
    this.filterForm = page.getByRole("search", { name: "Filter tasks" });
    this.list = page.locator("#list > li");
  }

  async ready() {
    await this.page.locator("#log li").first().waitFor({ state: "attached" });
    return this;
  }

  task(title) {
    return this.list.filter({ has: this.page.getByRole("checkbox", { name: title, exact: true }) });
  }

  async add(title, { priority, date, time, tags } = {}) {
    const newest = () => this.page.evaluate(() => document.querySelector("#list > li")?.dataset.id);
    const before = await newest();
    await this.addForm.getByLabel("Title").fill(title);
    if (priority) await this.addForm.getByLabel("Priority").selectOption(priority);
    if (date) await this.addForm.getByLabel("Due").fill(date);
    if (time) await this.addForm.getByLabel("Time").fill(time);
    if (tags) await this.addForm.getByLabel("Tags").fill(tags);
    await this.addForm.getByRole("button", { name: "Add" }).click();
    await eventually("the new task is in the list", async () => (await newest()) !== before);
    await this.task(title).first().waitFor();
  }

  // titles are those in the list, once there are as many as expected.
  async titles(count) {
    const all = () => this.page.locator("#list .title").allInnerTexts();
    await eventually(`there are ${count} tasks`, async () => (await all()).length === count);
    return all();
  }

  // copied presses a button of the last call and returns what is in the clipboard then.
  async copied(what) {
    await this.page.locator("#log li").first().getByRole("button", { name: new RegExp(`^Copy ${what}:`) }).click();
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  async lastCall() {
    const text = (name) => this.page.locator(`#log li:first-child .${name}`).textContent();
    return { does: await text("does"), line: `${await text("method")} ${await text("path")}`, outcome: await text("outcome") };
  }

  async assertNoHorizontalScroll() {
    const widths = await this.page.evaluate(() => [document.documentElement.scrollWidth, document.body.scrollWidth, innerWidth]);
    assert.ok(Math.max(...widths) <= widths[2], `the page is wider than the window: ${widths}`);
  }

  // assertAccessible has axe-core look at the page as it is.
  async assertAccessible(state) {
    await this.page.evaluate(axe);
    const { violations, passes } = await this.page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    const told = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`);
    assert.deepEqual(told, [], state);
    assert.ok(passes.length >= 10, `axe looked at ${passes.length} rules`);
  }

  async close() {
    assert.deepEqual(this.notes.complaints, []);
    await this.page.close();
  }
}

// tasksOf reads what a service keeps for the user dev, in whatever format, with names in snake_case and tags as names.
async function tasksOf(service) {
  const { body } = await call("GET", `${service.url}/api/tasks`, { token: service.token });
  const tasks = Array.isArray(body) ? body : (body.tasks ?? body.data.tasks);
  const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return tasks.map((task) => {
    const named = Object.fromEntries(Object.entries(task).map(([name, value]) => [snake(name), value]));
    const tags = typeof named.tags === "string" ? named.tags.split(",").filter(Boolean) : named.tags;
    return { ...named, tags: tags.map((tag) => tag.name ?? tag) };
  });
}

const deployments = {
  "with default settings": { settings: {}, lists: "/api/tasks" },
  "wrapped, in camelCase, with tags as objects": { settings: { API_FORMAT: "wrapped", API_CASE: "camel", API_TAGS: "objects" }, lists: "/api/tasks" },
  "as an envelope, with tags as text": { settings: { API_FORMAT: "envelope", API_TAGS: "csv" }, lists: "/api/tasks" },
  "as an envelope in snake_case, at other addresses": {
    settings: { API_FORMAT: "envelope", API_CASE: "snake", API_PATHS: "/api/tasks/soon?due=week,/api/users/{user_id}/todos" },
    lists: "/api/users/dev/todos",
  },
  "with members and names of its own": {
    settings: { API_FIELDS: "category,estimate", API_ALIASES: "is_done=completed,recurrence_rule=recurrence_word,completed_at=completed" },
    lists: "/api/tasks",
  },
};

describe("somebody tries the API on the development page", () => {
  for (const [name, { settings, lists }] of Object.entries(deployments)) {
    it(name, async () => {
      const service = await startDevelopment(settings);
      const dev = await (await openDevPage(service)).ready();
      assert.deepEqual(await dev.lastCall().then(({ does, line }) => [does, line]), ["List the tasks", `GET ${lists}?limit=50`]);

      await dev.add("Buy milk", { priority: "high", date: "2031-05-06", time: "09:30", tags: "home, kitchen" });
      assert.equal((await dev.lastCall()).line, `POST ${lists}`);
      await dev.add("Call Ann");
      let [ann, milk] = await tasksOf(service);
      assert.deepEqual([milk.title, milk.priority, milk.due_date, milk.tags], ["Buy milk", "high", "2031-05-06T09:30", ["home", "kitchen"]]);
      assert.deepEqual([ann.title, ann.priority, ann.due_date, ann.tags], ["Call Ann", "medium", null, []]);
      assert.match(await dev.task("Buy milk").locator(".facts").innerText(), /High[^]*Tue,? 6 May 2031, 09:30[^]*home[^]*kitchen/);

      await dev.task("Buy milk").getByRole("checkbox").check();
      await dev.page.locator(".task.done").waitFor();
      assert.equal((await dev.lastCall()).line, `PATCH ${lists}/${milk.id}/complete`);
      [ann, milk] = await tasksOf(service);
      assert.deepEqual([milk.status, ann.status], ["completed", "pending"]);

      const item = dev.task("Call Ann");
      await item.getByRole("button", { name: "Edit Call Ann" }).click();
      await item.getByLabel("Title").fill("Call Bob");
      await item.getByLabel("Description").fill("About the boat");
      await item.getByLabel("Status").selectOption("in_progress");
      await item.getByLabel("Priority").selectOption("none");
      await item.getByLabel("Due").fill("2031-01-02");
      await item.getByLabel("Tags").fill("phone");
      if (settings.API_FIELDS) await item.getByLabel("category").fill("private");
      await item.getByRole("button", { name: "Save" }).click();
      await dev.task("Call Bob").getByText("About the boat").waitFor();
      assert.equal((await dev.lastCall()).line, `PATCH ${lists}/${ann.id}`);
      let [bob] = await tasksOf(service);
      assert.deepEqual(
        [bob.id, bob.title, bob.description, bob.status, bob.priority, bob.due_date, bob.tags, bob.category],
        [ann.id, "Call Bob", "About the boat", "in_progress", "none", "2031-01-02", ["phone"], settings.API_FIELDS && "private"],
      );

      await filters(dev);
      await dev.task("Call Bob").getByRole("button", { name: "Delete Call Bob" }).click();
      await dev.page.getByRole("dialog").getByRole("button", { name: "Keep it" }).click();
      assert.equal((await tasksOf(service)).length, 2);
      await dev.task("Call Bob").getByRole("button", { name: "Delete Call Bob" }).click();
      await dev.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      assert.deepEqual(await dev.titles(1), ["Buy milk"]);
      assert.deepEqual(await dev.lastCall().then(({ line, outcome }) => [line, outcome.slice(0, 3)]), [`DELETE ${lists}/${bob.id}`, "200"]);
      assert.deepEqual((await tasksOf(service)).map(({ id }) => id), [milk.id]);
      await dev.close();
    });
  }

  // filters tries each filter on Buy milk, which is completed, and Call Bob.
  async function filters(dev) {
    const fields = dev.filterForm;
    const tries = [
      ["status", "completed", ["Buy milk"]],
      ["status", "active", ["Call Bob"]],
      ["priority", "high", ["Buy milk"]],
      ["due", "today", []],
      ["tags", "phone", ["Call Bob"]],
      ["search", "boat", ["Call Bob"]],
    ];
    for (const [name, value, expected] of tries) {
      const field = fields.locator(`[name=${name}]`);
      const isSelect = await field.evaluate((element) => element.localName === "select");
      const set = (text) => (isSelect ? field.selectOption(text) : field.fill(text));
      await set(value);
      assert.deepEqual(await dev.titles(expected.length), expected, `${name}: ${value}`);
      await set("");
      await dev.titles(2);
    }
    await fields.locator("[name=sort]").selectOption("title");
    await eventually("the tasks are sorted by title", async () => (await dev.titles(2))[0] === "Buy milk");
    await dev.task("Call Bob").getByRole("button", { name: "Show the tag phone" }).click();
    assert.deepEqual(await dev.titles(1), ["Call Bob"]);
    await fields.locator("[name=tags]").fill("");
    await dev.titles(2);
  }

  it("reads a long list page by page", async () => {
    for (const API_FORMAT of ["plain", "wrapped", "envelope"]) {
      const service = await startDevelopment({ API_FORMAT });
      const tasks = Array.from({ length: 70 }, (_, i) => ({ title: `Task ${i + 1}` }));
      await call("POST", `${service.url}/api/tasks/bulk`, { token: service.token, body: { tasks } });
      const dev = await (await openDevPage(service)).ready();
      await dev.titles(50);
      await dev.page.getByRole("button", { name: "Show more", exact: true }).click();
      assert.equal(new Set(await dev.titles(70)).size, 70);
      assert.equal(await dev.page.getByRole("button", { name: "Show more", exact: true }).isVisible(), false);
      await dev.task("Task 20").getByRole("checkbox").check();
      await dev.task("Task 20").and(dev.page.locator(".done")).waitFor();
      await dev.titles(70);
      await dev.close();
    }
  });

  it("learns what is wrong with a call", async () => {
    const service = await startDevelopment();
    const dev = await (await openDevPage(service)).ready();
    await dev.addForm.getByRole("button", { name: "Add" }).click();
    await dev.addForm.getByText("A task needs a title").waitFor();
    await dev.addForm.getByLabel("Title").fill("Tagged");
    await dev.addForm.getByLabel("Tags").fill("x".repeat(51));
    await dev.addForm.getByRole("button", { name: "Add" }).click();
    await dev.addForm.getByText("50 characters").waitFor();
    assert.equal(await dev.addForm.getByLabel("Tags").getAttribute("aria-invalid"), "true");
    assert.match((await dev.lastCall()).outcome, /^422/);
    dev.notes.complaints.length = 0; // Chromium writes that there was a 422
    await service.stop();
    await dev.addForm.getByLabel("Tags").fill("");
    await dev.addForm.getByRole("button", { name: "Add" }).click();
    await dev.addForm.getByText("The service does not answer").waitFor();
  });
});

describe("what is copied", () => {
  let service, dev;

  before(async () => {
    service = await startDevelopment();
    dev = await (await openDevPage(service)).ready();
  });

  for (const shell of ["bash", "dash", "zsh"]) {
    it(`makes the same task in ${shell}, whatever its title says`, async (t) => {
      if (!(await run("sh", ["-c", `command -v ${shell}`]).catch(() => null))) return t.skip(`${shell} is not installed`);
      await dev.add(hostile, { priority: "low", tags: "it's, $HOME" });
      const [shown] = await tasksOf(service);
      const command = await dev.copied("curl");
      assert.ok(!command.includes(service.token) && !/--json|(^|\s)#/.test(command.replace(hostile, "")), command);
      const folder = temporaryFolder();
      const { stdout } = await run(shell, ["-c", command], { cwd: folder, env: { PATH: process.env.PATH, TOKEN: service.token } });
      const { id, title, priority, tags } = JSON.parse(stdout);
      assert.deepEqual({ title, priority, tags }, { title: hostile, priority: "low", tags: ["it's", "$HOME"] });
      assert.notEqual(id, shown.id);
      assert.deepEqual(await run("ls", ["-A"], { cwd: folder }), { stdout: "", stderr: "" });
    });
  }

  it("makes the same task with fetch", async () => {
    await dev.add(hostile);
    const before = await tasksOf(service);
    const program = `const token = process.env.TOKEN;\n${await dev.copied("fetch")}`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { env: { TOKEN: service.token } });
    assert.match(stdout, /^201 /);
    const [made, ...others] = await tasksOf(service);
    assert.deepEqual([made.title, others], [hostile, before]);
  });

  it("is a list with its filters, too", async () => {
    await dev.filterForm.getByLabel("Search").fill("牛乳 it's");
    await eventually("the list is asked for", async () => /search=/.test((await dev.lastCall()).line));
    const { stdout } = await run("dash", ["-c", await dev.copied("curl")], { env: { PATH: process.env.PATH, TOKEN: service.token } });
    assert.ok(JSON.parse(stdout).length > 1);
    assert.ok(JSON.parse(stdout).every(({ title }) => title === hostile));
    assert.match(await dev.copied("Answer"), /^HTTP 200\n/);
  });

  it("shows the command that makes the token, and never the token", async () => {
    await dev.page.getByRole("button", { name: "Copy the command that sets TOKEN" }).click();
    assert.equal(await dev.page.evaluate(() => navigator.clipboard.readText()), "TOKEN=$(go run . token)");
    assert.doesNotMatch(await dev.page.locator("body").innerText(), /eyJ/);
    await dev.close();
  });
});

describe("text of users", () => {
  it("is text, whatever it looks like", async () => {
    const service = await startDevelopment();
    const body = { title: hostile, description: hostile, tags: [`<b onclick="window.pwned=1">${"'\""}`] };
    await call("POST", `${service.url}/api/tasks`, { token: service.token, body });
    const dev = await (await openDevPage(service)).ready();
    assert.deepEqual(await dev.titles(1), [hostile]);
    await dev.list.getByRole("button", { name: /^Edit/ }).click();
    await dev.list.getByRole("button", { name: "Cancel" }).click();
    await dev.list.getByRole("button", { name: /^Delete/ }).click();
    await dev.page.getByRole("dialog").getByText("will be gone").waitFor();
    assert.equal(await dev.page.locator("main img, main script, dialog img, main b[onclick]").count(), 0);
    assert.equal(await dev.page.evaluate(() => window.pwned), undefined);
    await dev.close();
  });

  it("could not become HTML if the page had a mistake", async () => {
    const dev = await (await openDevPage(await startDevelopment())).ready();
    const outcome = await dev.page.evaluate(() => {
      try {
        document.getElementById("empty").innerHTML = "<img src=x onerror='window.pwned=1'>";
        return "HTML";
      } catch (error) {
        return error.name;
      }
    });
    assert.equal(outcome, "TypeError");
    const inline = await dev.page.evaluate(async () => {
      const image = document.createElement("img");
      image.setAttribute("onerror", "window.pwned=1");
      image.src = "data:,";
      document.body.append(image);
      await new Promise((resolve) => image.addEventListener("error", () => setTimeout(resolve, 50)));
      return window.pwned;
    }).catch((error) => error.name);
    assert.notEqual(inline, 1);
    await dev.page.close();
  });
});

describe("who can't use a mouse or see well", () => {
  for (const [name, viewport] of Object.entries({ "a wide screen": wide, "a phone": phone })) {
    for (const colorScheme of ["light", "dark"]) {
      it(`finds nothing amiss on ${name}, ${colorScheme}`, async () => {
        const service = await startDevelopment({ API_FIELDS: "category" });
        const dev = await (await openDevPage(service, { viewport, colorScheme })).ready();
        await dev.assertAccessible("no task");
        await dev.add("Buy milk", { priority: "critical", date: "2020-01-01", tags: "home" });
        await dev.add("Read", { priority: "high", date: "2099-01-01" });
        await dev.add("x".repeat(255), { tags: "y".repeat(50) });
        await dev.task("Read").getByRole("checkbox").check();
        await dev.page.locator(".task.done").waitFor();
        await dev.assertAccessible("tasks");
        await dev.assertNoHorizontalScroll();
        for (const toggle of await dev.page.locator(".toggle:visible").all()) await toggle.click();
        await dev.assertAccessible("calls");
        await dev.assertNoHorizontalScroll();
        for (const toggle of await dev.page.locator(".toggle:visible").all()) await toggle.click();
        await dev.task("Buy milk").getByRole("button", { name: /^Edit/ }).click();
        await dev.assertAccessible("an editor");
        await dev.assertNoHorizontalScroll();
        await dev.task("Buy milk").getByRole("button", { name: /^Delete/ }).click();
        await dev.assertAccessible("a dialog");
        await dev.page.keyboard.press("Escape");
        await dev.page.getByRole("button", { name: "Use another token" }).click();
        await dev.assertAccessible("another token");
        await dev.assertNoHorizontalScroll();
        await dev.close();
      });
    }
  }

  it("does everything with the keyboard, and the focus stays where it was", async () => {
    const service = await startDevelopment();
    const dev = await (await openDevPage(service)).ready();
    const { keyboard } = dev.page;
    const focused = () => dev.page.evaluate(() => document.activeElement.ariaLabel || document.activeElement.labels?.[0]?.textContent.trim().split("\n")[0].trim() || document.activeElement.textContent.trim());
    const tabTo = async (name) => {
      for (let i = 0; i < 60; i++) {
        if ((await focused()) === name) return;
        await keyboard.press("Tab");
      }
      assert.fail(`Tab does not lead to ${name}, but to ${await focused()}`);
    };
    await tabTo("Skip to the tasks");
    await keyboard.press("Enter");
    await tabTo("Title");
    await keyboard.type("Buy milk");
    await keyboard.press("Enter");
    await dev.task("Buy milk").waitFor();
    assert.equal(await focused(), "Title");
    await tabTo("Buy milk");
    await keyboard.press("Space");
    await dev.page.locator(".task.done").waitFor();
    assert.equal(await focused(), "Buy milk");
    await tabTo("Edit Buy milk");
    await keyboard.press("Enter");
    assert.equal(await focused(), "Title");
    await keyboard.press("Escape");
    assert.equal(await focused(), "Edit Buy milk");
    await keyboard.press("Enter");
    await keyboard.press("End");
    await keyboard.type(" and bread");
    await keyboard.press("Enter");
    await dev.task("Buy milk and bread").waitFor();
    assert.equal(await focused(), "Edit Buy milk and bread");
    await tabTo("Delete Buy milk and bread");
    await keyboard.press("Enter");
    assert.equal(await focused(), "Keep it", "what can't be undone is not one key away");
    await keyboard.press("Shift+Tab");
    assert.equal(await focused(), "Delete");
    await keyboard.press("Enter");
    await dev.titles(0);
    await eventually("the focus is in the list again", async () => /^Tasks/.test(await focused()));
    assert.equal(await dev.page.getByRole("status").innerText(), "Deleted Buy milk and bread");
    await dev.close();
  });
});

describe("who asks", () => {
  it("is asked for a token where the secret was given, and then is that user", async () => {
    const service = await startDevelopment({ BETTER_AUTH_SECRET: "a secret that somebody gave to development" });
    const dev = await openDevPage(service);
    const form = dev.page.locator("#sign-in");
    await form.getByLabel("Token").fill("eyJhbGciOiJIUzI1NiJ9.e30.AAAA");
    await form.getByRole("button", { name: "Use it" }).click();
    await form.getByRole("alert").getByText(/\w/).waitFor();
    dev.notes.complaints.length = 0; // Chromium writes that there was a 401
    await dev.assertAccessible("asked for a token");
    await form.getByLabel("Token").fill(` Bearer ${await service.tokenOf("al/ice")}\n`);
    await form.getByRole("button", { name: "Use it" }).click();
    await dev.ready();
    await dev.page.getByText("Signed in as al/ice").waitFor();
    await dev.page.getByLabel("Calls go to").selectOption("/api/{user_id}/tasks");
    await dev.add("Alice's");
    assert.equal((await dev.lastCall()).line, "POST /api/al%2Fice/tasks");
    assert.match(await dev.page.locator("#once").innerText(), /^TOKEN='/);

    await dev.page.getByRole("button", { name: "Use another token" }).click();
    await form.getByLabel("Token").fill(service.token);
    await form.getByRole("button", { name: "Use it" }).click();
    await dev.page.getByText("Signed in as dev").waitFor();
    assert.deepEqual(await dev.titles(0), []);
    await dev.close();
  });

  it("behind a proxy that strips a path is asked for a token, and finds everything below the path", async () => {
    const service = await startDevelopment({ BASE_PATH: "/todo" });
    const url = (await startNginx("/todo", service.url)) + "/todo";
    const dev = await openDevPage({ url });
    await dev.page.getByRole("textbox", { name: "Token" }).fill(service.token);
    await dev.page.getByRole("button", { name: "Use it" }).click();
    await dev.ready();
    await dev.add("Behind a proxy");
    assert.equal((await dev.lastCall()).line, "POST /todo/api/tasks");
    for (const link of await dev.page.getByRole("navigation").getByRole("link").all()) {
      const { status } = await fetch(await link.evaluate((element) => element.href));
      assert.equal(status, 200);
    }
    assert.ok(dev.notes.requests.every((request) => request.startsWith(`${url}/`)));
    await dev.close();
  });

  it("from a page of another origin on this machine reads nothing", async () => {
    const service = await startDevelopment();
    const server = http.createServer((_, response) => response.setHeader("Content-Type", "text/html").end("<!DOCTYPE html><link rel=icon href=data:,><title>Another</title>"));
    server.listen(0, "127.0.0.1").unref();
    await once(server, "listening");
    const page = await openPage();
    await page.goto(`http://localhost:${server.address().port}`);
    const reads = (address, options) => page.evaluate(([address, options]) => fetch(address, options).then((r) => r.text(), () => "refused"), [address, options]);
    assert.match(await reads(`${service.url}/health`), /healthy/, "the API may be called from there");
    assert.equal(await reads(`${service.url}/`), "refused");
    assert.equal(await reads(`${service.url}/`, { credentials: "include" }), "refused");
    assert.notEqual(await reads(`${service.url}/`, { mode: "no-cors" }).then((text) => /token/.test(text)), true);
    const framed = await page.evaluate(async (address) => {
      const frame = document.createElement("iframe");
      frame.src = address;
      document.body.append(frame);
      await new Promise((resolve) => frame.addEventListener("load", resolve));
      try {
        return frame.contentDocument?.body.textContent ?? "";
      } catch {
        return "";
      }
    }, `${service.url}/`);
    assert.equal(framed, "");
    await page.close();
    server.close();
  });
});
