// The admin API, as the dashboard calls it. Knows no page; holds the token, in memory only.

export interface FieldError {
  location: string;
  message: string;
}

// Problem: what the service answered with instead of what was asked for (RFC 9457).
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  readonly fields: readonly FieldError[];

  constructor(status: number, body: Partial<Record<string, unknown>>, requestId: string | null) {
    super(typeof body["message"] === "string" ? body["message"] : `The service answered ${status}.`);
    this.status = status;
    this.code = typeof body["error"] === "string" ? body["error"] : "unknown";
    this.requestId = requestId;
    this.fields = Array.isArray(body["errors"]) ? (body["errors"] as FieldError[]) : [];
  }
}

// Lost: there was no answer. What was asked for may have happened: ask again with the same idempotency key.
export class Lost extends Error {
  override readonly name = "Lost";
  constructor() {
    super("No connection to the service. What you see is kept; try again.");
  }
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export type Query = Record<string, string | number | boolean | null | undefined>;

export interface Call {
  method?: Method;
  path: string;
  query?: Query;
  body?: unknown;
  ifMatch?: string | undefined;
  // For a POST: the same key again is the same act, answered as the first time.
  idempotencyKey?: string;
  signal?: AbortSignal;
}

export interface Answer<T> {
  data: T;
  etag: string | null;
}

let token: string | undefined;
let whenRefused = (_problem: Problem): void => {};

export function setToken(value: string | undefined): void {
  token = value;
}

// onRefused: called when the service does not know us any more.
export function onRefused(listener: (problem: Problem) => void): void {
  whenRefused = listener;
}

export const newIdempotencyKey = (): string => crypto.randomUUID();

export function urlOf(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

async function send(call: Call): Promise<Response> {
  const headers = new Headers({ accept: "application/json" });
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  if (call.ifMatch) headers.set("if-match", call.ifMatch);
  if (call.idempotencyKey) headers.set("idempotency-key", call.idempotencyKey);
  const method = call.method ?? "GET";
  // A change carries its type even without a body: the service asks it of those that Cloudflare Access signed in.
  if (method !== "GET") headers.set("content-type", "application/json");
  const body = method === "GET" ? {} : { body: JSON.stringify(call.body ?? {}) };
  let response: Response;
  try {
    response = await fetch(urlOf(call.path, call.query), {
      method,
      headers,
      cache: "no-store",
      redirect: "error",
      signal: call.signal ?? null,
      ...body,
    });
  } catch (error) {
    if (call.signal?.aborted) throw error;
    throw new Lost();
  }
  if (response.ok) return response;
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const problem = new Problem(response.status, answer, response.headers.get("x-request-id"));
  if (response.status === 401) whenRefused(problem);
  throw problem;
}

// call: one request. Throws Problem or Lost.
export async function call<T>(request: Call): Promise<Answer<T>> {
  const response = await send(request);
  return { data: (await response.json()) as T, etag: response.headers.get("etag") };
}

// text: the same for answers that are not JSON.
export async function text(request: Call): Promise<string> {
  return (await send(request)).text();
}
