// A headless Chromium, and an account of what pages do in it.
import { existsSync } from "node:fs";
import path from "node:path";
import { after } from "node:test";
import { chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome"];

const flags = [
  "--no-sandbox", // it does not start as root otherwise
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1", // nothing leaves the machine
];

const patience = 60_000; // milliseconds: machines that run tests are busy

let browser;

after(async () => (await browser)?.close());

function launch() {
  const installed = process.env.PATH.split(path.delimiter).flatMap((folder) => names.map((name) => path.join(folder, name)));
  const executablePath = process.env.CHROMIUM ?? installed.find((file) => existsSync(file));
  if (!executablePath) throw new Error("Chromium is not on PATH, and the variable CHROMIUM does not say where it is");
  return chromium.launch({ executablePath, args: flags });
}

// openPage returns a page of a new session: it shares no cookies and no storage with others.
export async function openPage() {
  browser ??= launch();
  const page = await (await browser).newPage();
  page.setDefaultTimeout(patience);
  return page;
}

// watch notes what a page may not do: reach for another origin, which it is kept from, break its security policy, or
// write an error or a warning to the console. Requests are noted too, those that are allowed among them.
export async function watch(page, origin) {
  const notes = { requests: [], complaints: [] };
  const complain = (...words) => notes.complaints.push(words.join(" "));
  page.on("request", (request) => notes.requests.push(request.url()));
  page.on("pageerror", (error) => complain("an exception:", error.message));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complain(`console ${message.type()}:`, message.text());
  });
  await page.exposeFunction("violation", (directive, blocked) => complain("against the policy:", directive, blocked));
  await page.addInitScript(() =>
    addEventListener("securitypolicyviolation", (event) => window.violation(event.effectiveDirective, event.blockedURI)),
  );
  await page.route(
    (url) => url.origin !== origin,
    (route) => {
      complain("a request elsewhere:", route.request().url());
      return route.abort();
    },
  );
  return notes;
}
