// What the guide says for Vite with plain React, and of typed calls: its files as they stand, in Chromium.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import net from "node:net";
import { after, before, describe, it, mock } from "node:test";
import openapiTS, { astToString } from "openapi-typescript";
import { createServer } from "vite";
import { openPage } from "./lib/browser.mjs";
import { load, readGuide, typeErrors, writeProject } from "./lib/guide.mjs";
import { freePort } from "./lib/process.mjs";
import { startService } from "./lib/service.mjs";

const guide = readGuide();

const page = {
  "index.html": '<!doctype html><div id="root"></div><script type="module" src="/main.tsx"></script>',
  "main.tsx": `
    import { useState } from "react";
    import { createRoot } from "react-dom/client";
    import { authClient } from "@/lib/auth-client";
    import { client } from "@/lib/client";
    import { completeTask, createTask } from "@/lib/tasks";

    function App() {
      const [said, say] = useState("");
      const signUp = async () => {
        await authClient.signUp.email({ name: "Ann", email: "ann@example.com", password: "correct horse battery staple" });
        await completeTask((await createTask("Buy milk")).id);
        const { data } = await client.GET("/api/tasks", { params: { query: { status: "completed" } } });
        say(data?.map(({ title, completed }) => \`\${title}: \${completed}\`).join() ?? "nothing");
      };
      return <><button onClick={signUp}>Sign up</button><output>{said}</output></>;
    }
    createRoot(document.getElementById("root")!).render(<App />);`,
  "lib/database.ts": `
    import { memoryAdapter } from "better-auth/adapters/memory";
    export const database = memoryAdapter({ user: [], session: [], account: [], verification: [], jwks: [] });`,
};

describe("Vite with plain React", () => {
  let folder, frontend, auth, server;

  before(async () => {
    const [port, authPort, backendPort] = [await freePort(), await freePort(), await freePort()];
    frontend = `http://localhost:${port}`;
    const service = await startService({ PORT: String(backendPort), BETTER_AUTH_URL: frontend });
    const schema = astToString(await openapiTS(new URL(`${service.url}/docs/openapi.json`)));
    const files = {
      ...guide["The jwt plugin"],
      ...guide["Calling the API"],
      ...guide["Vite with plain React"],
      ...guide["Typed calls"],
      ...page,
      "lib/schema.ts": schema,
    };
    const addresses = (text) => text.replaceAll("localhost:3000", `localhost:${authPort}`).replaceAll("listen(3000", `listen(${authPort}`).replaceAll("http://127.0.0.1:8000", service.url);
    for (const name of ["server.ts", "vite.config.ts"]) files[name] = addresses(files[name]);
    folder = writeProject("vite", files);
    Object.assign(process.env, { BETTER_AUTH_URL: frontend, BETTER_AUTH_SECRET: randomBytes(32).toString("base64") });
    const { mock: listen } = mock.method(net.Server.prototype, "listen");
    await load(folder, "server.ts");
    [{ this: auth }] = listen.calls;
    server = await createServer({ root: folder, logLevel: "warn", server: { host: "localhost", port, strictPort: true } });
    await server.listen();
  });
  after(async () => {
    auth?.close();
    await server?.close();
  });

  it("a user signs up, and calls with and without types are hers", async () => {
    const page = await openPage();
    await page.goto(frontend);
    await page.getByRole("button", { name: "Sign up" }).click();
    await page.getByText("Buy milk: true").waitFor();
    await page.context().close();
  });

  it("the typed client is TypeScript that a strict compiler takes, and refuses what the backend does", () => {
    writeProject("vite", { "wrong.ts": 'import { client } from "@/lib/client";\nclient.GET("/api/tusks");\n' });
    assert.deepEqual(typeErrors(folder, ["lib/client.ts", "lib/api.ts"]), []);
    assert.notDeepEqual(typeErrors(folder, ["wrong.ts"]), []);
  });
});
