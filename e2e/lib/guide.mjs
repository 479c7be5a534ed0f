// The guide for frontends, ../../docs/better-auth.md, as files: those that its snippets name in their first lines.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { register } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { shellBlocks } from "./pages.mjs";
import { temporaryFolder } from "./process.mjs";

export const guideText = readFileSync(path.resolve(import.meta.dirname, "../../docs/better-auth.md"), "utf8");

const modules = path.resolve(import.meta.dirname, "../node_modules");

// readGuide returns the guide's sections by heading, each with its files by name. What stands before the first heading
// is the section "".
export function readGuide() {
  const [start, ...sections] = guideText.split(/^## /m);
  return { "": filesIn(start), ...Object.fromEntries(sections.map((section) => [section.split("\n")[0], filesIn(section)])) };
}

// guideCommands are the guide's blocks for a shell, in their order.
export const guideCommands = shellBlocks(guideText);

// guidePackage is what the guide's command adds to a project's package.json.
export const guidePackage = { imports: JSON.parse(guideText.match(/^npm pkg set --json imports='(.+)'$/m)[1]) };

function filesIn(section) {
  const snippets = [...section.matchAll(/^```(?!sh$)\w+\n(?:\/\/|#) (.+)\n([^]*?)^```$/gm)];
  if (snippets.length !== (section.match(/^```(?!sh$)\w/gm) ?? []).length) throw new Error(`a snippet without a name under ${section}`);
  return Object.fromEntries(snippets.map(([, name, text]) => [name, text]));
}

const projects = path.join(temporaryFolder(), "projects");

mkdirSync(projects);
symlinkSync(modules, path.join(projects, "node_modules"));
register("./next-hooks.mjs", import.meta.url, { data: { folder: `${pathToFileURL(projects).href}/` } });

// writeProject makes a project of TypeScript files, and returns its folder.
export function writeProject(name, files) {
  const folder = path.join(projects, name);
  for (const [name, text] of Object.entries({ "package.json": JSON.stringify(guidePackage), ...files })) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return folder;
}

// load imports a file of a project.
export function load(folder, file) {
  return import(pathToFileURL(path.join(folder, file)).href);
}

// typeErrors returns what a strict compiler says against the files of a project.
export function typeErrors(folder, files) {
  const program = ts.createProgram(files.map((file) => path.join(folder, file)), {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    types: ["node"],
    typeRoots: [path.join(modules, "@types")],
    paths: { "@/*": [path.join(folder, "*")] },
  });
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    const place = file ? path.relative(folder, file.fileName) : "the project";
    return `${place}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}
