"use server";
import { revalidatePath } from "next/cache";
import { createTask } from "@/lib/tasks";

export async function addTask(form: FormData) {
  await createTask(String(form.get("title")));
  revalidatePath("/tasks");
}
