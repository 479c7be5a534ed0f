// The pages for people, and what they have for a shell.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const checkout = path.resolve(import.meta.dirname, "../..");

// pages are README.md, SECURITY.md and those in docs/, by name.
export const pages = Object.fromEntries(
  ["README.md", "SECURITY.md", ...readdirSync(path.join(checkout, "docs")).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)].map(
    (name) => [name, readFileSync(path.join(checkout, name), "utf8")],
  ),
);

// shellBlocks returns a page's blocks for a shell.
export function shellBlocks(text) {
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block);
}
