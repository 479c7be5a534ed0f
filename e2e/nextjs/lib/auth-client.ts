import { createAuthClient } from "better-auth/react";
import { forgetToken } from "@/lib/token";

export const authClient = createAuthClient({
  fetchOptions: {
    onSuccess({ request }) {
      if (/\/(sign-(in|up|out)|delete-user)/.test(String(request.url))) forgetToken();
    },
  },
});
