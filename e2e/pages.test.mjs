// What the pages have for a shell runs as it stands, in bash and in dash. Replaced are addresses and secrets; go, npm, npx
// and claude are a script that runs the program where the service is meant, builds it where that is, and else notes what it was called
// with.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { pages, shellBlocks } from "./lib/pages.mjs";
import { createDatabase } from "./lib/postgres.mjs";
import { answers, freePort, run, start, temporaryFolder } from "./lib/process.mjs";
import { call, serviceBinary, startService } from "./lib/service.mjs";

const checkout = path.resolve(import.meta.dirname, "..");

// Who runs which block: the first whose text stands in it.
const plays = [
  ["With the walk-through a task lives and dies", "TOKEN=$(go run . token alice)", walkThrough],
  ["A token for programs is made", "/api/tokens", makesToken],
  ["An assistant is told of the address of the tools", "claude mcp add", addsTools],
  ["The first command serves", "go run .\n", serves],
  ["The service runs on Postgres", "NEON_DB_URL=", servesOnPostgres],
  ["The program is built, and says which it is", "go build", builds],
  ["A backup is made", "VACUUM INTO", backsUp],
  ["A backup is restored", "mv backup.db", restores],
  ["A token is looked at", "token -check", checksToken],
  ["A user's data is exported and deleted", "todo-backend user delete", exportsAndDeletes],
  ["The package knows what #token is", "npm pkg set", setsImports],
  ["Commands for developers name what there is", /^(\w+=\w+ )?(go (test|generate|run)|npm|npx) /m, namesWhatThereIs],
];

for (const [page, text] of Object.entries(pages)) {
  for (const block of shellBlocks(text)) {
    const play = plays.find(([, mark]) => (mark instanceof RegExp ? mark.test(block) : block.includes(mark)));
    describe(`${page}: ${block.split("\n")[0]}`, () => {
      for (const shell of ["bash", "dash"]) {
        it(`${play?.[0] ?? "Some program runs the block"} (${shell})`, async () => {
          assert.ok(play, "plays above has nobody who runs the block");
          await play[2](block, await newTerminal(shell));
        });
      }
    });
  }
}

// newTerminal is a shell in an empty folder, that ends at the first command that fails.
async function newTerminal(shell) {
  const folder = temporaryFolder();
  const [bin, calls, binary] = [path.join(folder, "bin"), path.join(folder, "calls"), await serviceBinary()];
  mkdirSync(bin);
  symlinkSync(binary, path.join(folder, "todo-backend"));
  symlinkSync(binary, path.join(bin, "todo-backend"));
  for (const name of ["go", "npm", "npx", "claude"]) writeFileSync(path.join(bin, name), standIn(name, binary, calls), { mode: 0o755 });
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, HOST: "127.0.0.1", DRAIN_DELAY: "0s", GIT_DIR: path.join(checkout, ".git") };
  const args = (block) => [shell === "bash" ? "-euo" : "-eu", ...(shell === "bash" ? ["pipefail"] : []), "-c", block.trim()];
  return {
    folder,
    calls: () => readFileSync(calls, "utf8").trim().split("\n"),
    run: async (block, more) => (await run(shell, args(block), { cwd: folder, env: { ...env, ...more } })).stdout,
    serve: async (block, more) => {
      const port = await freePort();
      const isReady = () => answers(`http://127.0.0.1:${port}/ready`);
      return start(`${shell}: ${block}`, shell, args(block), { cwd: folder, group: true, env: { ...env, PORT: String(port), ...more }, isReady });
    },
  };
}

function standIn(name, binary, calls) {
  return `#!/bin/sh
case "${name} $*" in
"go run . "* | "go run .") shift 2; exec "${binary}" "$@" ;;
"npm pkg "*) export PATH="\${PATH#*:}"; exec npm "$@" ;;
"go build "*) shift; folder=$PWD; rm -f todo-backend; export PATH="\${PATH#*:}"; exec go -C "${checkout}" build -o "$folder/todo-backend" "$@" ;;
esac
echo "${name} $*" >>"${calls}"
`;
}

async function walkThrough(block, terminal) {
  const service = await startService({}, terminal.folder);
  const script = block.replaceAll("http://127.0.0.1:8000", service.url);
  const stdout = await terminal.run(`curl() { command curl --fail "$@"; echo; }\n${script}`);
  const [created, list, changed, completed, found, deleted] = stdout.trim().split(/\n+/).map((line) => JSON.parse(line));
  assert.equal(created.title, "Buy milk");
  assert.deepEqual(list, [created]);
  assert.equal(changed.description, "2 litres");
  assert.equal(completed.completed, true);
  assert.deepEqual(found, [completed]);
  assert.deepEqual(deleted, { message: "Task deleted successfully" });
  await service.stop();
}

async function makesToken(block, terminal) {
  const service = await startService({}, terminal.folder);
  const TOKEN = (await terminal.run("todo-backend token ann")).trim();
  const made = JSON.parse(await terminal.run(block.replaceAll("http://127.0.0.1:8000", service.url), { TOKEN }));
  assert.match(made.token, /^todo_/);
  await service.stop();
}

// addsTools calls what the assistant would with the address and the header that it was given.
async function addsTools(block, terminal) {
  const service = await startService({}, terminal.folder);
  const body = { name: "my assistant", scope: "read" };
  const signedIn = (await terminal.run("todo-backend token ann")).trim();
  const { token } = (await call("POST", `${service.url}/api/tokens`, { token: signedIn, body })).body;
  await terminal.run(block.replace("https://todo.example.com", service.url).replace("todo_…", token));
  const [, url, header] = terminal.calls()[0].match(/^claude mcp add --transport http todo (\S+) --header (.+)$/);
  assert.equal(header, `Authorization: Bearer ${token}`);
  const answer = await call("POST", url, { token, body: { jsonrpc: "2.0", id: 1, method: "tools/list" } });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  await service.stop();
}

async function serves(block, terminal) {
  await (await terminal.serve(block)).stop();
  assert.ok(existsSync(path.join(terminal.folder, "data/todo.db")));
}

async function servesOnPostgres(block, terminal) {
  const script = block.replace(/'postgresql:[^']*'/, `'${await createDatabase()}'`);
  await (await terminal.serve(script)).stop();
}

async function builds(block, terminal) {
  assert.match(await terminal.run(block), /^todo-backend v1\.0\.0, commit [0-9a-f]{7,}, built \d{4}-/);
}

async function backsUp(block, terminal) {
  await (await startService({}, terminal.folder)).stop();
  await terminal.run(block);
  assert.equal(statSync(path.join(terminal.folder, "backup.db")).mode & 0o777, 0o600);
}

async function restores(block, terminal) {
  mkdirSync(path.join(terminal.folder, "data"));
  for (const name of ["data/todo.db", "data/todo.db-wal", "backup.db"]) writeFileSync(path.join(terminal.folder, name), name);
  await terminal.run(block);
  assert.equal(readFileSync(path.join(terminal.folder, "data/todo.db"), "utf8"), "backup.db");
  assert.ok(!existsSync(path.join(terminal.folder, "data/todo.db-wal")));
}

async function checksToken(block, terminal) {
  const TOKEN = (await terminal.run("todo-backend token ann")).trim();
  assert.match(await terminal.run(block, { TOKEN }), /^The token is accepted/);
}

async function exportsAndDeletes(block, terminal) {
  const service = await startService({}, terminal.folder);
  const token = (await terminal.run("todo-backend token ann")).trim();
  const created = await call("POST", `${service.url}/api/tasks`, { token, body: { title: "Buy milk" } });
  assert.equal(created.status, 201, JSON.stringify(created.body));
  await terminal.run(block.replaceAll(" ID", " ann"));
  assert.match(readFileSync(path.join(terminal.folder, "user.jsonl"), "utf8"), /"Buy milk"/);
  assert.deepEqual((await call("GET", `${service.url}/api/tasks`, { token })).body, []);
  await service.stop();
}

async function setsImports(block, terminal) {
  writeFileSync(path.join(terminal.folder, "package.json"), "{}");
  await terminal.run(block);
  const { imports } = JSON.parse(readFileSync(path.join(terminal.folder, "package.json"), "utf8"));
  assert.deepEqual(imports, JSON.parse(readFileSync(path.join(checkout, "e2e/nextjs/package.json"), "utf8")).imports);
}

async function namesWhatThereIs(block, terminal) {
  await terminal.run(block);
  for (const call of terminal.calls()) await assertMeansSomething(call.split(" "));
}

async function assertMeansSomething([program, verb, ...args]) {
  if (program === "npx") return assert.ok(verb);
  if (program === "npm") return assertNpm(verb, args);
  const tags = args.includes("-tags") ? [`-tags=${args[args.indexOf("-tags") + 1]}`] : [];
  const [target] = args.filter((arg) => /^\.|@/.test(arg));
  if (/@v\d+\.\d+\.\d+$/.test(target)) return assert.equal(verb, "run");
  const { stdout } = await run("go", ["list", ...tags, "-f", "{{.Dir}}", target], { cwd: checkout });
  assert.ok(stdout.trim(), `there is ${target}`);
  if (!args.includes("-run")) return;
  const test = args[args.indexOf("-run") + 1];
  assert.ok(await run("grep", ["-rq", `^func ${test}`, "--include=*_test.go", stdout.trim()]), `there is ${test}`);
}

function assertNpm(verb, args) {
  if (!args.includes("--prefix")) return assert.equal(verb, "install");
  const { scripts } = JSON.parse(readFileSync(path.join(checkout, args[args.indexOf("--prefix") + 1], "package.json"), "utf8"));
  assert.ok(verb === "ci" || scripts[verb], verb);
}
