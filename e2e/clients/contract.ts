// What the programs of this folder have in common: the types that every dialect's document has to lead to, and the Todo
// that each program makes of a generated client.

// Same is true for one and the same type alone: any, optional where required or a wider union are not the same.
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

// Proven does not compile with anything but true.
export type Proven<_Facts extends true[]> = void;

export type Problem = {
  success: boolean;
  error: string;
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: { field: string; code: string; detail: string }[];
  requestId: string;
};

export type Status = "pending" | "completed";

export type TaskCreate = { title: string; description?: string | null; status?: Status; completed?: boolean };

export type TaskUpdate = { title?: string; description?: string | null; status?: Status; completed?: boolean };

export type TaskState = { status?: Status; completed?: boolean };

export type Query = {
  status?: "all" | Status;
  sort?: "created" | "updated" | "title";
  order?: "asc" | "desc";
  limit?: number;
  cursor?: string;
  offset?: number;
};

// SnakeTask is a task in plain and wrapped.
export type SnakeTask = {
  id: string;
  user_id: string;
  title: string;
  description: string | null;
  completed: boolean;
  created_at: string;
  updated_at: string;
};

// CamelTask is a task in envelope.
export type CamelTask = {
  id: string;
  userId: string;
  title: string;
  description: string | null;
  status: Status;
  createdAt: string;
  updatedAt: string;
};

// Account is what a program works with.
export type Account = { url: string; token: string; userID: string };

// Task is a task as the story looks at it, whatever the dialect calls its fields.
export type Task = {
  id: string;
  userID: string;
  title: string;
  description: string | null;
  completed: boolean;
  createdAt: string;
  updatedAt: string;
};

export function fromSnake({ user_id: userID, created_at: createdAt, updated_at: updatedAt, ...rest }: SnakeTask): Task {
  return { ...rest, userID, createdAt, updatedAt };
}

// fromCamel names what it takes, for the data of an answer with one task has more.
export function fromCamel({ id, userId: userID, title, description, status, createdAt, updatedAt }: CamelTask): Task {
  return { id, userID, title, description, completed: status === "completed", createdAt, updatedAt };
}

export type Page = { tasks: Task[]; next: string | null };

// Todo is a client.
export interface Todo {
  list(query?: Query): Promise<Page>;
  create(task: TaskCreate): Promise<Task>;
  get(id: string): Promise<Task>;
  put(id: string, changes: TaskUpdate): Promise<Task>;
  patch(id: string, changes: TaskUpdate): Promise<Task>;
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
