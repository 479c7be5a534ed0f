import { betterAuth } from "better-auth";
import { jwt } from "better-auth/plugins";
import { database } from "@/lib/database";

export const auth = betterAuth({
  database,
  emailAndPassword: { enabled: true },
  plugins: [jwt({ jwt: { expirationTime: process.env.TOKEN_LIFETIME ?? "15m" } })],
});
