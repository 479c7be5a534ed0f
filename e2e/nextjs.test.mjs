// nextjs/, the guide for frontends as an application: built, migrated and served as the guide says, and driven in Chromium from
// sign-up to sign-out, beyond the life of its tokens. NEXTJS names another version of Next.js than that of its package.json.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync, existsSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { openPage } from "./lib/browser.mjs";
import { createDatabase } from "./lib/postgres.mjs";
import { freePort, run, start, temporaryFolder, until } from "./lib/process.mjs";
import { startService } from "./lib/service.mjs";

const password = "correct horse battery staple";
const node20 = path.resolve(import.meta.dirname, "lib/node20.mjs");
const lifetime = 20; // seconds that a token lives; the backend allows 5 more for clocks that differ

describe(`the guide as an application, on Next.js ${process.env.NEXTJS ?? "of its package.json"}`, () => {
  let frontend, backend, page, tokens, answers;

  before(async () => {
    const [port, backendPort, DATABASE_URL] = [await freePort(), await freePort(), await createDatabase()];
    [frontend, backend] = [`http://localhost:${port}`, `http://127.0.0.1:${backendPort}`];
    const folder = await install();
    const env = {
      ...{ PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
      ...{ BETTER_AUTH_URL: frontend, BETTER_AUTH_SECRET: randomBytes(32).toString("base64"), DATABASE_URL },
      ...{ NEXT_PUBLIC_API_URL: backend, TOKEN_LIFETIME: `${lifetime}s` },
    };
    await run("npx", ["auth", "migrate", "--yes"], { cwd: folder, env: { ...env, NODE_OPTIONS: `--import=${node20}` } });
    await run("npx", ["next", "build"], { cwd: folder, env });
    const isReady = async () => (await fetch(frontend).catch(() => undefined))?.status === 200;
    const next = path.join(folder, "node_modules/next/dist/bin/next");
    await start("Next.js", process.execPath, [next, "start", "--hostname", "localhost", "--port", String(port)], { cwd: folder, env, isReady });
    await startService({ PORT: String(backendPort), BETTER_AUTH_URL: frontend });
  });

  // install returns a folder with the application and its packages.
  async function install() {
    const own = path.resolve(import.meta.dirname, "nextjs");
    if (!process.env.NEXTJS) {
      if (!existsSync(path.join(own, "node_modules"))) await run("npm", ["ci"], { cwd: own });
      return own;
    }
    const folder = temporaryFolder();
    const keep = (file) => !/\/(node_modules|\.next|package-lock\.json)$/.test(file);
    cpSync(own, folder, { recursive: true, filter: keep });
    await run("npm", ["install", "--save-exact", `next@${process.env.NEXTJS}`], { cwd: folder });
    return folder;
  }

  async function newPage() {
    page = await openPage();
    [tokens, answers] = [0, []];
    page.on("request", (request) => (tokens += new URL(request.url()).pathname === "/api/auth/token"));
    page.on("response", (response) => {
      if (response.url().startsWith(backend) && response.request().method() !== "OPTIONS") answers.push(response.status());
    });
  }

  before(newPage);
  after(() => page?.context().close());

  async function signUp(email) {
    await page.goto(frontend);
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign up" }).click();
    await page.getByRole("heading", { name: "Tasks" }).waitFor();
  }

  async function add(title) {
    await page.getByLabel("Title").fill(title);
    await page.getByRole("button", { name: "Add" }).click();
    await page.getByLabel(title).waitFor();
  }

  const csv = () => page.evaluate(async () => (await fetch("/tasks.csv")).text());
  const checked = (count) => until(`${count} tasks are completed`, async () => (await page.locator("input:checked").count()) === count, 60_000);

  it("who is not signed in is led to the sign-in", async () => {
    await page.goto(`${frontend}/tasks`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });

  it("a user signs up; a server component, a server action and a route handler act for her", async () => {
    await signUp("ann@example.com");
    await add("Buy milk");
    await add("Feed the cat");
    assert.equal(await csv(), 'false,"Feed the cat"\nfalse,"Buy milk"\n');
    assert.equal(tokens, 0, "tokens of the server stay there");
  });

  it("calls of the browser that are made at once share one token", async () => {
    await page.getByRole("button", { name: "Flip all" }).click();
    await checked(2);
    assert.equal(tokens, 1);
    assert.deepEqual(answers, [200, 200]);
  });

  it("a token is renewed before it expires", async () => {
    await page.waitForTimeout((lifetime + 6) * 1000); // until the backend refuses the first token
    await page.getByRole("button", { name: "Flip all" }).click();
    await checked(0);
    assert.equal(tokens, 2);
    assert.deepEqual(answers, [200, 200, 200, 200], "no call was refused");
    await page.reload();
    await page.getByLabel("Buy milk").waitFor();
    assert.equal(await csv(), 'false,"Feed the cat"\nfalse,"Buy milk"\n');
  });

  it("a token is forgotten at the sign-out, and the next user has one of their own", async () => {
    await page.getByRole("button", { name: "Flip all" }).click();
    await checked(2);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assert.equal(await page.getByLabel("Buy milk").count(), 0, "nor does the way back lead to her tasks");
    await page.evaluate(() => (window.isSamePage = true));

    const before = tokens;
    await page.getByLabel("E-mail").fill("bob@example.com");
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign up" }).click();
    await page.getByRole("heading", { name: "Tasks" }).waitFor();
    assert.equal(await page.getByRole("checkbox").count(), 0, "he sees none of her tasks");
    await add("Bob's");
    await page.getByRole("button", { name: "Flip all" }).click();
    await checked(1);
    assert.equal(tokens, before + 1);
    assert.ok(await page.evaluate(() => window.isSamePage), "nothing was loaded anew meanwhile");
  });
});
