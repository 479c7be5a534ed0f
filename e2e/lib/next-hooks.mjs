// Module hooks that load the projects in a folder as Next.js does: they are TypeScript, and "@/" is a project's own root.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };

let folder; // a URL that ends with a slash

export function initialize(data) {
  folder = data.folder;
}

export function resolve(specifier, context, next) {
  const own = specifier.startsWith("@/") && context.parentURL?.startsWith(folder);
  return next(own ? `${rootOf(context.parentURL)}/${specifier.slice(2)}.ts` : specifier, context);
}

function rootOf(url) {
  return folder + url.slice(folder.length).split("/")[0];
}

export async function load(url, context, next) {
  if (!url.startsWith(folder) || !url.endsWith(".ts")) return next(url, context);
  const { outputText } = ts.transpileModule(await readFile(fileURLToPath(url), "utf8"), { compilerOptions });
  return { format: "module", source: outputText, shortCircuit: true };
}
