// Runs the command line against a small strict server that keeps to the admin API's contract.
import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";

import { ROOT, rootPath } from "../../scripts/lib/paths.mjs";

export const TOKEN = "lk_admin_test_token_0123456789";
const RUN_MS_MAX = 30_000;

export function temporaryDirectory(t) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "latchkey-cli-"));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

// runProgram: {status, stdout, stderr} of a command; `input` is its whole stdin.
export function runProgram(command, args, { input = "", env = {}, cwd = ROOT } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, timeout: RUN_MS_MAX });
    const text = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"]) {
      child[stream].setEncoding("utf8").on("data", (chunk) => {
        text[stream] += chunk;
      });
    }
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, ...text }));
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

// latchkey: runs the command line. Without `url` it knows no service; a start that runs beside
// the tests is not found.
export function latchkey(args, { url, token = TOKEN, input, env = {} } = {}) {
  const service = {
    LATCHKEY_LOCAL_FILE: "/nonexistent/local.json",
    LATCHKEY_URL: url ? String(url) : "",
    LATCHKEY_ADMIN_TOKEN: url && token ? token : "",
  };
  return runProgram(rootPath("scripts/latchkey"), args, { input, env: { ...service, ...env } });
}

function problem(status, error, message, extra = {}) {
  const body = {
    success: false,
    error,
    message,
    status,
    title: error,
    type: "about:blank",
    request_id: "req_1",
    retryable: status === 503,
  };
  return { status, body: { ...body, ...extra }, type: "application/problem+json" };
}

const MEMBERS = {
  "/admin/licenses": ["plan", "count", "code", "expires_at", "max_machines", "holder", "note"],
  "/admin/licenses/import": ["rows", "dry_run"],
  row: [
    "line",
    "code",
    "email",
    "plan",
    "expires_at",
    "max_machines",
    "holder_name",
    "holder_email",
    "note",
  ],
  revise: ["plan", "providers", "deliveries", "max_machines", "expires_at", "budget", "enforcement", "note"],
  revoke: ["reason"],
  suspend: ["reason"],
  reinstate: ["reason"],
  reissue: ["code"],
  release: [],
  rename: ["name"],
  provider: ["api_key"],
  rotation: ["provider", "api_key", "grace_days", "verify", "emergency", "ends_by", "publish_at"],
};

const makeMachine = (changed) => ({
  id: "mch_000001",
  license_id: "lic_000001",
  name: "Ada's desk",
  first_seen_at: "2026-11-21T07:50:12Z",
  last_seen_at: "2026-11-21T07:51:12Z",
  country: "DE",
  app_version: "1.2",
  released_at: null,
  seat_held_until: null,
  version: 1,
  ...changed,
});

const PLAN = {
  providers: ["kimi", "qwen"],
  deliveries: ["hpke"],
  max_machines: 2,
  license_days: 30,
  expiry_from: "creation",
  models: null,
  limits: {},
  budget: { daily: "1.5", monthly: null, total: null },
  enforcement: "track",
  description: null,
  created_at: "2026-11-21T07:50:12Z",
  created_by: "admin:bootstrap",
  retired_at: null,
};

function unknownMember(value, members) {
  return Object.keys(value).find((name) => !members.includes(name));
}

function makeRotation(fields) {
  return {
    from_version: 1,
    to_version: 2,
    message: "What to do next.",
    verdict: "accepted",
    verdict_detail: "HTTP 200",
    ends_by: "time",
    publish_at: null,
    published_at: null,
    grace_ends_at: null,
    old_key_verdict: null,
    created_at: "2026-11-21T07:50:12Z",
    ...fields,
  };
}

export class AdminServer {
  licenses = new Map();
  rotations = new Map();
  requests = [];
  // answers: forced answers, one a request: {status, body, headers} or null for the usual one.
  answers = [];
  ready = true;
  tokens = [];
  #server;
  #next = 1;

  static async start(t) {
    const server = new AdminServer();
    await server.#listen();
    t.after(() => server.stop());
    return server;
  }

  async #listen() {
    this.#server = http.createServer((request, response) => this.#serve(request, response));
    await new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  addLicense(fields = {}) {
    const id = `lic_${String(this.#next).padStart(6, "0")}`;
    this.#next += 1;
    const license = {
      id,
      code_hint: "WF-ABCDE...",
      kind: "generated",
      plan: "pro",
      status: "active",
      status_reason: null,
      expires_at: "2027-11-21T07:50:12Z",
      max_machines: 3,
      machines_used: 1,
      note: null,
      holder: null,
      first_provision_at: null,
      last_provision_at: null,
      created_at: "2026-11-21T07:50:12Z",
      updated_at: "2026-11-21T07:50:12Z",
      version: 1,
      ...fields,
    };
    this.licenses.set(id, license);
    return license;
  }

  async #serve(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString("utf8");
    const url = new URL(request.url, this.url);
    const seen = {
      method: request.method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      text,
      headers: request.headers,
    };
    this.requests.push(seen);
    const answer = this.answers.shift() ?? this.#answer(seen);
    const headers = { "content-type": answer.type ?? "application/json", ...answer.headers };
    response
      .writeHead(answer.status, headers)
      .end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  }

  #answer({ method, path: where, query, text, headers }) {
    if (where === "/health") return { status: 200, body: { status: "ok" } };
    if (where === "/ready")
      return { status: this.ready ? 200 : 503, body: { ready: this.ready, checks: { db: "ok" } } };
    if (where === "/version") return { status: 200, body: { version: "0.1.0" } };
    if (headers.authorization !== `Bearer ${TOKEN}`)
      return problem(401, "unauthorized", "Give a valid admin token.");
    let body = null;
    if (method !== "GET" && method !== "DELETE") {
      if (headers["content-type"] !== "application/json")
        return problem(415, "unsupported_media_type", "Send JSON.");
      if (text.length > 1024 * 1024) return problem(413, "body_too_large", "At most 1 MiB.");
      body = JSON.parse(text);
    }
    return this.#route(method, where, query, body);
  }

  #route(method, where, query, body) {
    const key = `${method} ${where}`;
    if (key === "GET /admin/licenses") return this.#list(query);
    if (key === "POST /admin/licenses") return this.#create(body);
    if (key === "POST /admin/licenses/import") return this.#import(body);
    if (key === "GET /admin/providers") {
      return {
        status: 200,
        body: { data: [{ provider: "deepseek", source: "secret", version: null, updated_at: null }] },
      };
    }
    if (key === "GET /admin/config") {
      const data = [
        {
          name: "MASTER_KEY",
          kind: "secret",
          value: null,
          default: null,
          source: "environment",
          description: "seals",
        },
        {
          name: "LOG_LEVEL",
          kind: "text",
          value: "warn",
          default: "info",
          source: "environment",
          description: "level",
        },
      ];
      return { status: 200, body: { data } };
    }
    const token = this.#token(key, body);
    if (token) return token;
    if (key === "POST /admin/licenses/bulk") return this.#bulk(query, body);
    if (key.startsWith("GET /admin/plans") || key.startsWith("PUT /admin/plans/")) return this.#plans(key, query, body);
    const provider = /^PUT \/admin\/providers\/(\w+)$/.exec(key);
    if (provider) {
      return (
        this.#strict(body, MEMBERS.provider) ?? {
          status: 200,
          body: { provider: provider[1], source: "stored", version: 2 },
        }
      );
    }
    return this.#machine(key, query, body) ?? this.#rotations(key, query, body) ?? this.#oneLicense(key, body);
  }

  #machine(key, query, body) {
    if (key === "GET /admin/machines") {
      const first = query.cursor === undefined;
      const data = [makeMachine({ id: first ? "mch_000002" : "mch_000001" })];
      return { status: 200, body: { data, next_cursor: first ? "next" : null } };
    }
    const match = /^(GET|POST|PATCH) \/admin\/machines\/(mch_\w+)(\/release)?$/.exec(key);
    if (!match) return undefined;
    const [, method, id] = match;
    if (id === "mch_none") return problem(404, "not_found", "There is no machine with this id.");
    if (method === "GET") return { status: 200, body: makeMachine({ id }) };
    if (method === "PATCH") {
      return this.#strict(body, MEMBERS.rename) ?? { status: 200, body: makeMachine({ id, name: body.name }) };
    }
    const released = makeMachine({ id, released_at: "2026-11-21T08:00:00Z" });
    return this.#strict(body, MEMBERS.release) ?? { status: 200, body: released };
  }

  #rotations(key, query, body) {
    if (key === "POST /admin/rotations") {
      const refused = this.#strict(body, MEMBERS.rotation);
      if (refused) return refused;
      const state = body.api_key.includes("wrong") ? "failed" : body.verify === false ? "published" : "verified";
      const id = query.dry_run === "1" ? null : `rot_${this.rotations.size + 1}`;
      const rotation = makeRotation({ id, provider: body.provider, state });
      if (id) this.rotations.set(id, rotation);
      return { status: 201, body: rotation };
    }
    if (key === "GET /admin/rotations") return { status: 200, body: { data: [...this.rotations.values()] } };
    const match = /^(GET|POST) \/admin\/rotations\/(rot_\w+)(?:\/(verify|publish|cancel|retire))?$/.exec(key);
    const rotation = match && this.rotations.get(match[2]);
    if (!rotation) return null;
    if (match[1] === "GET") {
      const lagging = { count: 1, oldest_seen_at: "2026-11-20T07:50:12Z" };
      return { status: 200, body: { ...rotation, adoption: { active: 3, holding: 2, lagging } } };
    }
    const states = { verify: "verified", publish: "published", cancel: "cancelled", retire: "retired" };
    rotation.state = states[match[3]];
    return this.#strict(body, []) ?? { status: 200, body: rotation };
  }

  #token(key, body) {
    if (key === "GET /admin/tokens") return { status: 200, body: { data: this.tokens, next_cursor: null } };
    if (key === "PUT /admin/tokens/bootstrap") {
      return this.#strict(body, ["enabled"]) ?? { status: 200, body: { enabled: body.enabled } };
    }
    if (key === "POST /admin/tokens") {
      const made = { id: `tok_${this.tokens.length + 1}`, status: "active", created_by: "admin:x", ...body };
      this.tokens.push(made);
      return this.#strict(body, ["name", "scopes", "expires_at"]) ?? {
        status: 201,
        body: { ...made, token: "lk_admin_NEW" },
      };
    }
    const [, id] = /^DELETE \/admin\/tokens\/(tok_\w+)$/.exec(key) ?? [];
    const found = this.tokens.find((one) => one.id === id);
    return found && { status: 200, body: { ...found, status: "revoked" } };
  }

  // #bulk: slices of two, oldest first, each against the number that the caller expects.
  #bulk(query, body) {
    const found = [...this.licenses.values()].filter(
      ({ id, status }) => id > (body.after ?? "") && status === (body.filter.status ?? status),
    );
    if (query.dry_run === "1") {
      const sample = found.slice(0, 5);
      return { status: 200, body: { dry_run: true, matched: found.length, changed: 0, skipped: 0, next: null, sample } };
    }
    if (body.expected_count !== found.length) return problem(409, "conflict", "The filter finds another number.");
    const slice = found.slice(0, 2);
    const next = found.length > 2 ? slice.at(-1).id : null;
    return {
      status: 200,
      body: { dry_run: false, matched: found.length, changed: slice.length - 1, skipped: 1, next, sample: [] },
    };
  }

  // #plans: pro has two versions; a plan that is put answers with its content.
  #plans(key, query, body) {
    const [method, name] = [key.split(" ")[0], key.split("/")[3]];
    const pro = { ...PLAN, name: "pro", version: 2 };
    if (method === "PUT") {
      const plan = { ...PLAN, ...body, name, version: 3, ...(query.dry_run === "1" && { dry_run: true }) };
      return { status: 200, body: plan };
    }
    if (name === undefined) return { status: 200, body: { data: [pro] } };
    if (name !== "pro") return problem(404, "not_found", "There is no plan of this name.");
    return { status: 200, body: { data: [pro, { ...pro, version: 1 }] } };
  }

  #oneLicense(key, body) {
    const match = /^(GET|POST|PATCH) \/admin\/licenses\/(lic_\w+)(?:\/(\w+))?$/.exec(key);
    const license = match && this.licenses.get(match[2]);
    if (!license) return problem(404, "not_found", "There is no such page or object.");
    const [, method, , action] = match;
    if (method === "GET" && action === undefined) return { status: 200, body: license };
    if (method === "GET" && action === "machines") {
      return { status: 200, body: { data: [makeMachine({ license_id: license.id })] } };
    }
    if (method === "GET" && action === "history") {
      const entry = { at: "2026-11-21T08:00:00Z", action: "license.revoked", status: "revoked", reason: "fraud" };
      const data = [{ ...entry, actor: "admin:bootstrap", request_id: "req_1", details: {} }];
      return { status: 200, body: { status: "revoked", data, next_cursor: null } };
    }
    if (method === "PATCH") return this.#strict(body, MEMBERS.revise) ?? { status: 200, body: { ...license, ...body } };
    const refused = this.#strict(body, MEMBERS[action]);
    if (refused) return refused;
    if (action === "reissue")
      return { status: 200, body: { license, code: body.code ?? "WF-NEWNE-WNEWN" } };
    if (action === "reinstate" && license.status === "revoked") {
      return problem(409, "conflict", "A revoked licence stays revoked.");
    }
    license.status = { revoke: "revoked", suspend: "suspended", reinstate: "active" }[action];
    license.status_reason = body.reason ?? null;
    return { status: 200, body: license };
  }

  #strict(body, members) {
    const name = unknownMember(body, members);
    if (name === undefined) return null;
    return problem(400, "invalid_request", "The request has errors.", {
      errors: [{ location: name, message: "unknown member" }],
    });
  }

  #list(query) {
    const all = [...this.licenses.values()].filter(
      (license) => !query.status || license.status === query.status,
    );
    const from = Number(query.cursor ?? 0);
    const data = all.slice(from, from + Number(query.limit));
    const next = from + data.length;
    return { status: 200, body: { data, next_cursor: next < all.length ? String(next) : null } };
  }

  #create(body) {
    const refused = this.#strict(body, MEMBERS["/admin/licenses"]);
    if (refused) return refused;
    if (!(body.count >= 1 && body.count <= 500))
      return problem(400, "invalid_request", "count must be 1 to 500.");
    if ([...this.licenses.values()].some(({ code }) => code !== undefined && code === body.code)) {
      return problem(409, "conflict", "This code exists already.");
    }
    const licenses = Array.from({ length: body.count }, (_, i) => {
      const license = this.addLicense({ plan: body.plan, note: body.note ?? null });
      const code = body.code ?? `WF-${license.id}-${i}`;
      license.code = body.code;
      return { ...license, code };
    });
    return { status: 201, body: { licenses } };
  }

  #import({ rows, dry_run: dryRun = false, ...rest }) {
    if (Object.keys(rest).length > 0 || !Array.isArray(rows) || rows.length > 500) {
      return problem(400, "invalid_request", "rows must be a list of at most 500.");
    }
    const results = rows.map((row) => {
      const unknown = unknownMember(row, MEMBERS.row);
      if (unknown)
        return {
          line: row.line,
          status: "error",
          error: "invalid_request",
          message: `unknown member ${unknown}`,
        };
      if (row.plan === "gold")
        return { line: row.line, status: "error", error: "invalid_request", message: "plan: no such plan" };
      const code = row.code ?? row.email;
      if ([...this.licenses.values()].some((license) => code !== undefined && license.code === code)) {
        return { line: row.line, status: "exists" };
      }
      if (dryRun) return { line: row.line, status: "created" };
      const license = this.addLicense({ code });
      return {
        line: row.line,
        status: "created",
        id: license.id,
        ...(code === undefined && { code: `WF-GEN-${license.id}` }),
      };
    });
    const count = (status) => results.filter((row) => row.status === status).length;
    return {
      status: 200,
      body: { created: count("created"), skipped: count("exists"), failed: count("error"), rows: results },
    };
  }
}
