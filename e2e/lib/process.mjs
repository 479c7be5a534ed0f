// Programs that a test starts, and their end: whatever happens, none outlives its test file.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const readyWithin = 60_000;
const stoppedWithin = 15_000;
const keptLog = 64 * 1024;

const running = new Set();
const folders = new Set();

export const run = promisify(execFile);

after(async () => {
  for (const program of [...running].reverse()) await program.stop();
  removeFolders();
});

process.on("exit", () => {
  for (const program of running) program.kill();
  removeFolders();
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

// start runs a program until isReady resolves to true. It gets the given environment and no more, with PATH. With group signals
// go to what it started, too.
export async function start(name, command, args, { env = {}, isReady, stopSignal = "SIGTERM", group = false, ...options }) {
  const program = new Program(name, stopSignal, group);
  program.spawn(command, args, { ...options, env: { PATH: process.env.PATH, ...env } });
  await program.ready(isReady);
  return program;
}

class Program {
  #child;
  #log = "";
  #ended = null; // why, once it has

  constructor(name, stopSignal, group) {
    this.name = name;
    this.stopSignal = stopSignal;
    this.group = group;
  }

  spawn(command, args, options) {
    this.#child = spawn(command, args, { ...options, detached: this.group, stdio: ["ignore", "pipe", "pipe"] });
    running.add(this);
    this.#child.once("error", (error) => this.#end(error.message));
    this.#child.once("exit", (code, signal) => this.#end(signal ?? `exit code ${code}`));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.#log = (this.#log + text).slice(-keptLog)));
    }
  }

  #end(reason) {
    this.#ended ??= reason;
    running.delete(this);
  }

  async ready(isReady) {
    try {
      await until(`${this.name} is ready`, () => this.#alive() && isReady(), readyWithin);
    } catch (error) {
      await this.stop();
      throw new Error(`${error.message}\n${this.#log}`);
    }
  }

  #alive() {
    if (this.#ended) throw new Error(`${this.name} ended by itself: ${this.#ended}`);
    return true;
  }

  // stop asks the program to end and waits; one that does not obey is killed, which is an error.
  async stop() {
    if (this.#ended) return;
    const exit = once(this.#child, "exit");
    const deadline = setTimeout(() => this.kill(), stoppedWithin);
    this.#signal(this.stopSignal);
    await exit;
    clearTimeout(deadline);
    if (this.#ended === "SIGKILL") throw new Error(`${this.name} did not stop within ${stoppedWithin} ms\n${this.#log}`);
  }

  kill() {
    this.#signal("SIGKILL");
  }

  #signal(signal) {
    if (this.group) process.kill(-this.#child.pid, signal);
    else this.#child.kill(signal);
  }
}

// until asks again and again until the answer is true, and returns it. What condition throws ends the wait.
export async function until(what, condition, milliseconds = 10_000) {
  for (const deadline = Date.now() + milliseconds; Date.now() < deadline; await sleep(50)) {
    const answer = await condition();
    if (answer) return answer;
  }
  throw new Error(`waited ${milliseconds} ms in vain: ${what}`);
}

// answers tells whether a GET of the address is answered with 200.
export async function answers(address) {
  const response = await fetch(address).catch(() => null);
  await response?.body?.cancel();
  return response?.status === 200;
}

// temporaryFolder is removed with the test file's end.
export function temporaryFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), "todo-e2e-"));
  folders.add(folder);
  return folder;
}

function removeFolders() {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

export async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
