// The documents: what they tell a reader to type is typed, their vectors are opened by code that was
// written from the page alone, and nothing the service has is missing from them.
//
// A fenced block with `run` after its language is run: sh in a shell of the repository, beside a
// running service that stands for http://127.0.0.1:8787; sql on its database. Other sh blocks are
// checked: what they call must exist. LATCHKEY_WRITE_COSTS=1 writes the table of costs anew.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { after, before, test } from "node:test";
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import fernet from "fernet";
import { DEMO_CODE, seedDemo } from "../../scripts/lib/demo.mjs";
import { checksum } from "../../scripts/lib/token.mjs";
import { readCosts } from "../support/costs.mjs";
import * as formats from "../support/formats.mjs";
import { root } from "../support/miniflare.mjs";
import { openWorld } from "../support/world.mjs";

const documents = [
  "README.md", "docs/api.md", "docs/architecture.md", "docs/crypto-formats.md", "docs/operator.md",
  "docs/monitoring.md", "docs/data.md", "docs/client.md",
  "wasm/README.md", "tests/README.md",
];
const runMsMax = 120_000;
const pages = Object.fromEntries(documents.map((name) => [name, readFileSync(join(root, name), "utf8")]));

// blocks: the fenced blocks of a page; an indented one loses its indent.
function blocks(name) {
  return [...pages[name].matchAll(/^( *)```([^\n]*)\n(.*?)^\1```$/gms)].map(([, indent, info, text]) => ({
    name,
    info,
    text: text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  }));
}

const allBlocks = documents.flatMap(blocks);
const vectors = Object.fromEntries(
  blocks("docs/crypto-formats.md")
    .filter(({ info }) => info.startsWith("json vector="))
    .map(({ info, text }) => [info.slice("json vector=".length), JSON.parse(text)]),
);

// withoutCode: a page without its blocks.
const withoutCode = (text) => text.replaceAll(/^( *)```.*?^\1```$/gms, "");

// rows: the first cells of the tables below a heading, without back-ticks.
function firstCells(page, heading) {
  const section = page.slice(page.indexOf(`\n## ${heading}\n`)).slice(1).split(/\n## /)[0];
  return [...section.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell]) => cell.trim().replaceAll("`", ""));
}

let world;
before(async () => {
  const repeat = (start) => Buffer.from(Array.from({ length: 32 }, (_, i) => start + i)).toString("base64");
  world = await openWorld({
    vars: { RATE_LIMIT_IP_PER_HOUR: "10000", RATE_LIMIT_LICENSE_PER_HOUR: "10000" },
    secrets: { MASTER_KEY: `k1:${repeat(0)}`, INDEX_KEY: repeat(64), SIGNING_KEY: `s1:${repeat(0)}` },
  });
  assert.equal(await seedDemo(world.url, world.secrets.ADMIN_TOKEN), "created");
});
after(() => world?.stop());

function shell(script) {
  const text = script.replaceAll("http://127.0.0.1:8787", world.url.origin);
  const env = {
    ...process.env,
    LATCHKEY_URL: world.url.origin,
    LATCHKEY_ADMIN_TOKEN: world.secrets.ADMIN_TOKEN,
    LATCHKEY_LOCAL_FILE: "/nonexistent/local.json",
  };
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-euo", "pipefail", "-c", text], { cwd: root, env, timeout: runMsMax });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.on("error", reject).on("close", (status) => resolve({ status, output }));
    child.stdin.end();
  });
}

for (const [index, block] of allBlocks.filter(({ info }) => info === "sh run").entries()) {
  const first = block.text.split("\n")[0].slice(0, 60);
  test(`${block.name}: the commands of block ${index + 1} work: ${first}`, async () => {
    const { status, output } = await shell(block.text);
    assert.equal(status, 0, output);
    if (!block.text.includes("/keys/provision")) return;
    for (const key of Object.values(world.providerKeys)) assert.ok(output.includes(key), output);
  });
}

for (const block of allBlocks.filter(({ info }) => info === "sql run")) {
  test(`${block.name}: the SQL works: ${block.text.split("\n")[0].slice(0, 60)}`, async () => {
    for (const statement of block.text.split(/;\s*\n/).filter((text) => text.trim())) {
      await world.db.prepare(statement).all();
    }
  });
}

test("after the SQL of a restore the service provisions, and cron brings KV up to date", async () => {
  await world.sync();
  assert.equal(await world.number("SELECT count(*) FROM licenses WHERE version > kv_version"), 0);
  const ask = { license_id: DEMO_CODE, machine_id: "restored", delivery: "plain" };
  const { status, text } = await world.provision(ask);
  assert.equal(status, 200, text);
});

test("what the other commands call exists", async () => {
  const scripts = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts;
  const { configurePresets } = JSON.parse(readFileSync(join(root, "CMakePresets.json"), "utf8"));
  const presets = configurePresets.map(({ name }) => name);
  const verbs = (await shell("./scripts/latchkey help")).output;
  const wranglers = new Set();
  for (const { text, info } of allBlocks) {
    if (!/^sh\b/.test(info)) continue;
    const each = (pattern, check) => [...text.matchAll(pattern)].forEach(([, word]) => check(word));
    each(/\bnpm (?:run )?([a-z]+)\b/g, (script) => assert.ok(scripts[script], script));
    each(/(?<![\w/])\.?\/?(scripts\/[\w-]+|tests\/[\w./-]+\.mjs)/g, (path) => {
      assert.ok(existsSync(join(root, path)), path);
    });
    each(/--preset (\S+)/g, (preset) => assert.ok(presets.includes(preset), preset));
    const groups = "alert|audit|license|machine|payment|price|provider|query|rotation|sharing|token|master|usage|webhook";
    const named = new RegExp(`latchkey ((?:${groups}) [a-z-]+|backup (?:verify|keygen)|backup|restore|doctor|whoami)`, "g");
    each(named, (verb) => {
      assert.ok(verbs.includes(`  ${verb}`), verb);
    });
    each(/npx wrangler ((?:[a-z0-9-]+ ?)+)/g, (words) => {
      wranglers.add(words.trim().replace(/ latchkey.*$/, ""));
    });
  }
  assert.ok(wranglers.size >= 3, [...wranglers].join());
  for (const words of wranglers) {
    const { status, output } = await shell(`PATH="$PWD/node_modules/.bin:$PATH" wrangler ${words} --help`);
    assert.equal(status, 0, output);
    assert.ok(output.includes(`wrangler ${words}`), output);
  }
});

// slug: the anchor that a heading gets.
function slug(heading) {
  return heading.toLowerCase().replaceAll(/[^\w\s-]/g, "").trim().replaceAll(/\s/g, "-");
}

test("every link leads to a file, and every anchor to a heading", () => {
  let numLinks = 0;
  for (const name of documents) {
    for (const [, target] of withoutCode(pages[name]).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path, anchor] = target.split("#");
      const file = path ? join(dirname(name), path) : name;
      assert.ok(existsSync(join(root, file)), `${name}: ${target}`);
      numLinks++;
      if (!anchor) continue;
      const headings = [...readFileSync(join(root, file), "utf8").matchAll(/^#+ (.+)$/gm)];
      assert.ok(headings.some(([, text]) => slug(text) === anchor), `${name}: ${target}`);
    }
  }
  assert.ok(numLinks > 40);
});

test("every path that a page names in code exists", () => {
  for (const name of documents) {
    const named = /`((?:wasm|worker|tests|scripts|docs|d1|schema)\/[\w./-]*)`/g;
    for (const [, path] of withoutCode(pages[name]).matchAll(named)) {
      const candidates = [path, join(dirname(name), path)];
      assert.ok(candidates.some((candidate) => existsSync(join(root, candidate))), `${name}: ${path}`);
    }
  }
});

test("the page on the API lists every route of the table, and no other", async () => {
  const { body } = await world.fetch("/openapi.json");
  const routes = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const listed = firstCells(pages["docs/api.md"], "Routes").filter((cell) => /^[A-Z]+ \//.test(cell));
  assert.deepEqual(listed.sort(), routes.sort());
});

test("the page on the API lists every error and every notice", () => {
  const source = readFileSync(join(root, "wasm/base/error.cc"), "utf8");
  const errors = [...source.matchAll(/return "([a-z_]+)";/g)].map(([, word]) => word);
  const listed = firstCells(pages["docs/api.md"], "Errors");
  for (const error of errors) assert.ok(listed.includes(error), error);
  const { Notice } = JSON.parse(readFileSync(join(root, "schema/components.json"), "utf8"));
  for (const code of Notice.properties.code.enum) {
    assert.ok(pages["docs/api.md"].includes(`\`${code}\``), code);
  }
});

test("the page on architecture says why each dependency is there", () => {
  const listed = firstCells(pages["docs/architecture.md"], "Dependencies").join(" ");
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const section = pages["docs/architecture.md"].split("\n## Dependencies\n")[1].split("\n## ")[0];
  for (const name of Object.keys(devDependencies)) {
    assert.ok(listed.split(/[\s,]+/).includes(name) || section.includes(`\`${name}\``), name);
  }
});

test("the operator's page lists every setting with its default, and every secret", async () => {
  const { body } = await world.admin("GET", "/admin/config");
  const settings = firstCells(pages["docs/operator.md"], "Settings");
  const secrets = firstCells(pages["docs/operator.md"], "Secrets");
  for (const { name, kind, default: value } of body.data) {
    assert.ok((kind === "secret" ? secrets : settings).includes(name), name);
    if (kind === "secret") continue;
    const row = pages["docs/operator.md"].split("\n").find((line) => line.startsWith(`| \`${name}\` |`));
    assert.ok(row.includes(value === "" ? "| empty |" : `| \`${value}\` |`), row);
  }
  assert.ok(body.data.length >= 15);
});

test("the page on data lists every table and view of D1", async () => {
  const { results } = await world.db
    .prepare("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'")
    .all();
  const listed = firstCells(pages["docs/data.md"], "D1 console");
  const names = results.map(({ name }) => name).filter((name) => !/^(_cf_|d1_migrations$)/.test(name));
  assert.deepEqual(listed.filter((cell) => cell !== "name" && !cell.startsWith("-")).sort(), names.sort());
});

test("the page on monitoring lists every event of the log", () => {
  const listed = firstCells(pages["docs/monitoring.md"], "Logs and alerts");
  const events = new Set();
  for (const file of listFiles(["wasm", "worker/src"]).filter((name) => /\.(cc|ts)$/.test(name))) {
    const text = readFileSync(join(root, file), "utf8");
    const written = /(?:field\("event", |\\?"event\\?":|logError\()\\?"([a-z_]+)\\?"/g;
    for (const [, event] of text.matchAll(written)) events.add(event);
  }
  assert.ok(events.size >= 8);
  for (const event of events) assert.ok(listed.includes(event), event);
});

// listFiles: all files below these folders, by their path in the repository.
function listFiles(folders) {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );
}

const licenseRow = (id) => world.db.prepare("SELECT * FROM licenses WHERE id = ?").bind(id).first();

const costColumns = ["d1_round_trips", "d1_rows_read", "d1_rows_written", "kv_reads", "kv_writes", "derives", "fetches"];

function costTable(costs) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const lines = [
    line(["request", "D1 trips", "rows read", "rows written", "KV reads", "KV writes", "derivations", "fetches"]),
    line(Array(8).fill("---")),
    ...Object.entries(costs).map(([name, cost]) => {
      return line([name, ...costColumns.map((column) => cost[column])]);
    }),
  ];
  return `<!-- costs -->\n${lines.join("\n")}\n<!-- /costs -->`;
}

test("the page on data shows what each request costs, as the tests assert it", async () => {
  const table = costTable(await readCosts());
  const page = pages["docs/data.md"];
  const shown = /<!-- costs -->.*<!-- \/costs -->/s;
  if (process.env.LATCHKEY_WRITE_COSTS) {
    writeFileSync(join(root, "docs/data.md"), page.replace(shown, () => table));
  } else assert.equal(shown.exec(page)?.[0], table);
  assert.ok(table.split("\n").length > 20);
});

test("a sealed blob is as the page says, in its vector and in the database", async () => {
  const vector = vectors.sealed_blob;
  const [kid, key] = vector.master_key.split(":");
  const random = Buffer.from(vector.salt_and_nonce_hex, "hex");
  assert.equal(formats.seal({ ...vector, kid, key, random }), vector.sealed);
  assert.equal(formats.open({ ...vector, keys: { [kid]: key } }), vector.plaintext);
  assert.throws(() => formats.open({ ...vector, keys: { [kid]: key }, owner: "qwen" }));

  const keys = Object.fromEntries([world.secrets.MASTER_KEY.split(":")]);
  const license = await world.license({ holder: { name: "Ada", email: "ada@example.com" } });
  const { holder } = await licenseRow(license.id);
  const place = { purpose: "holder", table: "licenses", row_id: license.id, owner: "holder", version: 1 };
  assert.equal(formats.open({ ...place, keys, sealed: holder }), '{"email":"ada@example.com","name":"Ada"}');

  const stored = await world.db.prepare("SELECT * FROM provider_keys WHERE state = 'published'").first();
  const { id, provider, version, sealed } = stored;
  const opened = formats.open({
    keys, purpose: "provider_key", table: "provider_keys", row_id: id, owner: provider, version, sealed,
  });
  assert.equal(opened, "sk-a-new-key-of-the-provider");
});

test("a line of a backup is as the page says", () => {
  const { key, fingerprint, backup_id, line, line_before, salt_and_nonce_hex, plaintext, text } = vectors.backup;
  assert.equal(checksum(key.slice(10, 53)), key.slice(53));
  const bytes = Buffer.from(key.slice(10, 53), "base64url");
  assert.equal(formats.fingerprint(bytes), fingerprint);
  const previous = createHash("sha256").update(line_before).digest("base64url");
  const place = { purpose: "backup", table: "backup", row_id: backup_id, owner: previous, version: line };
  const random = Buffer.from(salt_and_nonce_hex, "hex");
  assert.equal(formats.seal({ ...place, kid: "backup", key: bytes.toString("base64"), random, plaintext }), text);
});

test("index hashes are as the page says, in its vectors and in the database", async () => {
  const { index_key, hashes } = vectors.index_hash;
  for (const [purpose, text, hash] of hashes) {
    assert.equal(formats.indexHash(index_key, purpose, text), hash, text);
  }

  const index = (purpose, text) => formats.indexHash(world.secrets.INDEX_KEY, purpose, text);
  const holder = { name: "Grace H", email: "Grace@Example.com" };
  const license = await world.license({ code: "docs.index-1", holder });
  const ask = { license_id: " DOCS.INDEX-1 ", machine_id: "maschine-ä" };
  const { headers } = await world.provision(ask, { "cf-connecting-ip": "2001:DB8:0:1:2::3" });
  const row = await licenseRow(license.id);
  assert.equal(row.code_hash, index("license_code", "DOCS.INDEX-1"));
  assert.equal(row.code_hint, "DOC...");
  assert.equal(row.holder_name_hash, index("holder", "grace h"));
  assert.equal(row.holder_email_hash, index("holder", "grace@example.com"));
  const [audit] = await world.audit("request_id = ?", headers.get("x-request-id"));
  assert.equal(audit.machine_hash, index("machine", "maschine-ä"));
  assert.equal(audit.address_hash, index("address", "2001:db8:0:1::/64"));
  const seats = world.db.prepare("SELECT secrets_tag FROM machines WHERE license_id = ?").bind(license.id);
  const tags = Object.entries(world.providerKeys).sort().map(([, key]) => index("key_tag", key).slice(0, 8));
  assert.equal(await seats.first("secrets_tag"), tags.join(""));
});

test("a named token is kept, and a repeated request is answered, as the page says", async () => {
  const index = (purpose, text) => formats.indexHash(world.secrets.INDEX_KEY, purpose, text);
  const terms = { name: "docs", scopes: ["config:read"] };
  const made = await world.admin("POST", "/admin/tokens", terms, { "idempotency-key": "docs 1" });
  const first = (sql, ...values) => world.db.prepare(sql).bind(...values).first();
  const { token_hash, hint } = await first("SELECT * FROM admin_tokens WHERE id = ?", made.body.id);
  assert.equal(token_hash, index("admin_token", made.body.token));
  assert.equal(hint, `${made.body.token.slice(0, 13)}...`);

  const actor = "admin:bootstrap";
  const key_hash = index("idempotency", `key\n${actor}\ndocs 1`);
  const row = await first("SELECT * FROM idempotency_keys WHERE key_hash = ?", key_hash);
  const body_hash = index("idempotency", `body\n${JSON.stringify(terms)}`);
  assert.equal(row.request_hash, index("idempotency", `request\nPOST\n/admin/tokens\n${body_hash}`));
  const plain = formats.openBytes({
    keys: Object.fromEntries([world.secrets.MASTER_KEY.split(":")]),
    purpose: "answer", table: "idempotency_keys", row_id: key_hash, owner: actor, version: 1, sealed: row.answer,
  });
  const texts = [];
  for (let at = 4; at < plain.length; at += 4 + texts.at(-1).length) {
    texts.push(plain.subarray(at + 4, at + 4 + plain.readUInt32LE(at)));
  }
  assert.equal(plain.readUInt32LE(0), 201);
  assert.deepEqual(texts.map(String), ["application/json", "", made.text]);
});

test("licence codes are as the page says, in its vector and in the service", async () => {
  const { canonical, also, refused } = vectors.license_code;
  assert.equal(formats.canonicalCode(canonical), canonical);
  for (const text of also) assert.equal(formats.canonicalCode(text), canonical, text);
  for (const text of refused) assert.equal(formats.canonicalCode(text), null, text);

  const { licenses } = (await world.admin("POST", "/admin/licenses", { count: 20 })).body;
  for (const { id, code, code_hint } of licenses) {
    assert.equal(formats.canonicalCode(code), code);
    assert.match(code, /^WF(-[0-9A-HJKMNP-TV-Z]{5}){5}$/);
    assert.equal(code_hint, `${code.slice(0, 8)}...`);
    const { code_hash } = await licenseRow(id);
    assert.equal(code_hash, formats.indexHash(world.secrets.INDEX_KEY, "license_code", code));
  }
  const spelled = licenses[0].code.toLowerCase().replaceAll("-", " ").replaceAll("0", "o");
  assert.equal((await world.provision({ license_id: spelled, machine_id: "a" })).status, 200);
});

test("a trial's code is as the page says", () => {
  const { index_key, machine_id, code } = vectors.trial_code;
  assert.equal(formats.trialCode(index_key, machine_id), code);
});

test("an admin token's checksum is as the page says", () => {
  const { valid, body } = vectors.admin_token;
  assert.equal(`lk_admin_${body}${formats.tokenChecksum(body)}`, valid);
  assert.match(valid, /^lk_admin_[0-9A-Za-z]{46}$/);
});

test("the Fernet vector opens with the derivation that the page gives", () => {
  const vector = vectors.fernet;
  const { salt, key } = formats.desktopKey(vector.machine_id);
  assert.equal(salt.toString("hex"), vector.salt_hex);
  assert.equal(key, vector.fernet_key);
  const secret = new fernet.Secret(key);
  assert.equal(new fernet.Token({ secret, token: vector.token, ttl: 0 }).decode(), vector.plaintext);
  const bytes = Buffer.from(vector.token, "base64url");
  assert.equal(bytes[0], 0x80);
  assert.equal(Number(bytes.readBigUInt64BE(1)), vector.time);
  assert.equal(bytes.subarray(9, 25).toString("hex"), vector.iv_hex);
});

test("the HPKE vector opens in the order that the page gives", async () => {
  const vector = vectors.hpke;
  const parts = { kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() };
  const suite = new CipherSuite(parts);
  const recipientKey = await suite.kem.deserializePrivateKey(Buffer.from(vector.private_key_hex, "hex"));
  const recipient = await suite.createRecipientContext({
    recipientKey, enc: Buffer.from(vector.enc, "base64url"), info: Buffer.from("latchkey/provision/v1"),
  });
  for (const name of Object.keys(vector.keys).sort()) {
    const plain = await recipient.open(Buffer.from(vector.keys[name], "base64url"), Buffer.from(name));
    assert.equal(Buffer.from(plain).toString(), vector.plaintexts[name]);
  }
  assert.equal(formats.thumbprint("X25519", vector.client_public_key), vector.thumbprint);
});

test("the receipt vector verifies as the page says, and the service takes it for its own", async () => {
  const vector = vectors.receipt;
  const keys = { s1: vector.public_key };
  assert.deepEqual(formats.verifyReceipt(vector.receipt, keys), vector.claims);
  assert.equal(vector.claims.machine, formats.receiptMachine(vector.machine_id));
  assert.equal(vector.claims.grace_until - vector.claims.exp, 30 * 86_400);
  assert.throws(() => formats.verifyReceipt(vector.receipt, { s2: vector.public_key }));
  const forged = vector.receipt.replace(/.$/, (c) => (c === "A" ? "B" : "A"));
  assert.throws(() => formats.verifyReceipt(forged, keys));

  // Expired, but signed by this server for this machine: a notice. For another machine: refused.
  assert.equal(world.secrets.SIGNING_KEY, vector.signing_key);
  const { machine_id, receipt } = vector;
  const ask = { license_id: DEMO_CODE, machine_id, receipt, delivery: "plain" };
  const own = await world.provision(ask);
  assert.deepEqual(own.body.notices.map(({ code }) => code), ["receipt_expired"]);
  const foreign = await world.provision({ ...ask, machine_id: "another" });
  assert.equal(foreign.status, 401);
  const fresh = formats.verifyReceipt(own.body.receipt, keys);
  const claims = Object.keys(vector.claims).filter((name) => name !== "cnf");
  assert.deepEqual(Object.keys(fresh), claims);
});

test("an exported log is as the page says: other code and the verifier take the example", async () => {
  const { signing_seed, key, lines, inclusion, consistency } = vectors.audit_export;
  const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
  const node = (left, right) => sha256(Buffer.from([1]), left, right);
  const header = JSON.parse(lines[0]);
  assert.deepEqual(Object.keys(header), ["before", "checkpoint", "first", "format", "sizes"]);
  assert.equal(lines[0], JSON.stringify(header));
  const records = lines.slice(1).filter((line) => !line.startsWith('{"checkpoint"'));
  const [a, b, c] = records.map((line) => sha256(Buffer.from([0]), line));
  const root = node(node(a, b), c).toString("base64");
  assert.deepEqual(inclusion.hashes, [a, c].map((hash) => hash.toString("base64")));
  assert.deepEqual(consistency.hashes, [c.toString("base64")]);

  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(signing_seed, "hex")]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const raw = createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32);
  const name = key.slice(0, key.indexOf("+"));
  const id = sha256(`${name}\n\x01`, raw).subarray(0, 4);
  assert.equal(key, `${name}+${id.toString("hex")}+${Buffer.concat([Buffer.from([1]), raw]).toString("base64")}`);
  const body = `${name}\n3\n${root}\n`;
  const signature = Buffer.concat([id, sign(null, Buffer.from(body), privateKey)]).toString("base64");
  assert.equal(header.checkpoint, `${body}\n\u2014 ${name} ${signature}\n`);
  assert.equal(JSON.parse(lines[3]).checkpoint.split("\n")[2], node(a, b).toString("base64"));

  const file = join(mkdtempSync(join(tmpdir(), "latchkey-docs-")), "audit.ndjson");
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  const verified = await shell(`./scripts/latchkey audit verify ${file} --key ${key}`);
  rmSync(dirname(file), { recursive: true });
  assert.equal(verified.status, 0, verified.output);
});

test("an audit record is as the page says, in its vector and for every row of the log", async () => {
  const { row, record } = vectors.audit_record;
  assert.equal(formats.auditRecord(row), record);
  // The core writes the same for the same row: its test holds it to the same bytes.
  const native = readFileSync(join(root, "tests/native/store/audit_record_test.cc"), "utf8");
  for (const value of [row.request_id, row.license_id, row.machine_hash, String(row.at)]) {
    assert.ok(native.includes(value), value);
  }

  const rows = await world.audit();
  assert.ok(rows.length > 10);
  const actions = firstCells(pages["docs/crypto-formats.md"], "Audit record").join(" ").split(/[\s,]+/);
  for (const stored of rows) {
    assert.ok(actions.includes(stored.action), stored.action);
    const parsed = JSON.parse(formats.auditRecord(stored));
    assert.equal(JSON.stringify(parsed.details), stored.details ?? undefined, "stored in canonical form");
    assert.deepEqual(parsed, formats.withoutNulls({ ...stored, seq: null, details: parsed.details ?? null }));
  }
});

test("a cursor and an entity tag are as the page says", async () => {
  const vector = vectors.cursor;
  assert.equal(formats.cursor(vector.index_key, vector.bound_to, vector.last_id), vector.cursor);
  const page = (await world.admin("GET", "/admin/licenses?status=active&limit=2")).body;
  const boundTo = "licenses|active||0|";
  assert.equal(page.next_cursor, formats.cursor(world.secrets.INDEX_KEY, boundTo, page.data[1].id));

  await world.sync();
  const granted = await world.provision({ license_id: DEMO_CODE, machine_id: "restored" });
  const { headers } = await world.receiptStatus(granted.body.receipt);
  const claims = formats.verifyReceipt(granted.body.receipt, { s1: vectors.receipt.public_key });
  const end = await world.number("SELECT expires_at FROM licenses WHERE id = ?", claims.license_id);
  const keys = { ...world.providerKeys, deepseek: "sk-a-new-key-of-the-provider" };
  const tag = (text) => formats.indexHash(world.secrets.INDEX_KEY, "key_tag", text);
  const tags = Object.entries(keys).sort().map(([name, key]) => name + tag(key));
  const text = [claims.license_id, claims.plan, end, ...tags].join("|");
  assert.equal(headers.get("etag"), `"${tag(text).slice(0, 22)}"`);
});

test("the vectors that the core is tested with stand in the page as they are", () => {
  const sealed = readFileSync(join(root, "tests/vectors/sealed_blob.txt"), "utf8");
  assert.ok(sealed.includes(`sealed = "${vectors.sealed_blob.sealed}"`));
  const fernets = readFileSync(join(root, "tests/vectors/fernet.txt"), "utf8");
  assert.ok(fernets.includes(`token = "${vectors.fernet.token}"`));
  const index = readFileSync(join(root, "tests/vectors/index.txt"), "utf8");
  const pinned = vectors.index_hash.hashes.filter(([, , hash]) => index.includes(`hash = "${hash}"`));
  assert.ok(pinned.length >= 5);
});

test("no page holds a path of someone's machine or an emoji", () => {
  const unwanted = /(?<![\w.:/])\/(home|root|tmp|usr|opt|var|mnt)\/|\p{Emoji_Presentation}/u;
  for (const name of documents) {
    assert.doesNotMatch(pages[name], unwanted, name);
  }
});
