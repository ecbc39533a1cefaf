// The log: each line is one flat JSON object, of an event and with fields that the page on monitoring names, whatever comes
// in and whatever fails. Nothing that a client sent is in it.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { failing } from "../support/failing.mjs";
import { root } from "../support/miniflare.mjs";
import { freshMachine, openWorld } from "../support/world.mjs";

const section = readFileSync(join(root, "docs/monitoring.md"), "utf8").split("\n## Logs and alerts\n")[1].split("\n## ")[0];
const shim = ["binding_missing", "instance_discarded", "instance_failed", "memory_grown"];
// documented: event to {level, fields}.
const documented = new Map(
  [...section.matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*) \|/gm)].map(([, event, level, cell]) => {
    const fields = [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    return [event, { level, fields: ["event", ...(shim.includes(event) ? ["level"] : []), ...fields] }];
  }),
);
const marker = "marker-of-a-client";
const lines = [];

let world;
before(async () => {
  world = await openWorld({
    wrapper: failing,
    vars: { LOG_LEVEL: "debug", D1_TIMEOUT_MS: "1000", TRIAL_PLAN: "pro" },
    onLog: (line) => lines.push(line),
  });
});
after(() => world?.stop());

function check({ level, message, record }) {
  assert.ok(!message.includes("\n"), message);
  assert.equal(typeof record, "object", `not JSON: ${message}`);
  assert.ok(documented.has(record.event), `no documented event: ${message}`);
  const { level: wanted, fields } = documented.get(record.event);
  assert.equal(level, wanted, message);
  for (const [name, value] of Object.entries(record)) {
    assert.ok(fields.includes(name), `${record.event} has the field ${name}: ${message}`);
    assert.ok(["string", "number"].includes(typeof value), `${name} of ${message}`);
  }
  assert.ok(!message.includes(marker), message);
}

test("the page on monitoring has a level and fields for each event", () => {
  assert.ok(documented.size >= 15);
  for (const [event, { level }] of documented) assert.ok(["debug", "info", "warn", "error"].includes(level), event);
});

test("the fields of each event are those that the sources write", () => {
  const written = new Map();
  const add = (event, text, pattern) => {
    const fields = written.get(event) ?? new Set(["event", ...(shim.includes(event) ? ["level"] : [])]);
    for (const [, name] of text.matchAll(pattern)) fields.add(name);
    written.set(event, fields);
  };
  const files = ["wasm", "worker/src"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(cc|ts)$/.test(entry.name))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")),
  );
  for (const text of files) {
    for (const [, event, rest] of text.matchAll(/\.field\("event", "(\w+)"\)([^;]*?)\.end_object\(\)/g)) {
      add(event, rest, /\.field\("(\w+)"/g);
    }
    for (const [, event, rest] of text.matchAll(/logError\("(\w+)", \{([^}]*)\}/g)) add(event, rest, /(?:^|,) *(\w+)/g);
  }
  assert.ok(written.size >= 15);
  for (const [event, fields] of written) {
    assert.deepEqual([...fields].sort(), [...(documented.get(event)?.fields ?? [])].sort(), event);
  }
});

test("good and bad input, outages and a core that traps log nothing else", async () => {
  const license = await world.license({ note: marker });
  const machine_id = freshMachine();
  const good = { license_id: license.code, machine_id, delivery: "plain" };
  const wild = { "user-agent": `${marker} \\"} {`, "x-request-id": marker };
  const asked = [
    await world.provision(good, wild),
    await world.provision({ ...good, license_id: marker.toUpperCase() }, wild),
    await world.provision({ ...good, machine_id: `${marker}\u0007"}`, receipt: marker }, wild),
    await world.provision(`{"${marker}`, wild),
    await world.provision({ [marker]: 1 }, wild),
    await world.status({ ...good, receipt: marker }, wild),
    await world.send("POST", "/usage/report", { ...good, events: [{ event_id: marker, model: marker, provider: marker }] }, wild),
    await world.send("POST", "/trials", { email: `${marker}@example.com` }, wild),
    await world.send("GET", `/${marker}?${marker}=${marker}`, undefined, wild),
    await world.send("DELETE", "/health", undefined, wild),
    await world.send("GET", "/metrics", undefined, { ...wild, authorization: `Bearer ${marker}` }),
    await world.admin("GET", "/metrics"),
    await world.admin("GET", "/admin/doctor"),
    await world.admin("GET", `/admin/licenses/${marker}`, undefined, wild),
    await world.admin("PUT", "/admin/providers/kimi", { api_key: `sk-${marker}` }, { "idempotency-key": marker }),
    await world.admin("POST", `/admin/licenses/${license.id}/suspend`, { reason: marker }, { "x-kv": "dead" }),
    await world.provision(good, { "x-db": "dead", ...wild }),
    await world.provision(good, { "x-db": "garbage", ...wild }),
    await world.provision(good, { "x-db": "dead", "x-kv": "dead", ...wild }),
    await world.admin("GET", "/metrics", undefined, { "x-db": "dead from 2" }),
    await world.provision(good, { "x-trap": "start_op", ...wild }),
    await world.send("GET", "/health", undefined, { "x-cron-db": "dead", "x-cron-kv": "dead" }),
  ];
  await world.sync();
  await world.kv.put(`outbox:req_${marker}`, marker);
  await world.kv.put("outbox:req_1", `{"actor":"${marker}"}`);
  await world.sync();
  assert.ok(asked.some(({ status }) => status === 200) && asked.some(({ status }) => status === 503));

  // Logs arrive by themselves: the last one is there once the last request's is.
  const last = await world.send("GET", "/version");
  const id = last.headers.get("x-request-id");
  const deadline = Date.now() + 5000;
  while (!lines.some(({ record }) => record?.request_id === id)) {
    assert.ok(Date.now() < deadline, "no record of the last request");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const ours = lines.filter(({ record }) => record?.event !== "outbox_row_damaged");
  ours.forEach(check);
  // The key of a row that somebody else wrote to KV is his; the record has no other field of it.
  for (const { record } of lines.filter((line) => !ours.includes(line))) {
    assert.deepEqual(Object.keys(record).sort(), ["event", "key"]);
  }
  const events = new Set(lines.map(({ record }) => record?.event));
  for (const event of [
    "request", "error", "edge_sync_failed", "scheduled_step_failed", "instance_discarded", "outbox_row_damaged",
  ]) {
    assert.ok(events.has(event), `${event} of ${[...events].join(", ")}`);
  }
  const requests = lines.filter(({ record }) => record?.event === "request");
  const { fields } = documented.get("request");
  for (const { record } of requests) assert.deepEqual(Object.keys(record).sort(), [...fields].sort());
});

test("a service that is not configured logs why, and not the value", async () => {
  const own = [];
  const broken = await openWorld({ secrets: { MASTER_KEY: `k1:${marker}` }, onLog: (line) => own.push(line) });
  assert.equal((await broken.send("GET", "/health")).status, 503);
  const deadline = Date.now() + 5000;
  while (own.length === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  await broken.stop();
  assert.equal(own[0]?.record?.event, "config_error");
  own.forEach(check);
});
