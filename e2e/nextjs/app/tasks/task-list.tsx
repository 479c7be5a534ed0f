"use client";
import { useRouter } from "next/navigation";
import { authClient } from "@/lib/auth-client";
import { completeTask, type Task } from "@/lib/tasks";

export function TaskList({ tasks }: { tasks: Task[] }) {
  const router = useRouter();
  const flip = async (...ids: string[]) => {
    await Promise.all(ids.map(completeTask));
    router.refresh();
  };
  const signOut = async () => {
    await authClient.signOut();
    router.replace("/");
    router.refresh(); // pages that the browser keeps are this user's
  };
  return (
    <>
      <ul>
        {tasks.map(({ id, title, completed }) => (
          <li key={id}>
            <label>
              <input type="checkbox" checked={completed} onChange={() => flip(id)} /> {title}
            </label>
          </li>
        ))}
      </ul>
      <button onClick={() => flip(...tasks.map(({ id }) => id))}>Flip all</button>
      <button onClick={signOut}>Sign out</button>
    </>
  );
}
