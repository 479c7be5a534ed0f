// A frontend's server, as far as Next.js is one: it answers with the route handlers of a project. And its visitor's
// browser, as far as fetch knows one.
import http from "node:http";
import { existsSync } from "node:fs";
import path from "node:path";
import { toNodeHandler } from "better-auth/node";
import { load } from "./guide.mjs";

// startNext serves the routes of a project, which it loads when they are asked for.
export async function startNext(folder, port) {
  const handle = async (request) => {
    const route = await load(folder, routeFile(folder, new URL(request.url).pathname));
    return route[request.method](request);
  };
  await new Promise((listening) => http.createServer(toNodeHandler(handle)).listen(port, "127.0.0.1", listening).unref());
}

function routeFile(folder, pathname) {
  const own = `app${pathname}/route.ts`;
  return existsSync(path.join(folder, own)) ? own : "app/api/auth/[...all]/route.ts";
}

const nodeFetch = globalThis.fetch;

// Browser is at a page of the origin, which is served at the address.
export class Browser {
  #cookies = new Map();
  #origin;
  #address;

  constructor(origin, address) {
    this.#origin = origin;
    this.#address = address;
    this.requests = [];
  }

  // fetch takes addresses relative to the page, keeps the page's cookies, and shows no answer that CORS withholds.
  fetch = async (input, { headers, ...init } = {}) => {
    const url = new URL(input, this.#origin);
    const isOwn = url.origin === this.#origin;
    this.requests.push(`${init.method ?? "GET"} ${url.pathname}`);
    const sent = new Headers(headers);
    sent.set("Origin", this.#origin);
    if (isOwn) sent.set("Cookie", [...this.#cookies].map((pair) => pair.join("=")).join("; "));
    const response = await nodeFetch(isOwn ? this.#address + url.pathname + url.search : url, { ...init, headers: sent });
    if (isOwn) this.#keepCookies(response);
    else if (response.headers.get("Access-Control-Allow-Origin") !== this.#origin) throw new TypeError("Failed to fetch");
    return response;
  };

  cookie(name) {
    return decodeURIComponent(this.#cookies.get(name));
  }

  #keepCookies(response) {
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
      if (/max-age=0/i.test(cookie)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }
}
