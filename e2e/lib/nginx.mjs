// nginx as a reverse proxy in front of the service.
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { answers, freePort, start, temporaryFolder } from "./process.mjs";

// startNginx serves what stands below a path at an upstream, without the path, and returns the address of the proxy.
export async function startNginx(below, upstream) {
  const port = await freePort();
  const folder = temporaryFolder();
  const file = path.join(folder, "nginx.conf");
  writeFileSync(file, configuration(folder, port, below, upstream));
  const url = `http://127.0.0.1:${port}`;
  await start("nginx", program(), ["-c", file, "-p", folder, "-e", path.join(folder, "error.log")], {
    isReady: () => answers(`${url}${below}/health`),
    stopSignal: "SIGQUIT",
  });
  return url;
}

function program() {
  const found = [...process.env.PATH.split(path.delimiter), "/usr/sbin"].map((f) => path.join(f, "nginx")).find((file) => existsSync(file));
  if (!found) throw new Error("nginx is not installed");
  return found;
}

// The path is cut from the request's own URI: nginx decodes and encodes again the one that it works with, and a user's id
// may contain %2F.
function configuration(folder, port, below, upstream) {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join(" ");
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  ${temporary}
  map $request_uri $stripped { ~^${below}(/.*)$ $1; }
  server {
    listen 127.0.0.1:${port};
    location ${below}/ {
      proxy_pass ${upstream}$stripped;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}
