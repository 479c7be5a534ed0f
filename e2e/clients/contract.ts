// What the programs of this folder have in common: the types that every dialect's document has to lead to, and the Todo
// that each program makes of a generated client.

// Same is true for one and the same type alone: any, optional where required or a wider union are not the same.
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

// Proven does not compile with anything but true.
export type Proven<_Facts extends true[]> = void;

export type Problem = {
  success: boolean;
  error: string;
  message: string;
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: { field: string; code: string; detail: string }[];
  requestId: string;
};

export type Status = "pending" | "in_progress" | "completed";
export type Priority = "critical" | "urgent" | "high" | "medium" | "low" | "none";
export type Pattern = "daily" | "weekly" | "monthly" | "yearly";
export type RepeatFrom = "due" | "completion";

// SnakeChanges are the fields that a body may name in plain and wrapped.
export type SnakeChanges = {
  title?: string;
  description?: string | null;
  completed?: boolean;
  status?: Status;
  priority?: Priority;
  due_date?: string | null;
  timezone?: string | null;
  tags?: string[];
  recurrence_rule?: string | null;
  is_recurring?: boolean;
  recurrence_pattern?: Pattern | null;
  recurrence_interval?: number | null;
  recurrence_end_date?: string | null;
  repeat_from?: RepeatFrom;
  remind_at?: string | null;
};

// CamelChanges are the fields that a body may name in envelope.
export type CamelChanges = {
  title?: string;
  description?: string | null;
  completed?: boolean;
  status?: Status;
  priority?: Priority;
  dueDate?: string | null;
  timezone?: string | null;
  tags?: string[];
  recurrenceRule?: string | null;
  isRecurring?: boolean;
  recurrencePattern?: Pattern | null;
  recurrenceInterval?: number | null;
  recurrenceEndDate?: string | null;
  repeatFrom?: RepeatFrom;
  remindAt?: string | null;
};

export type SnakeCreate = Omit<SnakeChanges, "title"> & { title: string };
export type CamelCreate = Omit<CamelChanges, "title"> & { title: string };

// Flat is an intersection written as one object, for Same tells them apart.
export type Flat<T> = { [Name in keyof T]: T[Name] };

export type TaskState = { status?: Status; completed?: boolean };

export type Query = {
  status?: string;
  search?: string;
  priority?: string;
  tags?: string;
  no_tags?: boolean;
  completed?: boolean;
  due_date?: string;
  due_from?: string;
  due_to?: string;
  due?: "today" | "week" | "overdue";
  overdue?: boolean;
  has_due_date?: boolean;
  is_recurring?: boolean;
  timezone?: string;
  sort?: "created" | "updated" | "title" | "due_date" | "priority" | "status" | "completed_at";
  order?: "asc" | "desc";
  limit?: number;
  cursor?: string;
  offset?: number;
  page?: number;
};

// SnakeTask is a task in plain and wrapped.
export type SnakeTask = {
  id: string;
  user_id: string;
  title: string;
  description: string | null;
  completed: boolean;
  status: Status;
  priority: Priority;
  due_date: string | null;
  timezone: string | null;
  tags: string[];
  recurrence_rule: string | null;
  is_recurring: boolean;
  recurrence_pattern: Pattern | null;
  recurrence_interval: number | null;
  recurrence_end_date: string | null;
  repeat_from: RepeatFrom;
  parent_task_id: string | null;
  remind_at: string | null;
  completed_at: string | null;
  created_at: string;
  updated_at: string;
};

// CamelTask is a task in envelope.
export type CamelTask = {
  id: string;
  userId: string;
  title: string;
  description: string | null;
  completed: boolean;
  status: Status;
  priority: Priority;
  dueDate: string | null;
  timezone: string | null;
  tags: string[];
  recurrenceRule: string | null;
  isRecurring: boolean;
  recurrencePattern: Pattern | null;
  recurrenceInterval: number | null;
  recurrenceEndDate: string | null;
  repeatFrom: RepeatFrom;
  parentTaskId: string | null;
  remindAt: string | null;
  completedAt: string | null;
  createdAt: string;
  updatedAt: string;
};

// Account is what a program works with.
export type Account = { url: string; token: string; userID: string };

// Task is a task as the story looks at it, whatever the dialect calls its fields.
export type Task = CamelTask;

// Changes are what the story asks a client for.
export type Changes = CamelChanges;

export function fromSnake(task: SnakeTask): Task {
  return {
    id: task.id,
    userId: task.user_id,
    title: task.title,
    description: task.description,
    completed: task.completed,
    status: task.status,
    priority: task.priority,
    dueDate: task.due_date,
    timezone: task.timezone,
    tags: task.tags,
    recurrenceRule: task.recurrence_rule,
    isRecurring: task.is_recurring,
    recurrencePattern: task.recurrence_pattern,
    recurrenceInterval: task.recurrence_interval,
    recurrenceEndDate: task.recurrence_end_date,
    repeatFrom: task.repeat_from,
    parentTaskId: task.parent_task_id,
    remindAt: task.remind_at,
    completedAt: task.completed_at,
    createdAt: task.created_at,
    updatedAt: task.updated_at,
  };
}

// toSnake leaves out what is undefined, as JSON does.
export function toSnake(changes: Changes): SnakeChanges {
  return {
    title: changes.title,
    description: changes.description,
    completed: changes.completed,
    status: changes.status,
    priority: changes.priority,
    due_date: changes.dueDate,
    timezone: changes.timezone,
    tags: changes.tags,
    recurrence_rule: changes.recurrenceRule,
    is_recurring: changes.isRecurring,
    recurrence_pattern: changes.recurrencePattern,
    recurrence_interval: changes.recurrenceInterval,
    recurrence_end_date: changes.recurrenceEndDate,
    repeat_from: changes.repeatFrom,
    remind_at: changes.remindAt,
  };
}

// fromCamel names what it leaves out, for the data of an answer with one task has that beside the task.
export function fromCamel({ task: _, ...task }: CamelTask & { task?: unknown }): Task {
  return task;
}

export type Page = { tasks: Task[]; next: string | null };

// Todo is a client.
export interface Todo {
  list(query?: Query): Promise<Page>;
  create(task: CamelCreate): Promise<Task>;
  get(id: string): Promise<Task>;
  put(id: string, changes: Changes): Promise<Task>;
  patch(id: string, changes: Changes): Promise<Task>;
  complete(id: string, state?: TaskState): Promise<Task>;
  remove(id: string): Promise<string>;
}

// Refusal is the error of a call that the service refused.
export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

// got is the data of an answer, of either generator's kind. It throws a Refusal for an error.
export function got<Data>({ data, error }: { data?: Data; error?: Problem }): Data {
  if (error !== undefined) throw new Refusal(error);
  if (data === undefined) throw new Error("an answer with neither data nor error");
  return data;
}

// nextCursor reads the cursor of the next page in the Link header, which has none on the last page.
export function nextCursor({ headers, url }: Response): string | null {
  const next = /^<([^>]+)>; rel="next"$/.exec(headers.get("Link") ?? "")?.[1];
  return next === undefined ? null : new URL(next, url).searchParams.get("cursor");
}
