// The service behind a real Better Auth server, as in production: both keep their tables in one Postgres database.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { startBetterAuth } from "./lib/better-auth.mjs";
import { createDatabase } from "./lib/postgres.mjs";
import { call, startService } from "./lib/service.mjs";
import { until } from "./lib/process.mjs";

const secret = randomBytes(32).toString("hex");

// stage starts Better Auth, with the given switches, and the service that trusts it.
async function stage(switches) {
  const database = await createDatabase();
  const auth = await startBetterAuth({ secret, database, ...switches });
  const service = await startService({
    APP_ENV: "production",
    NEON_DB_URL: database,
    BETTER_AUTH_URL: auth.url,
    BETTER_AUTH_SECRET: secret,
  });
  return { auth, service };
}

const kindsOfToken = {
  EdDSA: (user) => user.token(),
  HS256: (user) => user.sharedSecretToken(),
};

const kindsOfPath = {
  "/api/tasks": () => "/api/tasks",
  "/api/{user_id}/tasks": (user) => `/api/${user.id}/tasks`,
};

// combinations calls test with each kind of token and of path.
function combinations(test) {
  for (const [tokenName, tokenOf] of Object.entries(kindsOfToken)) {
    for (const [pathName, pathOf] of Object.entries(kindsOfPath)) test(`${tokenName} under ${pathName}`, tokenOf, pathOf);
  }
}

function assertAnswer(answer, status, body) {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  if (body) assert.deepEqual(answer.body, body);
  return answer.body;
}

function assertRefused(answer, status) {
  assertAnswer(answer, status);
  assert.equal(answer.body.success, false);
  assert.equal(answer.body.error, answer.body.detail);
}

describe("two users of one Better Auth", () => {
  let auth, service, ann, bob;

  before(async () => {
    ({ auth, service } = await stage());
    ann = await auth.signUp("Ann Example", "ann@example.com");
    bob = await auth.signUp("Bob Example", "bob@example.com");
  });

  combinations((name, tokenOf, pathOf) => {
    it(`a task lives its life with ${name}`, async () => {
      const token = await tokenOf(ann);
      const tasks = service.url + pathOf(ann);
      const send = (method, address, body) => call(method, address, { token, body });

      const created = await send("POST", tasks, { title: "  Buy milk ", description: "Two litres" });
      const task = assertAnswer(created, 201);
      const { id, created_at, updated_at } = task;
      assertAnswer(created, 201, {
        id,
        user_id: ann.id,
        title: "Buy milk",
        description: "Two litres",
        completed: false,
        status: "pending",
        priority: "medium",
        due_date: null,
        timezone: null,
        tags: [],
        recurrence_rule: null,
        is_recurring: false,
        recurrence_pattern: null,
        recurrence_interval: null,
        recurrence_end_date: null,
        repeat_from: "due",
        parent_task_id: null,
        remind_at: null,
        completed_at: null,
        created_at,
        updated_at,
      });
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      const address = new URL(created.headers.get("Location"), tasks).href;
      assert.equal(address, `${tasks}/${id}`);

      assertAnswer(await send("GET", address), 200, task);
      assertAnswer(await send("GET", tasks), 200, [task]);

      let last = task;
      const changes = async (method, path, body, expected) => {
        const now = assertAnswer(await send(method, address + path, body), 200);
        const { completed_at, updated_at } = now;
        assert.deepEqual(now, { ...last, ...expected, completed_at, updated_at });
        assert.equal(completed_at !== null, now.completed);
        assert.ok(now.updated_at > last.updated_at, `${now.updated_at} is not after ${last.updated_at}`);
        assertAnswer(await send("GET", address), 200, now);
        last = now;
      };
      await changes("PUT", "", { title: "Buy oat milk" }, { title: "Buy oat milk" });
      await changes("PATCH", "", { description: null }, { description: null });
      const [done, pending] = [{ completed: true, status: "completed" }, { completed: false, status: "pending" }];
      await changes("PUT", "", { ...last, completed: true }, done);
      await changes("PATCH", "/complete", undefined, pending);
      await changes("PATCH", "/complete", { completed: true }, done);
      await changes("PATCH", "/complete", { completed: true }, done);
      await changes("PATCH", "/toggle", {}, pending);

      assertAnswer(await send("DELETE", address), 200, { message: "Task deleted successfully" });
      assertRefused(await send("GET", address), 404);
      assertRefused(await send("DELETE", address), 404);
      assertAnswer(await send("GET", tasks), 200, []);
    });
  });

  const operations = [
    ["GET", ""],
    ["PUT", "", { title: "Bob was here" }],
    ["PATCH", "", { title: "Bob was here" }],
    ["PATCH", "/complete"],
    ["PATCH", "/toggle", { completed: true }],
    ["DELETE", ""],
  ];

  combinations((name, tokenOf, pathOf) => {
    it(`Bob meets nothing of Ann's with ${name}`, async () => {
      const [annsToken, bobsToken] = await Promise.all([tokenOf(ann), tokenOf(bob)]);
      const [annsTasks, bobsTasks] = [service.url + pathOf(ann), service.url + pathOf(bob)];
      const asAnn = (method, address, body) => call(method, address, { token: annsToken, body });
      const asBob = (method, address, body) => call(method, address, { token: bobsToken, body });

      const hers = assertAnswer(await asAnn("POST", annsTasks, { title: "Ann's" }), 201);
      const his = assertAnswer(await asBob("POST", bobsTasks, { title: "Bob's" }), 201);

      for (const [method, path, body] of operations) {
        assertRefused(await asBob(method, `${bobsTasks}/${hers.id}${path}`, body), 404);
        assertRefused(await asBob(method, `${service.url}/api/${ann.id}/tasks/${hers.id}${path}`, body), 403);
        assertRefused(await asBob(method, `${service.url}/api/${ann.id}/tasks/${his.id}${path}`, body), 403);
      }
      assertRefused(await asBob("GET", `${service.url}/api/${ann.id}/tasks`), 403);
      assertRefused(await asBob("POST", `${service.url}/api/${ann.id}/tasks`, { title: "Planted" }), 403);
      assertRefused(await asBob("POST", bobsTasks, { title: "Planted", user_id: ann.id }), 422);

      assertAnswer(await asAnn("GET", annsTasks), 200, [hers]);
      assertAnswer(await asBob("GET", bobsTasks), 200, [his]);
      assertAnswer(await asAnn("DELETE", `${annsTasks}/${hers.id}`), 200);
      assertAnswer(await asBob("DELETE", `${bobsTasks}/${his.id}`), 200);
    });
  });

  it("the same task answers to either kind of token", async () => {
    const [asymmetric, shared] = await Promise.all([ann.token(), ann.sharedSecretToken()]);
    const body = { title: "Made with one token, read with the other" };
    const task = assertAnswer(await call("POST", `${service.url}/api/tasks`, { token: asymmetric, body }), 201);
    const address = `${service.url}/api/tasks/${task.id}`;
    assertAnswer(await call("GET", address, { token: shared }), 200, task);
    assertAnswer(await call("DELETE", address, { token: shared }), 200);
  });

  it("/api/auth/me says who a token is", async () => {
    const me = async (token) => assertAnswer(await call("GET", `${service.url}/api/auth/me`, { token }), 200);
    const { id, email, name } = ann;
    const everywhere = (user) => ({ ...user, success: true, data: user, user });
    assert.deepEqual(await me(await ann.token()), everywhere({ id, email, name }));
    assert.deepEqual(await me(await ann.sharedSecretToken()), everywhere({ id, email, name: null }));
  });

  const otherThings = {
    "no token": () => undefined,
    "the token in the verification e-mail": () => signedWithSecret(auth.verificationToken(ann.email)),
    "the session cookie's cache": () => signedWithSecret(ann.sessionCache),
    "the session token": () => sent(ann.sessionToken),
    "another user's claims under Ann's signature": async () => graft(await ann.token(), await bob.token()),
  };

  for (const [name, get] of Object.entries(otherThings)) {
    it(`${name} opens nothing`, async () => {
      const token = await get();
      for (const path of ["/api/tasks", `/api/${ann.id}/tasks`, "/api/auth/me"]) {
        const answer = await call("GET", service.url + path, { token });
        assertRefused(answer, 401);
        assert.match(answer.headers.get("WWW-Authenticate"), /^Bearer\b/);
      }
    });
  }
});

function sent(token) {
  assert.match(token, /^\w{32}\./);
  return token;
}

// signedWithSecret returns the token: that it verifies is what makes its refusal worth a test.
async function signedWithSecret(token) {
  const jwt = await token;
  await jwtVerify(jwt, new TextEncoder().encode(secret), { algorithms: ["HS256"] });
  return jwt;
}

// graft puts the payload of one token between header and signature of another.
function graft(token, donor) {
  const [header, , signature] = token.split(".");
  return [header, donor.split(".")[1], signature].join(".");
}

describe("what the jwt plugin can sign with", { concurrency: 2 }, () => {
  const plugins = [
    ...["EdDSA", "ES256", "ES512", "RS256", "PS256"].map((ALG) => ({ alg: ALG, switches: { ALG } })),
    { alg: "HS256", switches: { CUSTOM_SIGN: "1" } },
  ];
  for (const { alg, switches } of plugins) {
    it(alg, async () => {
      const { auth, service } = await stage(switches);
      const token = await (await auth.signUp("Ann Example", "ann@example.com")).token();
      assert.equal(decodeProtectedHeader(token).alg, alg);
      const tasks = `${service.url}/api/tasks`;
      const task = assertAnswer(await call("POST", tasks, { token, body: { title: `With ${alg}` } }), 201);
      assertAnswer(await call("GET", tasks, { token }), 200, [task]);
      await service.stop();
      await auth.stop();
    });
  }
});

describe("keys that change", () => {
  const rotation = 2; // seconds
  let auth, service, ann, first, current;

  before(async () => {
    ({ auth, service } = await stage({ ROTATE: String(rotation) }));
    ann = await auth.signUp("Ann Example", "ann@example.com");
    first = current = await ann.token();
    assertAnswer(await list(first), 200, []);
  });

  const list = (token) => call("GET", `${service.url}/api/tasks`, { token });
  const kid = (token) => decodeProtectedHeader(token).kid;

  // nextKey returns the first token of a new key. meanwhile is done before each attempt to get one.
  const nextKey = (meanwhile = () => {}) =>
    until("a new key", async () => {
      await meanwhile();
      const token = await ann.token();
      return kid(token) !== kid(current) && (current = token);
    });

  it("a new key's first token is accepted at once", async () => {
    assertAnswer(await list(await nextKey()), 200);
  });

  it("so it is right after a token that names no key there is", async () => {
    const fresh = await nextKey(async () => assertRefused(await list(withKid(current, "garbage")), 401));
    assertAnswer(await list(fresh), 200);
  });

  it("a token of the first key stays good", async () => {
    assertAnswer(await list(first), 200);
  });

  it("known keys verify without Better Auth, others do not", async () => {
    await auth.stop();
    assertAnswer(await list(current), 200);
    assertAnswer(await list(first), 200);
    assertRefused(await list(withKid(current, "garbage")), 401);
    assertAnswer(await list(current), 200);
  });
});

function withKid(token, kid) {
  const [header, ...rest] = token.split(".");
  const renamed = { ...JSON.parse(Buffer.from(header, "base64url")), kid };
  return [Buffer.from(JSON.stringify(renamed)).toString("base64url"), ...rest].join(".");
}
