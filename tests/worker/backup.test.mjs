// The drill: a service is backed up by the command line, a fresh one with the same secrets takes the file, and no
// client notices; with other secrets it says what is lost, and serves what is left.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { lineHash } from "../../scripts/cli/backup_file.mjs";
import { isBackupKey, makeBackupKey } from "../../scripts/lib/backup_key.mjs";
import { DesktopClient, openFernet } from "../support/client.mjs";
import { openBytes } from "../support/formats.mjs";
import { root } from "../support/miniflare.mjs";
import { Stripe } from "../support/stripe.mjs";
import { assertProblem, freshAddress, freshMachine, freshSecrets, openWorld } from "../support/world.mjs";

const tables = [
  "usage_hourly", "usage_daily", "usage_totals", "license_spend", "usage_events", "prices",
  "payment_deliveries", "payment_aliases", "payment_events", "purchases", "machines", "sharing", "anomaly_trails", "rotations",
  "provider_keys", "admin_tokens", "alerts", "alert_rules", "webhooks", "licenses", "plans", "audit_nodes",
  "audit_checkpoints", "audit_log",
];
const storedKimi = "sk-kimi-that-D1-holds";

let folder;
let stripe;
let origin;
let secrets;
let file;
const clients = [];
const licenses = [];
const worlds = [];

async function fresh(changed = {}) {
  const vars = {
    ...stripe.vars,
    PAYMENT_PLANS: "stripe:plink_1=pro",
    PURCHASE_CODES: "generated",
    WEBHOOK_ALLOW_LOOPBACK: "1",
    SELLER_WEBHOOK_URL: "http://127.0.0.1:1/codes",
  };
  const world = await openWorld({ vars, secrets: { ...secrets, ...changed } });
  worlds.push(world);
  return world;
}

async function latchkey(world, args, env = {}) {
  const all = {
    ...process.env, LATCHKEY_URL: world.url.href, LATCHKEY_ADMIN_TOKEN: world.secrets.ADMIN_TOKEN, ...env,
  };
  const child = spawn(process.execPath, [join(root, "scripts/cli/main.mjs"), ...args], { env: all });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].on("data", (chunk) => (text[name] += chunk));
  const [status] = await once(child, "close");
  return { status, ...text };
}

const rowsOf = async (world, table) => (await world.db.prepare(`SELECT * FROM ${table}`).all()).results;
const linesOf = (path) => readFileSync(path, "utf8").trimEnd().split("\n");

// A file like the backup, with its lines changed by `change`; the key stands beside it.
function changed(name, change) {
  const path = join(folder, name);
  const lines = change(linesOf(file));
  writeFileSync(path, typeof lines === "string" ? lines : `${lines.join("\n")}\n`);
  writeFileSync(`${path}.key`, readFileSync(`${file}.key`));
  return path;
}

const askFernet = (world, { code, machine_id }) =>
  world.provision({ license_id: code, machine_id, delivery: "fernet" });

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-backup-"));
  file = join(folder, "all.backup");
  stripe = await Stripe.start();
  const webhook = `whsec_${randomBytes(24).toString("base64")}`;
  secrets = { ...freshSecrets(), ...stripe.secrets, SELLER_WEBHOOK_SECRET: webhook };
  origin = await fresh();
  await origin.admin("PUT", "/admin/providers/kimi", { api_key: "sk-kimi-before" });
  await origin.admin("PUT", "/admin/providers/kimi", { api_key: storedKimi });
  const plan = { providers: ["kimi", "qwen"], deliveries: ["fernet", "plain"], max_machines: 2 };
  await origin.admin("PUT", "/admin/plans/team", plan);
  for (let i = 0; i < 6; i++) {
    const holder = { name: `Holder ${i} "ü"`, email: `holder${i}@example.com` };
    const license = await origin.license({ plan: i % 2 ? "team" : "pro", holder, note: `No. ${i}` });
    licenses.push({ ...license, machine_id: freshMachine() });
    assert.equal((await askFernet(origin, licenses[i])).status, 200);
  }
  await origin.admin("POST", `/admin/licenses/${licenses[5].id}/revoke`, { reason: "fraud" });
  await origin.admin("POST", "/admin/tokens", { name: "support", scopes: ["licenses:read"] });
  await origin.admin("POST", "/admin/licenses", { count: 500 });
  await origin.admin("POST", "/admin/licenses", { count: 300 });
  // A purchase whose code the seller has not taken yet.
  const session = { id: "cs_1", mode: "payment", payment_status: "paid", payment_intent: "pi_1" };
  const buyer = { payment_link: "plink_1", customer_details: { email: "buyer@example.com" } };
  const sold = await stripe.deliver(origin, stripe.happen("checkout.session.completed", { ...session, ...buyer }));
  assert.equal(sold.status, 200, sold.text);
  await origin.sync();
  const headers = { "cf-connecting-ip": freshAddress() };
  const client = new DesktopClient(origin.url.origin, freshMachine(), headers);
  assert.equal((await client.provisionKeys(licenses[0].code)).success, true);
  clients.push(client);
});
after(async () => {
  await stripe.stop();
  for (const world of worlds) await world.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a backup", () => {
  test("is one file, sealed under a key of its own that nobody else may read", async () => {
    const { status, stdout, stderr } = await latchkey(origin, ["backup", file, "--json"]);
    assert.equal(status, 0, stderr);
    const made = JSON.parse(stdout);
    assert.equal(made.rows.licenses, 807);
    assert.equal(made.rows.machines, 7);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(`${file}.key`).mode & 0o777, 0o600);
    const key = readFileSync(`${file}.key`, "utf8").trim();
    assert.ok(isBackupKey(key));
    assert.ok(!stdout.includes(key) && !stderr.includes(key));
    assert.ok(!existsSync(`${file}.part`));
    const [audit] = await origin.audit("action = 'backup.made'");
    assert.equal(JSON.parse(audit.details).rows.licenses, 807);
    assert.equal(audit.actor, "admin:bootstrap");
    assert.equal((await origin.audit("action = 'backup.begun'")).length, 1);
  });

  test("holds what the page on formats says, opened by code that is not ours", async () => {
    const [header, ...lines] = linesOf(file);
    const { backup_id, migrations, master_keys } = JSON.parse(header);
    assert.deepEqual(master_keys.map(({ kid }) => kid), ["k1"]);
    assert.ok(migrations.includes("0001_init"));
    const keys = {
      backup: Buffer.from(readFileSync(`${file}.key`, "utf8").slice(10, 53), "base64url").toString("base64"),
    };
    let previous = lineHash(header);
    const found = {};
    let last;
    for (const [index, sealed] of lines.entries()) {
      const place = { purpose: "backup", table: "backup", row_id: backup_id, owner: previous, version: index + 1 };
      last = JSON.parse(openBytes({ ...place, keys, sealed }).toString());
      if (last.rows) found[last.table] = [...(found[last.table] ?? []), ...last.rows];
      previous = lineHash(sealed);
    }
    assert.deepEqual(Object.keys(found), tables);
    assert.equal(last.table, "end");
    for (const table of tables) assert.equal(last.counts[table], found[table].length, table);
    const stored = await rowsOf(origin, "licenses");
    assert.deepEqual(found.licenses, stored.sort((a, b) => (a.id < b.id ? -1 : 1)));
  });

  test("overwrites no file, and leaves none where it fails", async () => {
    const again = await latchkey(origin, ["backup", file]);
    assert.equal(again.status, 2);
    assert.match(again.stderr, /is there already/);
    const refused = await latchkey(origin, ["backup", join(folder, "no.backup")], { LATCHKEY_ADMIN_TOKEN: "wrong" });
    assert.equal(refused.status, 4);
    assert.ok(!existsSync(join(folder, "no.backup")) && !existsSync(join(folder, "no.backup.part")));
  });

  test("needs its scope, is begun before it goes on, and takes cursors of its own only", async () => {
    const key = makeBackupKey();
    const { token } = (await origin.admin("POST", "/admin/tokens", { name: "weak", scopes: ["licenses:read"] })).body;
    const asWeak = { authorization: `Bearer ${token}` };
    assertProblem(await origin.send("POST", "/admin/backup", { key }, asWeak), 403, "forbidden");
    const one = (await origin.admin("POST", "/admin/backup", { key })).body;
    const two = (await origin.admin("POST", "/admin/backup", { key })).body;
    const next = { key, line: 1, previous: lineHash(one.text), backup_id: one.backup_id };
    for (const cursor of [two.next_cursor, `${one.next_cursor}x`, "0::"]) {
      assertProblem(await origin.admin("POST", "/admin/backup", { ...next, cursor }), 400, "invalid_request");
    }
    for (const wrong of ["lk_backup_", key.slice(0, -1), `${key}x`, key.replace(/.$/, (c) => (c === "0" ? "1" : "0"))]) {
      assertProblem(await origin.admin("POST", "/admin/backup", { key: wrong }), 400, "invalid_request");
    }
    const line = await origin.admin("POST", "/admin/backup", { ...next, cursor: one.next_cursor });
    assert.equal(line.status, 200, line.text);
    assert.equal(line.body.table, tables[0]);
  });
});

describe("a restore with the same secrets", () => {
  let world;
  before(async () => (world = await fresh()));

  test("can be looked at first, and changes nothing then", async () => {
    // Somebody knocked at the door before: that row goes after those of the backup.
    assert.equal((await world.send("GET", "/admin/config", undefined, { authorization: "Bearer nobody" })).status, 401);
    const { status, stdout, stderr } = await latchkey(world, ["restore", file, "--dry-run"]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /Nothing was changed/);
    assert.equal(await world.number("SELECT count(*) FROM licenses"), 0);
    assert.equal(await world.number("SELECT count(*) FROM restores"), 0);
    const verified = await latchkey(world, ["backup", "verify", file]);
    assert.equal(verified.status, 0, verified.stderr);
    assert.match(verified.stdout, /licenses +807/);
  });

  test("refuses what was changed, cut, put together or opened with another key, and says where", async () => {
    const flip = (text) => text.slice(0, 400) + (text[400] === "A" ? "B" : "A") + text.slice(401);
    const cases = {
      "a changed line": [(lines) => lines.with(3, flip(lines[3])), /Line 4 of/],
      "a changed header": [(lines) => lines.with(0, lines[0].replace("0001_init", "0001_init ")), /schema|Line/],
      "another master key": [(lines) => lines.with(0, lines[0].replace('"kid":"k1"', '"kid":"k9"')), /Line 2 of/],
      "a lost line": [(lines) => lines.toSpliced(2, 1), /Line \d+ of/],
      "swapped lines": [(lines) => lines.with(2, lines[3]).with(3, lines[2]), /Line 3 of/],
      "a line twice": [(lines) => lines.toSpliced(2, 0, lines[2]), /Line \d+ of/],
      "no last line": [(lines) => lines.slice(0, -1), /cut off/],
      "half a last line": [(lines) => lines.join("\n").slice(0, -100), /Line \d+ of/],
      "the header alone": [(lines) => lines.slice(0, 1), /cut off/],
      "no backup": [() => ["{}", "x"], /no backup/],
    };
    for (const [name, [change, message]] of Object.entries(cases)) {
      const { status, stderr } = await latchkey(world, ["restore", changed(`${name}.backup`, change)]);
      assert.equal(status, 1, `${name}: ${stderr}`);
      assert.match(stderr, message, name);
    }
    const other = join(folder, "other.key");
    assert.equal((await latchkey(world, ["backup", "keygen", other])).status, 0);
    assert.equal(statSync(other).mode & 0o777, 0o600);
    const wrong = await latchkey(world, ["restore", file, "--key-file", other]);
    assert.match(wrong.stderr, /not the key of this backup/);
    const lacking = await latchkey(world, ["restore", changed("schema.backup", (lines) =>
      lines.with(0, lines[0].replace("0001_init", "0999_future")))]);
    assert.match(lacking.stderr, /0999_future.*0001_init/);
    assert.equal(await world.number("SELECT count(*) FROM restores"), 0);
  });

  test("that is broken off goes on when it is run again, and takes every row once", async () => {
    const [header, ...lines] = linesOf(file);
    const key = readFileSync(`${file}.key`, "utf8").trim();
    const { backup_id } = JSON.parse(header);
    const line = lines.length;
    const begin = { key, header, line, previous: lineHash(lines.at(-2)), text: lines.at(-1) };
    const begun = await world.admin("POST", "/admin/restore", begin);
    assert.equal(begun.status, 200, begun.text);
    const take = (number) => world.admin("POST", "/admin/restore/lines", {
      key, backup_id, line: number, previous: lineHash([header, ...lines][number - 1]), text: lines[number - 1],
    });
    assert.equal((await take(1)).body.line, 1);
    assert.equal((await take(1)).body.rows, 0, "a line that was taken is passed by");
    assertProblem(await take(3), 409, "conflict");
    assertProblem(await take(line), 409, "conflict");

    const { status, stdout, stderr } = await latchkey(world, ["restore", file]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /is restored/);
    const again = await latchkey(world, ["restore", file]);
    assert.match(again.stdout, /restored already/);
    assert.equal(again.status, 0, again.stderr);
  });

  test("brings back every row as it was, the log with its numbers", async () => {
    for (const table of tables.filter((name) => name !== "audit_log")) {
      const [was, is] = [await rowsOf(origin, table), await rowsOf(world, table)];
      // KV knows nothing of it yet, or no more than what the restore has just written.
      const plain = (row) => (table === "licenses" ? { ...row, kv_version: 0 } : row);
      const key = (row) => JSON.stringify([row.license_id, row.machine_hash, row.id, row.name, row.version]);
      const sorted = (rows) => rows.map(plain).sort((a, b) => (key(a) < key(b) ? -1 : 1));
      if (table === "admin_tokens") was.splice(0, was.length, ...was.filter(({ name }) => name !== "weak"));
      assert.deepEqual(sorted(is), sorted(was), table);
    }
    const last = await origin.number("SELECT seq FROM audit_log WHERE action = 'backup.begun' ORDER BY seq LIMIT 1");
    const [was, is] = [await origin.audit("seq <= ?", last), await world.audit("seq <= ?", last)];
    assert.ok(was.length > 800);
    assert.deepEqual(is, was);
    const later = await world.audit("seq > ?", last);
    assert.deepEqual(later.slice(0, 2).map(({ action }) => action), ["admin.denied", "backup.restoring"]);
    assert.deepEqual(later.map(({ seq }) => seq), later.map((row, i) => last + 1 + i), "no gap");
    assert.equal(later.filter(({ action }) => action === "backup.restored").length, 1);
  });

  test("moves ring and epoch past all that was seen, and KV is written anew", async () => {
    const was = (await rowsOf(origin, "state"))[0];
    const is = (await rowsOf(world, "state"))[0];
    assert.equal(is.ring_version, was.ring_version + 1_000_000);
    assert.ok(is.epoch >= was.epoch + 1_000_000);
    for (let i = 0; i < 4; i++) await world.sync();
    assert.equal(await world.number("SELECT count(*) FROM licenses WHERE kv_version < version"), 0);
  });

  test("and no client notices: the same licence and machine get the same keys, nothing is derived again", async () => {
    const desktop = new DesktopClient(world.url.origin, freshMachine(), { "cf-connecting-ip": freshAddress() });
    assert.equal((await desktop.provisionKeys(licenses[0].code)).success, true);
    for (const name of desktop.listProviders()) assert.equal(desktop.getKey(name), clients[0].getKey(name));
    for (const license of licenses.slice(0, 5)) {
      const answer = await askFernet(world, license);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(openFernet(answer.body.keys, license.machine_id).kimi, storedKimi);
    }
    assert.equal((await askFernet(world, licenses[5])).status, 401, "a revoked licence stays revoked");
    const derives = world.logs.filter(({ record }) => record?.event === "request" && record.derives > 0);
    assert.equal(derives.length, 0);
    const { holder } = (await world.admin("GET", `/admin/licenses/${licenses[1].id}`)).body;
    assert.equal(holder.email, "holder1@example.com");
  });

  test("refuses a database that is not empty", async () => {
    const other = join(folder, "second.backup");
    assert.equal((await latchkey(world, ["backup", other])).status, 0);
    const { status, stderr } = await latchkey(world, ["restore", other]);
    assert.equal(status, 1);
    assert.match(stderr, /not empty \(payment_deliveries, .*, machines, sharing, provider_keys, admin_tokens, licenses, plans\)/);
  });
});

describe("a restore without MASTER_KEY", () => {
  test("says what is lost, by count, then goes on, and serves with the Worker secrets' keys", async () => {
    const world = await fresh({ MASTER_KEY: `k1:${randomBytes(32).toString("base64")}` });
    const refused = await latchkey(world, ["restore", file]);
    assert.equal(refused.status, 1);
    for (const words of [/MASTER_KEY k1 of the backup/, /1 provider key \(/, /7 holders' names/, /6 machines' derived keys/])
      assert.match(refused.stderr, words);
    assert.equal(await world.number("SELECT count(*) FROM licenses"), 0);

    const { status, stderr } = await latchkey(world, ["restore", file, "--accept-loss"]);
    assert.equal(status, 0, stderr);
    const lost = await world.number("SELECT count(*) FROM provider_keys WHERE sealed IS NOT NULL OR state <> 'retired'");
    assert.equal(lost, 0);
    assert.equal(await world.number("SELECT count(*) FROM licenses WHERE holder IS NOT NULL"), 0);
    const answer = await askFernet(world, licenses[0]);
    assert.equal(answer.status, 200, answer.text);
    const keys = openFernet(answer.body.keys, licenses[0].machine_id);
    assert.equal(keys.kimi, world.providerKeys.kimi);
    assert.equal(await world.number("SELECT count(*) FROM machines WHERE license_id = ?", licenses[0].id), 2);
    const put = await world.admin("PUT", "/admin/providers/kimi", { api_key: "sk-kimi-again" });
    assert.equal(put.body.version, 4, put.text);
  });
});

describe("a restore without INDEX_KEY", () => {
  test("says what is lost; licences live on once they are reissued, and seats and tokens are free", async () => {
    const world = await fresh({ INDEX_KEY: randomBytes(32).toString("base64") });
    const refused = await latchkey(world, ["restore", file]);
    assert.equal(refused.status, 1);
    for (const words of [/INDEX_KEY is not the one/, /807 licences' codes/, /7 machines' seats/, /1 admin token/])
      assert.match(refused.stderr, words);

    const { status, stderr } = await latchkey(world, ["restore", file, "--accept-loss"]);
    assert.equal(status, 0, stderr);
    const [license] = licenses;
    assert.equal((await askFernet(world, license)).status, 401);
    const reissued = await world.admin("POST", `/admin/licenses/${license.id}/reissue`, {});
    assert.equal(reissued.status, 200, reissued.text);
    assert.equal(await world.number("SELECT count(*) FROM machines WHERE released_at IS NULL"), 0);
    const answer = await askFernet(world, { ...license, code: reissued.body.code });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(openFernet(answer.body.keys, license.machine_id).kimi, storedKimi);
    assert.equal(await world.number("SELECT count(*) FROM admin_tokens WHERE revoked_at IS NULL"), 0);
  });
});

test("a backup that is made while the service works has no reference that leads nowhere, and tells of every seat", async () => {
  const busy = join(folder, "busy.backup");
  let isOver = false;
  const work = (async () => {
    for (let i = 0; !isOver; i++) {
      const license = await origin.license({ plan: "team" });
      await origin.provision({ license_id: license.code, machine_id: `busy-${i}`, delivery: "plain" });
      if (i % 5 === 0) {
        const plan = { providers: ["kimi"], deliveries: ["plain"], max_machines: 3 };
        await origin.admin("PUT", "/admin/plans/team", plan);
        await origin.admin("PUT", "/admin/providers/qwen", { api_key: `sk-qwen-${i}` });
      }
    }
  })();
  const made = await latchkey(origin, ["backup", busy]);
  isOver = true;
  await work;
  assert.equal(made.status, 0, made.stderr);

  const world = await fresh();
  const { status, stderr } = await latchkey(world, ["restore", busy]);
  assert.equal(status, 0, stderr);
  const lost = (sql) => world.number(`SELECT count(*) FROM ${sql}`);
  assert.equal(await lost("machines m LEFT JOIN licenses l ON l.id = m.license_id WHERE l.id IS NULL"), 0);
  // No licence without its plan, nor with the stub of one: team was made by an admin.
  const stub = "p.name = 'team' AND p.created_at = 0";
  const planless = `licenses l LEFT JOIN plans p ON p.name = l.plan AND p.version = l.plan_version
    WHERE p.name IS NULL OR ${stub}`;
  assert.equal(await lost(planless), 0);
  const unlogged = `machines m WHERE NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.license_id = m.license_id
    AND a.machine_hash = m.machine_hash AND a.action = 'provision.granted')`;
  assert.equal(await lost(unlogged), 0);
  assert.equal(await lost("pragma_foreign_key_check"), 0);
  assert.equal((await world.provision({ license_id: licenses[1].code, machine_id: freshMachine(), delivery: "plain" })).status, 200);
});

test("a key that anybody may read is taken, but a file that holds none is not", async () => {
  const path = join(folder, "wrong.key");
  writeFileSync(path, "lk_backup_wrong\n");
  chmodSync(path, 0o644);
  const { status, stderr } = await latchkey(origin, ["backup", join(folder, "x.backup"), "--key-file", path]);
  assert.equal(status, 2);
  assert.match(stderr, /holds no key of a backup/);
});
