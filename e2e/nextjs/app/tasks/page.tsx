import { addTask } from "@/app/tasks/actions";
import { TaskList } from "@/app/tasks/task-list";
import { listTasks } from "@/lib/tasks";

export default async function Page() {
  const tasks = await listTasks();
  return (
    <main>
      <h1>Tasks</h1>
      <form action={addTask}>
        <input name="title" aria-label="Title" required />
        <button>Add</button>
      </form>
      <TaskList tasks={tasks} />
    </main>
  );
}
