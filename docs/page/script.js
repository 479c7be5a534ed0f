"use strict";
// How the API is called stands in send; what differs between its formats, in read.

// What the service tells of itself: pageSettings in routes/devpage.go.
const settings = JSON.parse(byId("settings").textContent);
const names = settings.names;
const pageLength = 50;
const keptCalls = 20;

let token = "";
let user = "";
let tasks = [];
let nextPage = ""; // the address of the next page of the list
let asked = 0; // numbers the requests for the list, of which the last one counts

function byId(id) {
  return document.getElementById(id);
}

// element makes an element with a text.
function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function option(value, text) {
  const made = element("option", "", text);
  made.value = value;
  return made;
}

function say(text) {
  byId("said").textContent = text;
}

// words writes in_progress as In progress.
function words(name) {
  return (name[0].toUpperCase() + name.slice(1)).replaceAll("_", " ");
}

// ---- The API

class Problem extends Error {
  constructor(status, body) {
    super(body?.detail ?? `The service answered ${status}.`);
    this.status = status;
    this.fields = body?.errors ?? [];
  }
}

// send makes a call and returns its answer. Where it does something that somebody asked for, the call is shown.
async function send(does, method, path, body) {
  const request = { method, path, body };
  const began = performance.now();
  let response, text;
  try {
    response = await fetch(location.origin + path, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(body && { "Content-Type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    text = await response.text();
  } catch {
    const unreachable = new Error("The service does not answer. Is it still running?");
    if (does) show({ does, request, failed: unreachable.message });
    throw unreachable;
  }
  const answer = { status: response.status, headers: response.headers, body: parse(text) };
  if (does) show({ does, request, answer, milliseconds: Math.round(performance.now() - began) });
  if (!response.ok) throw new Problem(answer.status, answer.body);
  return answer;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text || null;
  }
}

// read knows where each format has an item, the items of a list, and the address of the next page.
const read = {
  item: (body) => (settings.format === "envelope" ? body.data : body),
  list: (body) => ({ plain: () => body, wrapped: () => body.tasks, envelope: () => body.data.tasks })[settings.format](),
  next(answer, path) {
    if (settings.format === "plain") return answer.headers.get("Link")?.match(/<([^>]*)>;\s*rel="next"/)?.[1] ?? "";
    const cursor = (answer.body.data ?? answer.body)[settings.next];
    if (!cursor) return "";
    const url = new URL(path, location.origin);
    url.searchParams.set("cursor", cursor);
    return url.pathname + url.search;
  },
};

// address returns that of the tasks, or of one.
function address(id, after = "") {
  const tasksAt = settings.base + byId("address").value.replace("{user_id}", encodeURIComponent(user));
  return id ? `${tasksAt}/${encodeURIComponent(id)}${after}` : tasksAt;
}

function listAddress() {
  const query = new URLSearchParams({ limit: pageLength });
  for (const [name, value] of new FormData(byId("filter"))) if (value.trim()) query.set(name, value.trim());
  return `${address()}?${query}`;
}

const value = (task, field) => (names[field] ? task[names[field]] : undefined);
const isDone = (task) => value(task, "completed") ?? value(task, "status") === "completed";

function tagsOf(task) {
  const tags = value(task, "tags");
  if (!tags) return [];
  if (settings.tags === "csv") return tags.split(",");
  return settings.tags === "objects" ? tags.map((tag) => tag.name) : tags;
}

const splitTags = (text) => text.split(",").map((tag) => tag.trim()).filter(Boolean);

// named writes the fields of a body as this deployment names them.
function named(fields) {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [names[field] || field, value]));
}

// ---- Calls, as they are shown

// quoted is a text as shells read it, whatever stands in it.
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function asCurl({ method, path, body }) {
  const lines = [`curl -sS ${method === "GET" ? "" : `-X ${method} `}${quoted(location.origin + path)}`, `-H "Authorization: Bearer $TOKEN"`];
  if (body) lines.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`);
  return lines.join(" \\\n  ");
}

function asFetch({ method, path, body }) {
  const authorization = "Authorization: `Bearer ${token}`";
  const options = [];
  if (method !== "GET") options.push(`method: ${JSON.stringify(method)}`);
  options.push(body ? `headers: {\n    ${authorization},\n    "Content-Type": "application/json",\n  }` : `headers: { ${authorization} }`);
  if (body) options.push(`body: JSON.stringify(${literal(body)})`);
  const lines = options.map((line) => `  ${line},\n`).join("");
  return `const response = await fetch(${JSON.stringify(location.origin + path)}, {\n${lines}});\nconsole.log(response.status, await response.json());`;
}

// literal is an object in JavaScript, in one line or with a line for each member.
function literal(object) {
  const members = Object.entries(object).map(([name, value]) => `${/^[a-z_$][\w$]*$/i.test(name) ? name : JSON.stringify(name)}: ${JSON.stringify(value)}`);
  const line = `{ ${members.join(", ")} }`;
  return line.length < 40 ? line : `{\n${members.map((member) => `    ${member},\n`).join("")}  }`;
}

function asAnswer({ status, headers, body }) {
  const told = ["Location", "Link", "Next-Task", "Retry-After"].filter((name) => headers.get(name));
  const lines = [`HTTP ${status}`, ...told.map((name) => `${name}: ${headers.get(name)}`)];
  return `${lines.join("\n")}\n\n${typeof body === "string" ? body : JSON.stringify(body, null, 2)}`;
}

// show puts a call on top of the others, and closes those.
function show({ does, request, answer, failed, milliseconds }) {
  const item = byId("call-template").content.cloneNode(true).firstElementChild;
  const fill = (name, text) => (item.querySelector(`.${name}`).textContent = text);
  const line = `${request.method} ${request.path}`;
  fill("does", does);
  fill("method", request.method);
  fill("path", request.path);
  fill("outcome", answer ? `${answer.status} · ${milliseconds} ms` : "no answer");
  fill("curl", asCurl(request));
  fill("fetch", asFetch(request));
  fill("answer", answer ? asAnswer(answer) : failed);
  for (const code of item.querySelectorAll("pre")) {
    const what = code.previousElementSibling.textContent;
    code.ariaLabel = `${what}: ${line}`;
    code.nextElementSibling.ariaLabel = `Copy ${what}: ${does}`;
  }
  item.firstElementChild.classList.toggle("failed", !(answer?.status < 400));
  const log = byId("log");
  for (const other of log.querySelectorAll("details[open]")) other.open = false;
  log.prepend(item);
  while (log.children.length > keptCalls) log.lastElementChild.remove();
  byId("calls-body").scrollTop = 0;
  byId("last").textContent = `${answer?.status ?? "failed"} ${line}`;
}

async function copy(button) {
  const code = button.parentElement.querySelector(button.dataset.copies === "code" ? "code" : `.${button.dataset.copies}`);
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch { // by http, from another machine, there is no clipboard
    getSelection().selectAllChildren(code);
    document.execCommand("copy");
  }
  button.textContent = "Copied";
  say("Copied");
  setTimeout(() => (button.textContent = "Copy"), 1500);
}

// ---- The list

// load fetches the list anew. It keeps as many tasks as are shown.
async function load(does) {
  const number = ++asked;
  const path = listAddress();
  const wanted = does ? pageLength : Math.max(pageLength, Math.min(tasks.length, 1000));
  const answer = await send(does, "GET", path.replace(`limit=${pageLength}`, `limit=${wanted}`));
  if (number !== asked) return;
  tasks = read.list(answer.body);
  nextPage = read.next(answer, path);
  render();
}

async function loadMore() {
  const number = ++asked;
  const path = nextPage;
  const first = tasks.length;
  const answer = await send("Show more", "GET", path);
  if (number !== asked) return;
  tasks = tasks.concat(read.list(answer.body));
  nextPage = read.next(answer, path);
  render();
  byId("list").children[first]?.querySelector("input").focus();
}

// render shows the tasks. What stays keeps its element, its open form and the focus.
function render() {
  const list = byId("list");
  const focused = document.activeElement;
  const place = [...list.children].findIndex((item) => item.contains(focused));
  const known = new Map([...list.children].map((item) => [item.dataset.id, item]));
  const items = tasks.map((task) => fillTask(known.get(value(task, "id")) ?? newTask(value(task, "id")), task));
  items.forEach((item, i) => list.children[i] !== item && list.insertBefore(item, list.children[i] ?? null));
  while (list.children.length > items.length) list.lastElementChild.remove();
  byId("count").textContent = tasks.length + (nextPage ? "+" : "");
  byId("more").hidden = !nextPage;
  byId("empty").hidden = tasks.length > 0;
  byId("empty").textContent = isFiltered() ? "No task is like that." : "Nothing to do yet. Add the first task above.";
  if (place < 0) return;
  const beside = items[Math.min(place, items.length - 1)]?.querySelector("input") ?? byId("tasks-title");
  (focused.isConnected ? focused : beside).focus();
}

const isFiltered = () => [...new FormData(byId("filter"))].some(([name, value]) => name !== "sort" && value.trim());

function newTask(id) {
  const item = byId("task-template").content.cloneNode(true).firstElementChild;
  item.dataset.id = id;
  const form = item.querySelector("form");
  fillSelect(form.elements.status, settings.states);
  fillSelect(form.elements.priority, settings.priorities);
  for (const field of ["description", "status", "priority", "tags"]) form.elements[field].parentElement.hidden = !names[field];
  for (const part of ["date", "time"]) form.elements[part].parentElement.hidden = !names.due_date;
  for (const name of settings.further) {
    const label = element("label", "", name);
    const input = document.createElement("input");
    input.name = `further ${name}`;
    label.append(" ", input);
    form.querySelector(".error").before(label);
  }
  return item;
}

function fillTask(item, task) {
  const title = value(task, "title");
  const done = isDone(task);
  item.task = task;
  item.classList.toggle("done", done);
  item.querySelector("input").checked = done;
  item.querySelector(".title").textContent = title;
  item.querySelector(".description").textContent = value(task, "description") ?? "";
  for (const name of ["edit", "delete"]) item.querySelector(`[name=${name}]`).ariaLabel = `${words(name)} ${title}`;
  item.querySelector(".facts").replaceChildren(...facts(task, done));
  return item;
}

// facts are what stands below the title: state, priority and due date, and the tags as buttons that filter.
function facts(task, done) {
  const shown = [];
  const status = value(task, "status");
  const priority = value(task, "priority");
  const due = value(task, "due_date");
  if (status === "in_progress") shown.push(element("li", status, words(status)));
  if (priority && priority !== "none") shown.push(element("li", done ? "" : priority, words(priority)));
  if (due) {
    const late = !done && isOver(due);
    shown.push(element("li", late ? "overdue" : "", late ? `Overdue: ${dueText(due)}` : dueText(due)));
  }
  for (const tag of tagsOf(task)) {
    const item = element("li", "tag", "");
    const button = element("button", "", tag);
    button.type = "button";
    button.name = "tag";
    button.ariaLabel = `Show the tag ${tag}`;
    item.append(button);
    shown.push(item);
  }
  return shown;
}

// A due date is a date, a local time, or an instant with Z or an offset.
const parts = (due) => due?.match(/^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?(?:\.\d+)?)(.*))?$/)?.slice(1) ?? [];

const localText = (date) => new Date(date - date.getTimezoneOffset() * 60_000).toISOString();

function isOver(due) {
  const [day, time, zone] = parts(due);
  if (zone) return new Date(due) < new Date();
  const now = localText(new Date());
  return time ? `${day}T${time}` < now : day < now.slice(0, 10);
}

function dueText(due) {
  const [day, time, zone] = parts(due);
  const date = new Date(zone ? due : `${day}T${time ?? "00:00"}`);
  if (isNaN(date)) return due;
  const days = Math.round((Date.parse(localText(date).slice(0, 10)) - Date.parse(localText(new Date()).slice(0, 10))) / 86_400_000);
  const near = { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  const text = near ? words(near) : date.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", year });
  return time ? `${text}, ${date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}` : text;
}

// ---- Forms

function fillSelect(select, values) {
  select.append(...values.map((value) => option(value, words(value))));
}

// due puts a due date together. The zone of one that was there stays.
const due = ({ date, time }, zone = "") => (date.value ? date.value + (time.value ? `T${time.value}${zone}` : "") : null);

// submit has a form do something while its button waits, and tells in the form what went wrong.
async function submit(form, act) {
  const error = form.querySelector(".error");
  const button = form.querySelector(".primary");
  error.textContent = "";
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  button.disabled = true;
  try {
    await act();
  } catch (problem) {
    error.textContent = problem.message;
    const wrong = (problem.fields ?? []).map(({ field }) => fieldOf(form, field)).filter(Boolean);
    for (const field of wrong) field.ariaInvalid = "true";
    wrong[0]?.focus();
    expired(problem);
  } finally {
    button.disabled = false;
  }
}

// fieldOf is the control of a field that the service names: dueDate, tags[2].
function fieldOf(form, field) {
  const name = Object.keys(names).find((own) => names[own] === field.replace(/\[.*/, ""));
  return form.elements[name === "due_date" ? "date" : name];
}

async function add(form) {
  const { title, priority, tags } = form.elements;
  if (!title.value.trim()) {
    title.ariaInvalid = "true";
    title.focus();
    throw new Error("A task needs a title.");
  }
  const fields = { title: title.value };
  if (priority.value !== "medium") fields.priority = priority.value;
  if (due(form.elements)) fields.due_date = due(form.elements);
  if (splitTags(tags.value).length) fields.tags = splitTags(tags.value);
  await send("Add a task", "POST", address(), named(fields));
  form.reset();
  say(`Added ${fields.title}`);
  await load();
  title.focus();
}

function openEditor(item) {
  const form = item.querySelector("form");
  const { title, description, status, priority, date, time, tags } = form.elements;
  const [day = "", clock = ""] = parts(value(item.task, "due_date"));
  title.value = value(item.task, "title");
  description.value = value(item.task, "description") ?? "";
  status.value = value(item.task, "status") ?? "";
  priority.value = value(item.task, "priority") ?? "";
  date.value = day;
  time.value = clock;
  tags.value = tagsOf(item.task).join(", ");
  for (const name of settings.further) form.elements[`further ${name}`].value = furtherText(item.task[name]);
  form.querySelector(".error").textContent = "";
  toggleEditor(item, true);
  title.focus();
}

function toggleEditor(item, open) {
  item.querySelector("form").hidden = !open;
  item.querySelector("[name=edit]").ariaExpanded = String(open);
}

function closeEditor(item) {
  toggleEditor(item, false);
  item.querySelector("[name=edit]").focus();
}

// Further members are any JSON. What is no text is shown as JSON.
const furtherText = (value) => (typeof value === "string" ? value : value == null ? "" : JSON.stringify(value));

// save sends the fields that were changed, and no others.
async function save(item, form) {
  const task = item.task;
  const { title, description, status, priority, tags } = form.elements;
  const fields = {};
  const change = (field, before, after) => {
    if (names[field] && JSON.stringify(after) !== JSON.stringify(before)) fields[field] = after;
  };
  const before = value(task, "due_date") ?? null;
  const [day = "", clock = "", zone = ""] = parts(before);
  const { date, time } = form.elements;
  change("title", value(task, "title"), title.value);
  change("description", value(task, "description") ?? "", description.value);
  change("status", value(task, "status"), status.value);
  change("priority", value(task, "priority"), priority.value);
  if (date.value !== day || time.value !== clock) change("due_date", before, due(form.elements, zone));
  change("tags", tagsOf(task), splitTags(tags.value));
  const body = named(fields);
  for (const name of settings.further) {
    const text = form.elements[`further ${name}`].value;
    if (text !== furtherText(task[name])) body[name] = text || null;
  }
  if (Object.keys(body).length) {
    await send("Change a task", "PATCH", address(item.dataset.id), body);
    say(`Saved ${title.value}`);
  }
  closeEditor(item);
  await load();
}

// attempt does something outside of a form, and tells above the list what went wrong.
async function attempt(act) {
  byId("problem").textContent = "";
  try {
    await act();
  } catch (problem) {
    byId("problem").textContent = problem.message;
    expired(problem);
  }
}

function tick(item, done) {
  return attempt(async () => {
    const body = names.completed ? named({ completed: done }) : named({ status: done ? "completed" : "pending" });
    let answer;
    try {
      answer = await send(done ? "Complete a task" : "Reopen a task", "PATCH", address(item.dataset.id, "/complete"), body);
    } catch (problem) {
      item.querySelector("input").checked = !done;
      throw problem;
    }
    const next = answer.headers.get("Next-Task") ? " The next one is in the list." : "";
    say(`${done ? "Completed" : "Reopened"} ${value(item.task, "title")}.${next}`);
    await load();
  });
}

function remove(item) {
  const dialog = byId("confirm");
  const title = value(item.task, "title");
  byId("confirm-text").textContent = `“${title}” will be gone for good.`;
  dialog.returnValue = "";
  dialog.showModal();
  dialog.onclose = () => {
    if (dialog.returnValue !== "delete") return;
    attempt(async () => {
      await send("Delete a task", "DELETE", address(item.dataset.id));
      say(`Deleted ${title}`);
      await load();
    });
  };
}

// ---- Who asks

// connect uses a token, once the service has said whose it is.
async function connect(given, isOurs) {
  const before = token;
  token = given;
  try {
    user = (await send("", "GET", `${settings.base}/api/auth/me`)).body.data.id;
  } catch (problem) {
    token = before;
    throw problem;
  }
  byId("user").textContent = user;
  byId("once").textContent = isOurs ? "TOKEN=$(go run . token)" : "TOKEN='put your token here'";
  byId("where").textContent = isOurs ? ", in the folder of todo-backend" : "";
  tasks = [];
  nextPage = "";
  render();
  byId("log").replaceChildren();
  byId("address").replaceChildren(...addresses());
  signIn(false);
  byId("who").hidden = byId("app").hidden = false;
  await attempt(() => load("List the tasks"));
}

// addresses are those of the tasks, the deployment's own first.
const addresses = () => settings.addresses.map((path) => option(path, settings.base + path.replace("{user_id}", encodeURIComponent(user))));

function signIn(open) {
  const section = byId("sign-in");
  const form = section.querySelector("form");
  section.hidden = !open;
  form.reset();
  form.querySelector(".error").textContent = "";
  form.elements.cancel.hidden = !token;
  if (open) form.elements.token.focus();
}

// expired asks for another token where the one that is used does no longer hold.
function expired(problem) {
  if (problem.status !== 401 || byId("app").hidden) return;
  signIn(true);
  if (token === settings.token) byId("sign-in").querySelector(".error").textContent = "The token has expired. The page gets another when it is loaded again.";
}

// bare takes the token out of what people paste.
const bare = (text) => text.trim().replace(/^["']|["']$/g, "").replace(/^authorization:\s*/i, "").replace(/^bearer\s+/i, "");

// ---- What happens when

function listen() {
  byId("sign-in").querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    submit(event.target, () => connect(bare(event.target.elements.token.value), false));
  });
  byId("sign-in").querySelector("[name=cancel]").addEventListener("click", () => {
    signIn(false);
    byId("switch").focus();
  });
  byId("switch").addEventListener("click", () => signIn(true));
  byId("add").addEventListener("submit", (event) => {
    event.preventDefault();
    submit(event.target, () => add(event.target));
  });
  byId("filter").addEventListener("submit", (event) => event.preventDefault());
  let pause;
  byId("filter").addEventListener("input", (event) => {
    clearTimeout(pause);
    pause = setTimeout(() => attempt(() => load("List the tasks")), event.target.localName === "input" ? 300 : 0);
  });
  byId("address").addEventListener("change", () => attempt(() => load("List the tasks")));
  byId("more").addEventListener("click", () => attempt(loadMore));
  for (const toggle of document.querySelectorAll(".toggle")) {
    toggle.addEventListener("click", () => (toggle.ariaExpanded = String(toggle.ariaExpanded !== "true")));
  }
  document.addEventListener("click", ({ target }) => target.dataset.copies && copy(target));
  listenToTasks(byId("list"));
}

function listenToTasks(list) {
  const itemOf = (target) => target.closest(".task");
  list.addEventListener("change", ({ target }) => target.type === "checkbox" && tick(itemOf(target), target.checked));
  list.addEventListener("click", ({ target }) => {
    const item = itemOf(target);
    const act = {
      edit: () => (item.querySelector("form").hidden ? openEditor(item) : closeEditor(item)),
      cancel: () => closeEditor(item),
      delete: () => remove(item),
      tag: () => {
        byId("filter").elements.tags.value = target.textContent;
        attempt(() => load("List the tasks"));
      },
    }[target.name];
    if (target.localName === "button" && act) act();
  });
  list.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(event.target, () => save(itemOf(event.target), event.target));
  });
  list.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest("form")) closeEditor(itemOf(event.target));
  });
}

function begin() {
  for (const link of document.querySelectorAll("[data-address]")) link.href = settings.base + link.dataset.address;
  const filter = byId("filter").elements;
  fillSelect(filter.status, settings.states);
  fillSelect(filter.priority, settings.priorities);
  const form = byId("add").elements;
  fillSelect(form.priority, settings.priorities);
  form.priority.options[settings.priorities.indexOf("medium")].defaultSelected = true;
  for (const field of ["priority", "tags"]) form[field].parentElement.hidden = !names[field];
  for (const part of ["date", "time"]) form[part].parentElement.hidden = !names.due_date;
  listen();
  if (!settings.token) return signIn(true);
  connect(settings.token, true).catch((problem) => {
    signIn(true);
    byId("sign-in").querySelector(".error").textContent = problem.message;
  });
}

begin();
