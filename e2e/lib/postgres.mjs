// Databases to throw away: in the server at TEST_DATABASE_URL, whose user must be allowed to create them, or else in
// one that is started for the test file.
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { freePort, run, start, temporaryFolder } from "./process.mjs";

const debian = "/usr/lib/postgresql"; // each version's programs, outside PATH

let server;

// createDatabase makes an empty database and returns its URL.
export async function createDatabase() {
  server ??= process.env.TEST_DATABASE_URL ?? startServer();
  const name = `e2e_${randomBytes(8).toString("hex")}`;
  const url = new URL(await server);
  await query(url.href, `CREATE DATABASE ${name}`);
  url.pathname = `/${name}`;
  return url.href;
}

async function query(url, statement) {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

async function startServer() {
  const [folder, password, port] = [temporaryFolder(), randomBytes(16).toString("hex"), await freePort()];
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres?sslmode=disable`;
  writeFileSync(path.join(folder, "password"), password);
  const options = { cwd: folder, ...unprivileged(folder) };
  await run(program("initdb"), ["-D", "data", "-U", "postgres", "-A", "scram-sha-256", "--pwfile=password", "-E", "UTF8", "--locale=C", "--no-sync"], options);
  await start("PostgreSQL", program("postgres"), ["-D", "data", "-h", "127.0.0.1", "-p", port, "-k", "", "-F"], {
    ...options,
    isReady: () => query(url, "SELECT 1").catch(() => false),
    stopSignal: "SIGINT", // its fast shutdown, which does not wait for clients
  });
  return url;
}

// unprivileged gives the folder to another user where this one is root, as whom PostgreSQL does not run.
function unprivileged(folder) {
  if (process.getuid?.() !== 0) return {};
  const { uid, gid } = account("postgres") ?? account("nobody");
  for (const file of [folder, path.join(folder, "password")]) chownSync(file, uid, gid);
  return { uid, gid };
}

function account(name) {
  const line = readFileSync("/etc/passwd", "utf8").split("\n").find((line) => line.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return line && { uid: Number(uid), gid: Number(gid) };
}

function program(name) {
  const folder = programFolders().find((folder) => existsSync(path.join(folder, "initdb")));
  if (!folder) throw new Error(`PostgreSQL is not installed: no initdb on PATH or in ${debian}`);
  return path.join(folder, name);
}

function programFolders() {
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => b - a) : [];
  return [...process.env.PATH.split(path.delimiter), ...versions.map((version) => path.join(debian, version, "bin"))];
}
