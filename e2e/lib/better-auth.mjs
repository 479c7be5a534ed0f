// A real Better Auth server (../fixture/better-auth.mjs), and what a frontend asks of it.
import path from "node:path";
import { answers, freePort, start, until } from "./process.mjs";

const fixture = path.resolve(import.meta.dirname, "../fixture/better-auth.mjs");

// startBetterAuth runs the server; switches are those at the head of the fixture.
export async function startBetterAuth({ secret, database, ...switches }) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = await start("Better Auth", process.execPath, [fixture], {
    env: { PORT: port, BETTER_AUTH_SECRET: secret, DATABASE_URL: database, ...switches },
    isReady: () => answers(`${url}/api/auth/ok`),
  });
  return new BetterAuth(url, program);
}

class BetterAuth {
  #program;

  constructor(url, program) {
    this.url = url;
    this.#program = program;
  }

  stop() {
    return this.#program.stop();
  }

  // signUp makes an account and its session.
  async signUp(name, email) {
    const response = await fetch(`${this.url}/api/auth/sign-up/email`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Origin: this.url },
      body: JSON.stringify({ name, email, password: "correct horse battery staple" }),
    });
    const { user } = await okJSON(response);
    return new User(this.url, user, response.headers);
  }

  // verificationToken is the one in the e-mail that a sign-up sends.
  verificationToken(email) {
    return until(`an e-mail to ${email}`, async () => {
      const emails = await okJSON(await fetch(`${this.url}/_emails`));
      return emails.find(({ to }) => to === email)?.token;
    });
  }
}

// User is a signed-in user's browser.
class User {
  #url;

  constructor(url, { id, email, name }, headers) {
    this.#url = url;
    Object.assign(this, { id, email, name });
    this.cookies = headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    this.sessionToken = headers.get("set-auth-token");
  }

  // token is the jwt plugin's.
  token() {
    return this.#tokenOf("/api/auth/token");
  }

  // sharedSecretToken is an HS256 one, made by the frontend's server.
  sharedSecretToken() {
    return this.#tokenOf("/hs256");
  }

  async #tokenOf(route) {
    const response = await fetch(this.#url + route, { headers: { Cookie: this.cookies.join("; ") } });
    return (await okJSON(response)).token;
  }

  // sessionCache is the JWT in the cookie that saves Better Auth the look at its sessions.
  get sessionCache() {
    const prefix = "better-auth.session_data=";
    return this.cookies.find((cookie) => cookie.startsWith(prefix))?.slice(prefix.length);
  }
}

async function okJSON(response) {
  if (!response.ok) throw new Error(`${response.url} answers ${response.status}: ${await response.text()}`);
  return response.json();
}
