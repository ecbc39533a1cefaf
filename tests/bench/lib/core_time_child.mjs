// The child process of core_time.mjs. It takes the bundle of build/worker into Node and times the calls
// into the module, by putting a class of its own in the place of WebAssembly.Instance. D1 and KV are
// small stand-ins in memory; what they take is not counted.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { registerHooks } from "node:module";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { median, quantile } from "./numbers.mjs";
import { codeOf, kMachinesPerLicense, makeMachines, provisionBody, provisionHeaders } from "./workload.mjs";

const kRoot = new URL("../../../", import.meta.url);
const kLicenses = 50;
const kPassesUntimed = 4;
const kPassesTimed = 4;

// Time spent in exports so far, less that in imports. An import may call an export again.
let coreMs = 0;

function timed(call, sign) {
  return (...args) => {
    const start = performance.now();
    try {
      return call(...args);
    } finally {
      coreMs += sign * (performance.now() - start);
    }
  };
}

const timedExport = (call) => timed(call, 1);
const timedImport = (call) => timed(call, -1);

const mapFunctions = (object, wrap) => Object.fromEntries(
  Object.entries(object).map(([name, value]) => [name, typeof value === "function" ? wrap(value) : value]));

function replaceInstance() {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function TimedInstance(module, imports) {
    const timedImports = Object.fromEntries(
      Object.entries(imports).map(([from, functions]) => [from, mapFunctions(functions, timedImport)]));
    return { exports: mapFunctions(new Instance(module, timedImports).exports, timedExport) };
  };
}

// A module of compiled wasm, as the platform imports it.
function importWasmAsModules() {
  registerHooks({
    load(url, context, next) {
      if (!url.endsWith(".wasm")) return next(url, context);
      const path = JSON.stringify(fileURLToPath(url));
      const source = `import { readFileSync } from "node:fs";
        export default new WebAssembly.Module(readFileSync(${path}));`;
      return { format: "module", source, shortCircuit: true };
    },
  });
}

class Statement {
  constructor(db, sql, values = []) {
    Object.assign(this, { db, sql, values });
  }

  bind(...values) {
    return new Statement(this.db, this.sql, values);
  }

  // Node takes ?1 for a name and ? for a place.
  run() {
    const named = /\?\d/.test(this.sql);
    const values = named
      ? [Object.fromEntries(this.values.map((value, index) => [`?${index + 1}`, value]))]
      : this.values;
    const results = this.db.prepare(this.sql).all(...values).map((row) => ({ ...row }));
    const { changes } = this.db.prepare("SELECT changes() AS changes").get();
    return { success: true, results, meta: { changes, rows_read: 0, rows_written: 0 } };
  }
}

function memoryD1() {
  const db = new DatabaseSync(":memory:");
  const directory = new URL("d1/", kRoot);
  for (const name of readdirSync(directory).filter((file) => file.endsWith(".sql")).sort()) {
    db.exec(readFileSync(new URL(name, directory), "utf8"));
  }
  return {
    prepare: (sql) => new Statement(db, sql),
    async batch(statements) {
      db.exec("BEGIN");
      try {
        const results = statements.map((statement) => statement.run());
        db.exec("COMMIT");
        return results;
      } catch (error) {
        db.exec("ROLLBACK");
        throw error;
      }
    },
  };
}

function memoryKv() {
  const values = new Map();
  return {
    async get(key) {
      const value = values.get(key);
      return value === undefined ? null : new TextEncoder().encode(value).buffer;
    },
    async put(key, value) {
      values.set(key, value);
    },
    async delete(key) {
      values.delete(key);
    },
  };
}

async function measure({ deliveries, text }) {
  importWasmAsModules();
  replaceInstance();
  const { default: worker } = await import(new URL("build/worker/index.js", kRoot));
  const env = { ...text, DB: memoryD1(), KV: memoryKv() };
  const post = async (path, headers, body) => {
    const request = new Request(`http://127.0.0.1${path}`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const waits = [];
    const response = await worker.fetch(request, env, { waitUntil: (promise) => waits.push(promise) });
    const answer = { status: response.status, body: await response.json() };
    await Promise.all(waits);
    return answer;
  };
  const headers = { authorization: `Bearer ${text.ADMIN_TOKEN}` };
  const made = await post("/admin/licenses", headers, { plan: "pro", count: kLicenses });
  assert.equal(made.status, 201, JSON.stringify(made));
  const codes = made.body.licenses.map((license) => license.code);
  const machines = await makeMachines(kLicenses * kMachinesPerLicense);

  const times = {};
  for (const delivery of deliveries) {
    const samples = [];
    for (let pass = 0; pass < kPassesUntimed + kPassesTimed; pass++) {
      for (const machine of machines) {
        const before = coreMs;
        const body = provisionBody(machine, codeOf(machine, codes), delivery);
        const answer = await post("/keys/provision", provisionHeaders(machine), body);
        assert.equal(answer.status, 200, JSON.stringify(answer));
        if (pass >= kPassesUntimed) samples.push(coreMs - before);
      }
    }
    times[delivery] = { p50_ms: median(samples), p99_ms: quantile(samples, 0.99) };
  }
  return times;
}

process.once("message", async (options) => {
  try {
    process.send({ value: await measure(options) });
  } catch (error) {
    process.send({ error: error?.stack ?? String(error) });
  }
});
