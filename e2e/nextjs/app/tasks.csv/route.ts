import { listTasks } from "@/lib/tasks";

export async function GET() {
  const tasks = await listTasks();
  const lines = tasks.map(({ completed, title }) => `${completed},"${title.replaceAll('"', '""')}"\n`);
  return new Response(lines.join(""), { headers: { "Content-Type": "text/csv", "Cache-Control": "no-store" } });
}
