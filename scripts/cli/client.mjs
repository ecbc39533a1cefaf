// The HTTP client of the command line: finds the service and the token, sends one JSON
// request, turns every other outcome into an error with its exit code.
import { setTimeout as delay } from "node:timers/promises";

import { readEnvFile } from "../lib/env_file.mjs";
import { readLocal } from "../lib/local_state.mjs";
import { CliError, UnauthorizedError, UnreachableError, UsageError } from "./errors.mjs";
import { plain } from "./output.mjs";

const TIMEOUT_MS = 60_000;
const RETRIES_MAX = 3;
const RETRY_WAIT_SECONDS_MAX = 5;

function isLoopback(hostname) {
  return /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

function parseUrl(text, source) {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new UsageError(
      `${source} must be an http or https address, for instance https://api.writersfactory.app.`,
    );
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new UsageError(`${source} must be a plain address: no user, query or fragment.`);
  }
  return url;
}

// findService: {url, token} from flags, then the environment, then a running scripts/start.
// The token of a running start is used for that start's address only.
export function findService(flags, env = process.env) {
  const local = readLocal();
  const given = flags.url ?? (env.LATCHKEY_URL || undefined);
  if (given === undefined && local === null) {
    throw new UnreachableError("No service known: give --url or LATCHKEY_URL, or run ./scripts/start.");
  }
  const url = parseUrl(given ?? local.url, flags.url ? "--url" : "LATCHKEY_URL");
  let token = flags.token ?? (env.LATCHKEY_ADMIN_TOKEN || undefined);
  if (token === undefined && local !== null && new URL(local.url).origin === url.origin) {
    token = readEnvFile(local.env_file).values.get("ADMIN_TOKEN");
  }
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError("The admin token holds characters that no token has.");
  }
  return { url, token };
}

function problemLines(problem, response) {
  const lines = [];
  for (const field of Array.isArray(problem.errors) ? problem.errors : []) {
    lines.push(`${plain(field.location)}: ${plain(field.message)}`);
  }
  const retryAfter = response.headers.get("retry-after");
  if (retryAfter !== null) lines.push(`Try again in ${plain(retryAfter)} seconds.`);
  if (problem.request_id) lines.push(`Request id: ${plain(problem.request_id)}`);
  return lines;
}

function failure(response, body, url) {
  const problem =
    body !== null && typeof body === "object" && typeof body.message === "string" ? body : null;
  if (problem === null) {
    const kind = response.status === 502 || response.status === 503 || response.status === 504;
    const where = `${url.origin}${url.pathname}`;
    const message = `Unexpected answer from ${where}: HTTP ${response.status}, not a problem document.`;
    return kind ? new UnreachableError(message) : new CliError(message);
  }
  const message = `${plain(problem.message)} (${plain(problem.error)}, HTTP ${response.status})`;
  const lines = problemLines(problem, response);
  if (response.status === 401 || response.status === 403) return new UnauthorizedError(message, lines);
  if (response.status === 503) return new UnreachableError(message, lines);
  const error = new CliError(message, undefined, lines);
  error.problem = problem;
  return error;
}

export class Client {
  #url;
  #token;

  constructor({ url, token }) {
    this.#url = url;
    this.#token = token;
  }

  get origin() {
    return this.#url.origin;
  }

  // raw: {status, body} of a public page, whatever its status.
  async raw(path) {
    const { response, body } = await this.#send("GET", path, undefined, {});
    return { status: response.status, body };
  }

  // get and send: the JSON of a successful answer of the admin API. Where repeating is
  // harmless (`repeatable`), a 503 that says when to come back is tried again.
  get(path) {
    return this.send("GET", path, undefined, { repeatable: true });
  }

  async send(method, path, payload, { repeatable = false, ifMatch } = {}) {
    const headers = { ...this.#authorization(), ...(ifMatch && { "if-match": ifMatch }) };
    for (let attempt = 1; ; attempt += 1) {
      const { response, body, url } = await this.#send(method, path, payload, headers);
      if (response.ok && body !== null && typeof body === "object") return body;
      const wait = Number(response.headers.get("retry-after") ?? "NaN");
      const again = repeatable && response.status === 503 && wait <= RETRY_WAIT_SECONDS_MAX;
      if (!again || attempt > RETRIES_MAX) throw failure(response, body, url);
      await delay(wait * 1000);
    }
  }

  // all: the rows of a list, page by page, following cursors up to `limit` rows.
  async *pages(path, query, { limit = Infinity, pageRows = 500 } = {}) {
    let left = limit;
    let cursor = null;
    do {
      const search = new URLSearchParams(query);
      search.set("limit", String(Math.min(left, pageRows)));
      if (cursor !== null) search.set("cursor", cursor);
      const page = await this.get(`${path}?${search}`);
      if (!Array.isArray(page.data)) throw new CliError(`Unexpected answer to ${path}: no list.`);
      const rows = page.data.slice(0, left);
      left -= rows.length;
      yield rows;
      if (page.next_cursor === cursor) return;
      cursor = page.next_cursor ?? null;
    } while (cursor !== null && left > 0);
  }

  #authorization() {
    if (this.#token === undefined) {
      throw new UnauthorizedError("No admin token: give LATCHKEY_ADMIN_TOKEN or --token.");
    }
    if (this.#url.protocol === "http:" && !isLoopback(this.#url.hostname)) {
      throw new UsageError(
        `The admin token is not sent over plain http to ${this.#url.hostname}: use https.`,
      );
    }
    return { authorization: `Bearer ${this.#token}` };
  }

  async #send(method, path, payload, headers) {
    const url = new URL(this.#url.pathname.replace(/\/$/, "") + path, this.#url);
    let response;
    let text;
    try {
      response = await fetch(url, {
        method,
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          ...headers,
          accept: "application/json",
          ...(payload && { "content-type": "application/json" }),
        },
        ...(payload && { body: JSON.stringify(payload) }),
      });
      text = await response.text();
    } catch (error) {
      const reason =
        error.name === "TimeoutError"
          ? `no answer in ${TIMEOUT_MS / 1000} s`
          : (error.cause?.code ?? error.message);
      throw new UnreachableError(`${url.origin} does not answer (${reason}).`);
    }
    let body = null;
    try {
      body = JSON.parse(text);
    } catch {
      // Judged by the caller: a body that is not JSON is never a success.
    }
    return { response, body, url };
  }
}
