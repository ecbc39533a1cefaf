// Whatever the core does, only the requests in flight on that instance fail, retryably, and the
// next request is served. The misbehaving core is tests/support/faulty_core.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, beforeEach, describe, test } from "node:test";
import { createContext, Script } from "node:vm";
import { Core } from "../../worker/src/instance.ts";
import { faultyCore, logged, start } from "../support/miniflare.mjs";

// KV answers after x-kv-delay-ms, so that a test can hold requests in flight.
const slowKv = `
  import worker from "./index.js";
  export default {
    fetch(request, env, ctx) {
      const ms = Number(request.headers.get("x-kv-delay-ms") ?? 0);
      const KV = {
        get: (...args) => new Promise((resolve) => setTimeout(resolve, ms)).then(() => env.KV.get(...args)),
      };
      return worker.fetch(request, { ...env, KV }, ctx);
    },
  };`;
const kvGet = 3;

let worker;
before(async () => {
  worker = await start({ wasm: faultyCore("current"), wrapper: slowKv, migrate: false });
});
beforeEach(() => (worker.logs.length = 0));
after(() => worker.stop());

async function assertUnavailable(response) {
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "1");
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(response.headers.get("cache-control"), "no-store");
  const body = await response.json();
  const members = ["type", "title", "status", "detail", "success", "error", "message", "retryable"];
  assert.deepEqual(Object.keys(body), members);
  assert.deepEqual([body.success, body.error, body.retryable, body.status], [false, "unavailable", true, 503]);
}

const waitFor = (delayMs) => worker.fetch(`/op?n=${kvGet}`, {
  method: "POST", body: '{"key":"absent"}', headers: { "x-kv-delay-ms": String(delayMs) },
});

describe("the request fails retryably, the log says why, and the next one is served", () => {
  const cases = [
    ["/trap", "a trap", /RuntimeError: unreachable/],
    ["/trap-later", "a trap on resuming", /RuntimeError: unreachable/],
    ["/abort", "an abort", /RuntimeError/],
    ["/recurse", "the host's stack exhausted", /RangeError: Maximum call stack/],
    ["/recurse-memory", "the stack in linear memory exhausted", /memory access out of bounds/],
    ["/silent", "no answer and nothing to wait for", /neither waits nor has an answer/],
    ["/silent-later", "the same after an operation", /neither waits nor has an answer/],
    ["/twice", "two answers", /answered twice/],
    ["/bad-frame", "an answer that is no frame", /response frame/],
    ["/outside", "an answer outside memory", /outside linear memory/],
    ["/foreign-answer", "an answer for another request", /named another request/],
    ["/foreign-op", "an operation for another request", /named another request/],
    ["/unknown-op", "an unknown operation", /unknown operation 99/],
  ];
  for (const [path, what, reason] of cases) {
    test(what, async () => {
      await assertUnavailable(await worker.fetch(path));
      assert.equal((await worker.fetch("/plain")).status, 200);
      const record = await logged(worker, "instance_discarded");
      assert.match(record.reason, reason);
      assert.equal(record.in_flight, 1);
      assert.equal(worker.logs.length, 1);
    });
  }
});

test("a trap fails every request in flight on its instance, and none that come after", async () => {
  const held = Array.from({ length: 20 }, () => waitFor(600));
  await new Promise((resolve) => setTimeout(resolve, 250));
  await assertUnavailable(await worker.fetch("/trap"));
  const later = Array.from({ length: 20 }, () => waitFor(300));
  for (const response of await Promise.all(held)) await assertUnavailable(response);
  for (const response of await Promise.all(later)) {
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("x-op-status"), "1");
  }
  const records = worker.logs.filter(({ record }) => record?.event === "instance_discarded");
  assert.equal(records.length, 1);
  assert.equal(records[0].record.in_flight, 21);
});

test("settings are given to each new instance", async () => {
  const read = async () => (await worker.fetch("/settings")).text();
  const first = await read();
  await worker.fetch("/trap");
  assert.match(first, /ENVIRONMENT=production/);
  assert.equal(await read(), first);
});

test("five hundred traps under load leave a service that answers every other request", async () => {
  const mixed = Array.from({ length: 1000 }, async (_, i) => {
    const response = await worker.fetch(i % 2 ? "/trap" : "/plain");
    await response.arrayBuffer();
    return response.status === (i % 2 ? 503 : 200);
  });
  assert.ok((await Promise.all(mixed)).every(Boolean));
});

describe("a core that does not fit the ABI is refused, and the log says why", () => {
  for (const [name, reason] of [
    ["wrong_version", /ABI version 999, expected \d+/],
    ["missing_export", /missing export in_flight/],
    ["unknown_import", /unknown import latchkey\.teleport/],
  ]) {
    test(name.replace("_", " "), async () => {
      const refused = await start({ wasm: faultyCore(name), migrate: false });
      try {
        await assertUnavailable(await refused.fetch("/plain"));
        assert.match((await logged(refused, "instance_failed")).reason, reason);
      } finally {
        await refused.stop();
      }
    });
  }
});

// At its CPU limit the platform ends the JavaScript inside the core: no exception, no catch and no
// finally. The vm module's timeout does the same to a script.
test("an instance found still entered is discarded", async (t) => {
  const records = [];
  t.mock.method(console, "error", (text) => records.push(JSON.parse(text)));
  const core = new Core(await WebAssembly.compile(await readFile(faultyCore("current"))), {});
  const env = { DB: { batch() {} }, KV: { get() {} } };
  const begin = (path) => core.begin(env, "begin_request", ["GET", `http://host${path}`, "", "", "", "", "", 0]);

  const waiting = core.begin(env, "begin_request", ["POST", "http://host/body?n=9", "", "", "", "", "", 0], {
    headers: new Headers({ "content-length": "1" }),
    arrayBuffer: () => new Promise((resolve) => setTimeout(resolve, 400, new ArrayBuffer(1))),
  });
  const spin = new Script("begin('/spin')");
  assert.throws(() => spin.runInContext(createContext({ begin }), { timeout: 100 }), /timed out/);
  assert.deepEqual(records, []);

  const answer = await begin("/plain").answered;
  assert.equal(answer.status, 200);
  assert.deepEqual(records.map(({ event, instance, reason }) => [event, instance, reason]), [
    ["instance_discarded", 1, "found still entered"],
  ]);
  assert.equal(await waiting.answered, undefined);
});
