// The README's walk-through, executed as it stands but for the address and the program.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { run, temporaryFolder } from "./lib/process.mjs";
import { serviceBinary, startService } from "./lib/service.mjs";

const readme = readFileSync(path.resolve(import.meta.dirname, "../README.md"), "utf8");
const walkThrough = readme.match(/^With the service running[^]*?```sh\n([^]*?)```/m)[1];

test("the walk-through leads a task through its life", async () => {
  const folder = temporaryFolder();
  const service = await startService({}, folder);
  const script = walkThrough.replaceAll("go run .", await serviceBinary()).replaceAll("http://127.0.0.1:8000", service.url);
  const strict = 'set -euo pipefail\ncurl() { command curl --fail-with-body "$@"; echo; }\n';
  const { stdout } = await run("bash", ["-c", strict + script], { cwd: folder });
  const [created, list, changed, completed, found, deleted] = stdout.trim().split(/\n+/).map((line) => JSON.parse(line));
  assert.equal(created.title, "Buy milk");
  assert.deepEqual(list, [created]);
  assert.equal(changed.description, "2 litres");
  assert.equal(completed.completed, true);
  assert.deepEqual(found, [completed]);
  assert.deepEqual(deleted, { message: "Task deleted successfully" });
  await service.stop();
});
