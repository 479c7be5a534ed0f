import { forgetToken, getToken } from "#token";

// What the backend answers to a call for whoever is signed in.
export async function api<T>(path: string, init?: RequestInit): Promise<T> {
  const token = await getToken();
  let response = await send(path, init, token);
  if (response.status === 401) {
    forgetToken(token);
    response = await send(path, init, await getToken());
  }
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail);
  return body;
}

function send(path: string, init: RequestInit | undefined, token: string) {
  const headers = { "Content-Type": "application/json", ...init?.headers, Authorization: `Bearer ${token}` };
  return fetch(process.env.NEXT_PUBLIC_API_URL + path, { cache: "no-store", ...init, headers });
}
