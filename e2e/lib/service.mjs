// The service itself, built from this checkout.
import path from "node:path";
import { answers, freePort, run, start, temporaryFolder } from "./process.mjs";

const checkout = path.resolve(import.meta.dirname, "../..");

let binary;

// serviceBinary builds the service once for a test file, and returns the program's path.
export function serviceBinary() {
  return (binary ??= build());
}

async function build() {
  const file = path.join(temporaryFolder(), "todo-backend");
  await run("go", ["build", "-o", file, "."], { cwd: checkout });
  return file;
}

// startService runs the service with the given settings, in an empty folder unless another is given: no .env of the
// checkout counts.
export async function startService(settings, cwd = temporaryFolder()) {
  const url = `http://127.0.0.1:${settings.PORT ?? (await freePort())}`;
  const env = { HOST: "127.0.0.1", PORT: new URL(url).port, DRAIN_DELAY: "0s", ...settings };
  const program = await start("the service", await serviceBinary(), [], {
    cwd,
    env,
    isReady: () => answers(`${url}/ready`),
  });
  return { url, stop: () => program.stop() };
}

// call sends a request and returns the answer with its JSON read. A body that is not undefined is sent as JSON.
export async function call(method, address, { token, body } = {}) {
  const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...(body && { "Content-Type": "application/json" }) };
  const response = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
