// Typed clients, made from the document that the service serves: programs that take nothing for granted compile with them
// in TypeScript's strict mode, and what their types say is what the service does.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { before, describe, it } from "node:test";
import * as heyAPI from "@hey-api/openapi-ts";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";
import { startBetterAuth } from "./lib/better-auth.mjs";
import { createDatabase } from "./lib/postgres.mjs";
import { run } from "./lib/process.mjs";
import { startService } from "./lib/service.mjs";

const formats = ["plain", "wrapped", "envelope"];
const generators = ["openapi-fetch", "hey-api"];

const programs = path.resolve(import.meta.dirname, "clients");
const generated = path.join(programs, "generated");
const compiler = path.resolve(import.meta.dirname, "node_modules/typescript/bin/tsc");

describe("typed clients", () => {
  let auth;
  const services = {};

  before(async () => {
    const [secret, database] = [randomBytes(32).toString("hex"), await createDatabase()];
    auth = await startBetterAuth({ secret, database });
    const settings = { APP_ENV: "production", NEON_DB_URL: database, BETTER_AUTH_URL: auth.url };
    for (const API_FORMAT of formats) services[API_FORMAT] = await startService({ ...settings, API_FORMAT });
    rmSync(generated, { recursive: true, force: true });
    for (const format of formats) await generate(format, `${services[format].url}/docs/openapi.json`);
  });

  it("the programs help themselves with no cast, no any and no non-null assertion", () => {
    assert.deepEqual(sources().flatMap(evasions), []);
  });

  it("the programs compile", async () => {
    await run(process.execPath, [compiler, "-p", programs]).catch(({ stdout }) => assert.fail(stdout));
  });

  for (const format of formats) {
    for (const generator of generators) {
      it(`a task lives its life in ${format} through ${generator}`, async () => {
        const { connect } = await import(path.join(generated, "js", format, `${generator}.js`));
        const { live } = await import(path.join(generated, "js", "life.js"));
        const user = await auth.signUp("Ann Example", `${format}-${generator}@example.com`);
        await live(connect({ url: services[format].url, token: await user.token(), userID: user.id }), user.id);
      });
    }
  }
});

async function generate(format, document) {
  const folder = path.join(generated, format);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "schema.ts"), astToString(await openapiTS(new URL(document))));
  await heyAPI.createClient({
    input: document,
    output: { path: path.join(folder, "sdk"), importFileExtension: ".js" }, // Node wants it
    plugins: ["@hey-api/typescript", "@hey-api/sdk", "@hey-api/client-fetch"],
    logs: { level: "silent" },
  });
}

function sources() {
  const files = readdirSync(programs, { recursive: true, withFileTypes: true });
  return files
    .map((file) => path.join(file.parentPath ?? file.path, file.name))
    .filter((file) => file.endsWith(".ts") && !file.startsWith(generated));
}

const evasive = new Set([
  ts.SyntaxKind.AnyKeyword,
  ts.SyntaxKind.AsExpression,
  ts.SyntaxKind.TypeAssertionExpression,
  ts.SyntaxKind.NonNullExpression,
]);

// evasions lists where a source file gets around the type checker.
function evasions(file) {
  const text = readFileSync(file, "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const found = /@ts-(ignore|nocheck|expect-error)/.test(text) ? [`${file}: a switched off check`] : [];
  const visit = (node) => {
    if (evasive.has(node.kind)) found.push(`${file}: ${node.getText(source)}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
