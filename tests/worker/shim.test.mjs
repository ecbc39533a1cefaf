// What the shim promises the core, and the core's answers the client, seen from both ends: a core
// that echoes and relays (tests/support/faulty_core) runs inside the real bundle on workerd.
import assert from "node:assert/strict";
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { after, before, describe, test } from "node:test";
import { OpKind, OpStatus } from "../../worker/src/abi.gen.ts";
import { faultyCore, logged, start } from "../support/miniflare.mjs";

const wasm = faultyCore("current");

// A Worker whose bindings can be made slow, dead or failing for one request, by its headers:
// x-db-delay-ms, x-kv-delay-ms (-1: never answers). The bundle itself is unchanged.
const slowBindings = `
  import worker from "./index.js";
  const pause = (ms) => new Promise((resolve) => ms < 0 || setTimeout(resolve, ms));
  const slow = (binding, ms, names) => new Proxy(binding, {
    get(target, name) {
      const member = target[name];
      if (!names.includes(name)) return typeof member === "function" ? member.bind(target) : member;
      return async (...args) => { await pause(ms); return member.apply(target, args); };
    },
  });
  export default {
    fetch(request, env, ctx) {
      const ms = (name) => Number(request.headers.get(name) ?? 0);
      const DB = slow(env.DB, ms("x-db-delay-ms"), ["batch"]);
      const KV = slow(env.KV, ms("x-kv-delay-ms"), ["get", "put", "delete"]);
      return worker.fetch(request, { ...env, DB, KV }, ctx);
    },
    scheduled: worker.scheduled,
  };`;

let worker;
before(async () => {
  const cf = { country: "DE", asn: 3320, latitude: "52.5", longitude: "13.4" };
  worker = await start({ wasm, wrapper: slowBindings, migrate: false, cf, secrets: { SECRET: "sesame" } });
});
after(() => worker.stop());

// Asks the core to perform one operation, and gives what it was told.
async function operate(kind, payload, headers = {}) {
  const body = typeof payload === "string" || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
  const response = await worker.fetch(`/op?n=${kind}`, { method: "POST", body, headers });
  assert.equal(response.status, 200);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: Number(response.headers.get("x-op-status")), bytes, text: bytes.toString() };
}

async function dbBatch(statements, timeout_ms = 5000, headers = {}) {
  const answer = await operate(OpKind.dbBatch, { timeout_ms, statements }, headers);
  return { ...answer, results: answer.status === OpStatus.ok ? JSON.parse(answer.text) : undefined };
}

function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

describe("a request reaches the core", () => {
  test("with method, url, address, country and the headers of the ABI, and no others", async () => {
    const response = await worker.fetch("/echo?q=%C3%BC&r=a b", {
      method: "PUT",
      headers: {
        authorization: "Bearer t", "content-type": "text/x", "user-agent": "test/1", "if-none-match": '"e"',
        "cf-connecting-ip": "2001:db8::1", "x-forwarded-for": "9.9.9.9", "x-real-ip": "9.9.9.9", referer: "x",
      },
    });
    assert.equal(await response.text(), [
      "PUT", new URL("/echo?q=%C3%BC&r=a%20b", worker.url).href, "2001:db8::1", "DE", "3320 52.5 13.4",
      "authorization=Bearer t", "content-type=text/x", 'if-none-match="e"', "user-agent=test/1", "",
    ].join("\n"));
  });

  test("with the headers that its path is for", async () => {
    const headers = {
      origin: "https://a.example", cookie: "c=1", "cf-access-jwt-assertion": "j", "idempotency-key": "k", "if-match": '"1"',
      "stripe-signature": "t=1", "user-agent": "test/1",
    };
    const given = async (path) => {
      const lines = (await (await worker.fetch(path, { headers })).text()).trim().split("\n");
      return lines.slice(5).map((line) => line.split("=")[0]);
    };
    const everywhere = ["origin", "user-agent"];
    const admin = ["cf-access-jwt-assertion", "cookie", "idempotency-key", "if-match"];
    assert.deepEqual(await given("/echo?/admin"), everywhere);
    assert.deepEqual(await given("/admin/echo"), [...everywhere, ...admin]);
    assert.deepEqual(await given("/hooks/echo"), [...everywhere, "stripe-signature"]);
  });

  test("with the socket's address where the client names none", async () => {
    const lines = (await (await worker.fetch("/echo")).text()).split("\n");
    assert.equal(lines[2], "127.0.0.1");
  });

  test("with text beyond ASCII as UTF-8", async () => {
    const agent = Buffer.from("Zoë 😀", "utf8").toString("latin1"); // As bytes on the wire.
    const text = await (await worker.fetch("/echo", { headers: { "user-agent": agent } })).text();
    assert.match(text, /user-agent=Zoë 😀\n/);
  });

  test("after its settings: every text binding, then the build's own", async () => {
    const lines = (await (await worker.fetch("/settings")).text()).trim().split("\n");
    assert.ok(lines.includes("ENVIRONMENT=production"));
    assert.ok(lines.includes("SECRET=sesame"));
    assert.match(lines.at(-2), /^LATCHKEY_WASM_SHA256=[0-9a-f]+$/);
    assert.match(lines.at(-1), /^LATCHKEY_BUILD=.+$/);
    assert.ok(!lines.some((line) => /^(DB|KV)=/.test(line)));
  });
});

describe("an answer reaches the client", () => {
  test("with its status, headers and bytes", async () => {
    const response = await worker.fetch("/bytes?n=300000");
    assert.equal(response.status, 200);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), Buffer.alloc(300000, 0xff));
    const echo = await worker.fetch("/echo");
    assert.equal(echo.headers.get("content-type"), "text/plain");
    assert.equal(Buffer.from(echo.headers.get("x-word"), "latin1").toString(), "Grüße");
  });

  test("with a header that comes twice", async () => {
    assert.deepEqual((await worker.fetch("/cookies")).headers.getSetCookie(), ["a=1", "b=2"]);
  });

  for (const status of [204, 304, 404, 503]) {
    test(`without a body, status ${status}`, async () => {
      const response = await worker.fetch(`/status?n=${status}`);
      assert.equal(response.status, status);
      assert.equal(response.headers.get("x-empty"), "");
      assert.equal(await response.text(), "");
    });
  }

  test("to HEAD without its body", async () => {
    const response = await worker.fetch("/echo", { method: "HEAD" });
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "");
  });
});

describe("reading the body", () => {
  const send = async (limit, body, init = {}) => {
    const response = await worker.fetch(`/body?n=${limit}`, { method: "POST", body, ...init });
    return { status: Number(response.headers.get("x-op-status")), bytes: Buffer.from(await response.arrayBuffer()) };
  };
  const streamOf = (...chunks) => new ReadableStream({
    pull: (controller) => (chunks.length ? controller.enqueue(chunks.shift()) : controller.close()),
  });

  test("gives the bytes up to the limit, declared or streamed", async () => {
    const body = randomBytes(5000);
    assert.deepEqual(await send(5000, body), { status: OpStatus.ok, bytes: body });
    const stream = streamOf(body.subarray(0, 1), body.subarray(1, 4000), body.subarray(4000));
    assert.deepEqual(await send(5000, stream, { duplex: "half" }), { status: OpStatus.ok, bytes: body });
  });

  test("refuses one byte more, declared or streamed", async () => {
    const refused = { status: OpStatus.tooLarge, bytes: Buffer.alloc(0) };
    assert.deepEqual(await send(5000, randomBytes(5001)), refused);
    assert.deepEqual(await send(5000, streamOf(randomBytes(5000), randomBytes(1)), { duplex: "half" }), refused);
  });

  test("answers while a stream that never ends is still being sent", { timeout: 10_000 }, async () => {
    const upload = request(new URL("/body?n=4096", worker.url), { method: "POST" });
    upload.on("error", () => {});
    const sending = setInterval(() => upload.write(Buffer.alloc(1024)), 5);
    try {
      const [answer] = await once(upload, "response");
      assert.equal(answer.headers["x-op-status"], String(OpStatus.tooLarge));
    } finally {
      clearInterval(sending);
      upload.destroy();
    }
  });

  test("gives nothing where there is none", async () => {
    assert.deepEqual(await send(10, undefined), { status: OpStatus.ok, bytes: Buffer.alloc(0) });
    const response = await worker.fetch("/body?n=10");
    assert.equal(response.headers.get("x-op-status"), String(OpStatus.ok));
  });
});

describe("a D1 batch", () => {
  test("answers rows and counts of each statement, parameters of every kind unchanged", async () => {
    await worker.db.exec("DROP TABLE IF EXISTS t; CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT, n REAL)");
    const { results } = await dbBatch([
      ["INSERT INTO t (id, word, n) VALUES (?1, ?2, ?3), (2, NULL, ?4)", [1, "Zoë 😀 \"' \u0001", 9007199254740991, null]],
      ["SELECT * FROM t ORDER BY id", []],
      ["UPDATE t SET n = 1.5 WHERE id = ?", [2]],
    ]);
    assert.equal(results.length, 3);
    assert.deepEqual(results[0].rows, []);
    assert.equal(results[0].changes, 2);
    assert.ok(results[0].rows_written >= 2);
    assert.deepEqual(results[1].rows, [
      { id: 1, word: "Zoë 😀 \"' \u0001", n: 9007199254740991 }, { id: 2, word: null, n: null },
    ]);
    assert.ok(results[1].rows_read >= 2);
    assert.equal(results[2].changes, 1);
    assert.deepEqual(Object.keys(results[0]), ["rows", "changes", "rows_read", "rows_written"]);
  });

  test("that fails changes nothing and gives a reason without its parameters", async () => {
    await worker.db.exec("DROP TABLE IF EXISTS u; CREATE TABLE u (id INTEGER PRIMARY KEY, word TEXT)");
    const answer = await dbBatch([
      ["INSERT INTO u VALUES (1, ?)", ["hush-1"]],
      ["INSERT INTO u VALUES (1, ?)", ["hush-2"]],
    ]);
    assert.equal(answer.status, OpStatus.unavailable);
    assert.match(answer.text, /UNIQUE constraint failed/);
    assert.doesNotMatch(answer.text, /hush/);
    assert.deepEqual((await worker.db.prepare("SELECT * FROM u").all()).results, []);
  });

  test("with a parameter D1 does not take gives a reason without it", async () => {
    const answer = await dbBatch([["SELECT ?", [{ word: "hush" }]]]);
    assert.deepEqual([answer.status, answer.text], [OpStatus.unavailable, "D1_TYPE_ERROR"]);
  });

  test("that does not answer in time is unavailable at that time", { timeout: 10_000 }, async () => {
    const began = performance.now();
    const answer = await dbBatch([["SELECT 1", []]], 200, { "x-db-delay-ms": "-1" });
    assert.equal(answer.status, OpStatus.unavailable);
    assert.match(answer.text, /200 ms/);
    assert.ok(performance.now() - began < 3000);
  });

  test("reason is cut at 200 characters", async () => {
    const answer = await dbBatch([[`SELECT * FROM ${"x".repeat(5000)}`, []]]);
    assert.equal(answer.status, OpStatus.unavailable);
    assert.equal(answer.text.length, 200);
  });
});

describe("KV", () => {
  test("gives what was put, and nothing after it is deleted", async () => {
    assert.equal((await operate(OpKind.kvGet, { key: "absent" })).status, OpStatus.missing);
    const put = await operate(OpKind.kvPut, { key: "k/ü", value: "Wert 😀", ttl_seconds: 0 });
    assert.deepEqual([put.status, put.text], [OpStatus.ok, ""]);
    const got = await operate(OpKind.kvGet, { key: "k/ü" });
    assert.deepEqual([got.status, got.text], [OpStatus.ok, "Wert 😀"]);
    assert.equal((await operate(OpKind.kvDelete, { key: "k/ü" })).status, OpStatus.ok);
    assert.equal((await operate(OpKind.kvGet, { key: "k/ü" })).status, OpStatus.missing);
  });

  test("an empty value is there, and is not missing", async () => {
    await operate(OpKind.kvPut, { key: "empty", value: "", ttl_seconds: 0 });
    assert.deepEqual((await operate(OpKind.kvGet, { key: "empty" })).status, OpStatus.ok);
  });

  for (const [ttl, expected] of [[0, undefined], [3600, 3600], [5, 60]]) {
    test(`a time to live of ${ttl} s expires ${expected === undefined ? "never" : `after ${expected} s`}`, async () => {
      const key = `ttl-${ttl}`;
      await operate(OpKind.kvPut, { key, value: "v", ttl_seconds: ttl });
      const { keys } = await worker.kv.list({ prefix: key });
      if (expected === undefined) return assert.equal(keys[0].expiration, undefined);
      assert.ok(Math.abs(keys[0].expiration - Date.now() / 1000 - expected) < 10);
    });
  }

  test("that refuses a key is unavailable with a reason", async () => {
    const answer = await operate(OpKind.kvGet, { key: "x".repeat(600) });
    assert.equal(answer.status, OpStatus.unavailable);
    assert.match(answer.text, /512/);
    assert.doesNotMatch(answer.text, /xxx/);
  });

  test("that never answers is unavailable after 5 s", { timeout: 15_000 }, async () => {
    const answer = await operate(OpKind.kvGet, { key: "k" }, { "x-kv-delay-ms": "-1" });
    assert.equal(answer.status, OpStatus.unavailable);
    assert.match(answer.text, /5000 ms/);
  });
});

describe("derive", () => {
  const derive = (password, salt, iterations, len) => operate(OpKind.derive, Buffer.concat([
    u32(iterations), u32(len), u32(salt.length), salt, u32(password.length), password,
  ]));

  test("is PBKDF2-HMAC-SHA256 (RFC 7914, section 11)", async () => {
    const answer = await derive(Buffer.from("passwd"), Buffer.from("salt"), 1, 64);
    assert.equal(answer.status, OpStatus.ok);
    assert.equal(answer.bytes.toString("hex"), "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
      + "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
  });

  test("takes bytes that are no text, and none at all", async () => {
    for (const password of [randomBytes(200), Buffer.alloc(0)]) {
      const salt = randomBytes(16);
      const answer = await derive(password, salt, 1000, 32);
      assert.deepEqual(answer.bytes, pbkdf2Sync(password, salt, 1000, 32, "sha256"));
    }
  });

  test("of a payload that is cut off is unavailable", async () => {
    const answer = await operate(OpKind.derive, Buffer.concat([u32(1), u32(32), u32(1000)]));
    assert.equal(answer.status, OpStatus.unavailable);
  });
});

describe("operations", () => {
  const together = async (list, headers) => {
    const parts = list.map(([kind, payload]) => {
      const bytes = Buffer.from(JSON.stringify(payload));
      return Buffer.concat([u32(kind), u32(bytes.length), bytes]);
    });
    const body = Buffer.concat([u32(list.length), ...parts]);
    return (await (await worker.fetch("/together", { method: "POST", body, headers })).text()).trim();
  };

  test("of one request run at once and complete as each settles", async () => {
    const db = [OpKind.dbBatch, { timeout_ms: 5000, statements: [["SELECT 1", []]] }];
    const kv = [OpKind.kvGet, { key: "absent" }];
    const began = performance.now();
    const order = await together([db, db, kv], { "x-db-delay-ms": "600", "x-kv-delay-ms": "200" });
    assert.equal(order, "3:1 1:0 2:0");
    assert.ok(performance.now() - began < 1100);
  });

  test("of many requests do not meet", async () => {
    const rounds = Array.from({ length: 200 }, async (_, i) => {
      const headers = { "x-db-delay-ms": String(i % 7) };
      const { results } = await dbBatch([["SELECT ? AS n", [i]]], 5000, headers);
      assert.deepEqual(results[0].rows, [{ n: i }]);
    });
    await Promise.all(rounds);
    assert.equal(await (await worker.fetch("/in-flight")).text(), "0");
  });

  test("see memory that has grown since", async () => {
    const body = randomBytes(100_000);
    const response = await worker.fetch(`/grow?n=${12 << 20}`, { method: "POST", body });
    assert.equal(response.status, 200);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), body);
  });

  test("record memory when an instance begins and where it grew, and only where the log is to say much", async () => {
    for (const [LOG_LEVEL, expected] of [["info", 2], ["warn", 0]]) {
      const another = await start({ wasm, migrate: false, vars: { LOG_LEVEL } });
      try {
        for (const path of ["/plain", "/plain", `/grow?n=${12 << 20}`, "/plain"]) {
          const method = path.startsWith("/grow") ? "POST" : "GET";
          assert.equal((await another.fetch(path, { method, body: method === "POST" ? "x" : undefined })).status, 200);
        }
        await another.fetch("/log?n=3");
        await logged(another, "said");
        const grown = another.logs.filter(({ record }) => record?.event === "memory_grown");
        assert.equal(grown.length, expected, JSON.stringify(grown));
        for (const { level, record } of grown) assert.deepEqual([level, record.instance], ["info", 1]);
        const [first, second] = grown.map(({ record }) => record.memory_bytes);
        if (expected > 0) assert.ok(first < 12 << 20 && second > 12 << 20 && first % 65_536 === 0, `${first} to ${second}`);
      } finally {
        await another.stop();
      }
    }
  });

  test("started after the answer are still performed", async () => {
    await worker.kv.delete("after");
    assert.equal((await worker.fetch("/after", { headers: { "x-kv-delay-ms": "200" } })).status, 200);
    assert.equal(await eventually(() => worker.kv.get("after")), "done");
  });

  test("go on when the client goes away", async () => {
    await worker.kv.delete("left");
    const abort = new AbortController();
    const payload = JSON.stringify({ key: "left", value: "done", ttl_seconds: 0 });
    const left = worker.fetch(`/op?n=${OpKind.kvPut}`, {
      method: "POST", body: payload, headers: { "x-kv-delay-ms": "400" }, signal: abort.signal,
    });
    setTimeout(() => abort.abort(), 150);
    await assert.rejects(left, { name: "AbortError" });
    assert.equal(await worker.kv.get("left"), null);
    assert.equal(await eventually(() => worker.kv.get("left")), "done");
  });
});

async function eventually(read, timeoutMs = 5000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value !== null || Date.now() > deadline) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("the core's other imports", () => {
  test("the clock is the wall clock in milliseconds", async () => {
    const now = Number(await (await worker.fetch("/now")).text());
    assert.ok(Math.abs(now - Date.now()) < 5000);
  });

  test("randomness fills any length and differs each time", async () => {
    const read = async () => (await worker.fetch("/random?n=150000")).text();
    const [one, two] = [await read(), await read()];
    assert.equal(one.length, 300_000);
    assert.notEqual(one, two);
    for (const at of [0, 140_000, 299_936]) assert.doesNotMatch(one.slice(at, at + 64), /^0+$/);
  });

  test("a WASI function that is not in the ABI answers ENOSYS", async () => {
    assert.equal(await (await worker.fetch("/wasi")).text(), "52");
  });

  test("a log record keeps its level and its text", async () => {
    for (const [level, method] of ["debug", "info", "warn", "error"].entries()) {
      worker.logs.length = 0;
      await worker.fetch(`/log?n=${level}`);
      await logged(worker, "said");
      assert.deepEqual([worker.logs[0].level, worker.logs[0].message], [method, '{"event":"said"}']);
    }
  });
});

describe("scheduled work", () => {
  test("gets the expression and its operations", async () => {
    assert.equal(await worker.scheduled("*/5 * * * *"), "ok");
    assert.equal(await worker.kv.get("cron"), "*/5 * * * *");
  });

  test("that fails is reported as failed, and the next request is served", async () => {
    assert.equal(await worker.scheduled("0 0 1 1 *"), "exception");
    assert.equal((await worker.fetch("/plain")).status, 200);
  });
});

describe("a missing binding", () => {
  for (const name of ["DB", "KV"]) {
    test(`${name} is named in the log, and the client gets a bare 503`, async () => {
      const bare = await start({ wasm, without: [name], migrate: false });
      try {
        const response = await bare.fetch("/plain");
        const text = await response.text();
        assert.equal(response.status, 503);
        assert.ok(Number(response.headers.get("retry-after")) > 0);
        assert.doesNotMatch(text, new RegExp(`\\b${name}\\b|binding`));
        assert.equal((await logged(bare, "binding_missing")).binding, name);
      } finally {
        await bare.stop();
      }
    });
  }
});

describe("fetch", () => {
  let server;
  let base;
  const seen = [];
  before(async () => {
    server = createServer(async (incoming, response) => {
      const chunks = [];
      for await (const chunk of incoming) chunks.push(chunk);
      seen.push({ method: incoming.method, url: incoming.url, headers: incoming.headers, body: Buffer.concat(chunks).toString() });
      if (incoming.url === "/silent") return;
      if (incoming.url === "/stalls") return response.writeHead(200).write("some");
      if (incoming.url === "/endless") {
        const timer = setInterval(() => response.write("x".repeat(1000)), 1);
        return response.on("close", () => clearInterval(timer));
      }
      response.writeHead(incoming.url === "/moved" ? 302 : 201, { location: "/elsewhere" }).end("0123456789");
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${server.address().port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const string = (text) => Buffer.concat([u32(Buffer.byteLength(text)), Buffer.from(text)]);
  async function send(url, { method = "GET", headers = {}, body = "", timeout = 5000, bytesMax = 100, http = 1 } = {}) {
    const pairs = Object.entries(headers).flat().map(string);
    const frame = [u32(timeout), u32(bytesMax), u32(http), string(method), string(url), u32(pairs.length / 2), ...pairs];
    const { status, bytes, text } = await operate(OpKind.fetch, Buffer.concat([...frame, string(body)]));
    if (status !== OpStatus.ok) return { status, text };
    assert.equal(bytes.readUInt32LE(4), bytes.length - 8);
    return { status, answer: bytes.readUInt32LE(0), body: bytes.subarray(8).toString() };
  }

  test("sends what it is told and nothing of its own choosing, and gives status and body", async () => {
    const headers = { authorization: "Bearer sk", "content-type": "application/json" };
    const { status, answer, body } = await send(`${base}/a?b=c`, { method: "POST", headers, body: "{}" });
    assert.deepEqual([status, answer, body], [OpStatus.ok, 201, "0123456789"]);
    const last = seen.at(-1);
    assert.deepEqual([last.method, last.url, last.body], ["POST", "/a?b=c", "{}"]);
    assert.equal(last.headers.authorization, "Bearer sk");
    assert.equal(last.headers["content-type"], "application/json");
  });

  test("cuts the body, also of a stream without an end", async () => {
    assert.equal((await send(`${base}/a`, { bytesMax: 4 })).body, "0123");
    assert.equal((await send(`${base}/endless`, { bytesMax: 2500 })).body, "x".repeat(2500));
  });

  test("follows no redirect", async () => {
    const { length } = seen;
    assert.equal((await send(`${base}/moved`)).answer, 302);
    assert.equal(seen.length, length + 1);
  });

  test("takes plain http only where it may, and no other scheme", async () => {
    const { length } = seen;
    for (const [url, http] of [[`${base}/a`, 0], ["data:text/plain,x", 1], ["ftp://127.0.0.1/", 1], ["/relative", 1]]) {
      assert.equal((await send(url, { http })).status, OpStatus.unavailable, url);
    }
    assert.equal(seen.length, length);
  });

  test("ends in time where nobody answers, or not to the end, or is there", async () => {
    for (const path of ["/silent", "/stalls"]) {
      const began = Date.now();
      assert.equal((await send(base + path, { timeout: 200 })).status, OpStatus.unavailable, path);
      assert.ok(Date.now() - began < 3000);
    }
    assert.equal((await send("http://127.0.0.1:1/")).status, OpStatus.unavailable);
  });
});
