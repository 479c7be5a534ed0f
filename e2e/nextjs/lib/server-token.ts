import "server-only";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { auth } from "@/lib/auth";

// A token of whoever sent the request that is being answered, which may ask for it more than once.
export const getToken = cache(async () => {
  const session = { headers: await headers() };
  if (!(await auth.api.getSession(session))) redirect("/");
  return (await auth.api.getToken(session)).token;
});

export function forgetToken() {} // none is kept beyond the request
