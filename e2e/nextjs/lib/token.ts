type Kept = { pending: Promise<string>; token?: string; renewAt: number };

let kept: Kept | undefined; // one for all who ask meanwhile

// A token of whoever is signed in, which has a fifth of its life left or more.
export function getToken(): Promise<string> {
  if (typeof window === "undefined") throw new Error("Client components get tokens in the browser only");
  if (!kept || Date.now() >= kept.renewAt) kept = renew();
  return kept.pending;
}

// To be called when the user changes, or with a token that the backend refused.
export function forgetToken(refused?: string) {
  if (!refused || kept?.token === refused) kept = undefined;
}

function renew(): Kept {
  const fresh: Kept = { pending: fetchToken(), renewAt: Infinity };
  fresh.pending.then(
    (token) => Object.assign(fresh, { token, renewAt: Date.now() + lifetime(token) * 0.8 }),
    () => kept === fresh && forgetToken(),
  );
  return fresh;
}

async function fetchToken(): Promise<string> {
  const response = await fetch("/api/auth/token", { cache: "no-store" });
  if (!response.ok) throw new Error(response.status === 401 ? "Not signed in" : `No token: status ${response.status}`);
  return (await response.json()).token;
}

// In milliseconds, by the clock of who made the token: the browser's may be wrong.
function lifetime(token: string): number {
  const { iat, exp } = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  return (exp - iat) * 1000;
}
