// The documents that the service serves, OpenAPI 3 and Swagger 2.0 of each dialect, have nothing that a linter objects to.
import assert from "node:assert/strict";
import path from "node:path";
import { it } from "node:test";
import { run } from "./lib/process.mjs";
import { startService } from "./lib/service.mjs";

const linter = path.resolve(import.meta.dirname, "node_modules/.bin/spectral");
const rules = path.resolve(import.meta.dirname, ".spectral.yaml");

it("the linter has nothing to say about the documents", async () => {
  const documents = [];
  for (const API_FORMAT of ["plain", "wrapped", "envelope"]) {
    const { url } = await startService({ API_FORMAT });
    documents.push(`${url}/docs/openapi.json`, `${url}/docs/doc.json`);
  }
  const options = ["--ruleset", rules, "--fail-severity", "hint"];
  await run(linter, ["lint", ...options, ...documents]).catch(({ stdout, stderr }) => assert.fail(stdout + stderr));
});
