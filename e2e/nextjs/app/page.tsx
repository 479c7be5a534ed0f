"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { authClient } from "@/lib/auth-client";

export default function Page() {
  const router = useRouter();
  const [failure, setFailure] = useState("");
  const submit = async (form: FormData) => {
    const [email, password] = [String(form.get("email")), String(form.get("password"))];
    const { error } = form.has("sign-up")
      ? await authClient.signUp.email({ name: email.split("@")[0], email, password })
      : await authClient.signIn.email({ email, password });
    if (error) setFailure(error.message ?? error.statusText);
    else router.push("/tasks");
  };
  return (
    <main>
      <h1>Sign in</h1>
      <form action={submit}>
        <input name="email" type="email" aria-label="E-mail" autoComplete="username" required />
        <input name="password" type="password" aria-label="Password" autoComplete="current-password" required minLength={8} />
        <button>Sign in</button>
        <button name="sign-up">Sign up</button>
      </form>
      <p role="alert">{failure}</p>
    </main>
  );
}
