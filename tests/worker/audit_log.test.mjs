// The audit log as anyone can check it: heads, proofs and exports are verified here by code of their own, written from
// RFC 9162 and C2SP; and whatever is changed in D1 behind the service's back is found.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, createPublicKey, verify } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { root } from "../support/miniflare.mjs";
import { assertProblem, openWorld } from "../support/world.mjs";

// RFC 9162, 2.1, by its definitions.
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const leafHash = (line) => sha256(Buffer.from([0]), line);
const nodeHash = (left, right) => sha256(Buffer.from([1]), left, right);
function treeHash(leaves) {
  if (leaves.length === 0) return sha256("");
  if (leaves.length === 1) return leaves[0];
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return nodeHash(treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}
// rootOfInclusion: the root that a proof leads to: down to the leaf, and up again.
function rootOfInclusion(leaf, index, size, proof) {
  if (size === 1) return proof.length === 0 ? leaf : null;
  let k = 1;
  while (2 * k < size) k *= 2;
  const last = proof.at(-1);
  if (last === undefined) return null;
  const rest = proof.slice(0, -1);
  const inside = index < k ? rootOfInclusion(leaf, index, k, rest) : rootOfInclusion(leaf, index - k, size - k, rest);
  if (inside === null) return null;
  return index < k ? nodeHash(inside, last) : nodeHash(last, inside);
}
// rootsOfConsistency: [old, new] that a proof leads to, of SUBPROOF(m, n, isKnown).
function rootsOfConsistency(m, n, proof, isKnown, oldRoot) {
  if (m === n) {
    if (isKnown) return proof.length === 0 ? [oldRoot, oldRoot] : null;
    return proof.length === 1 ? [proof[0], proof[0]] : null;
  }
  let k = 1;
  while (2 * k < n) k *= 2;
  const last = proof.at(-1);
  if (last === undefined) return null;
  const rest = proof.slice(0, -1);
  if (m <= k) {
    const left = rootsOfConsistency(m, k, rest, isKnown, oldRoot);
    return left && [left[0], nodeHash(left[1], last)];
  }
  const right = rootsOfConsistency(m - k, n - k, rest, false, oldRoot);
  return right && [nodeHash(last, right[0]), nodeHash(last, right[1])];
}

const spkiBegin = Buffer.from("302a300506032b6570032100", "hex");
const spki = (raw) => createPublicKey({ key: Buffer.concat([spkiBegin, raw]), format: "der", type: "spki" });
// openNote: {origin, size, root} of a note that the vkey signed; C2SP signed-note and tlog-checkpoint.
function openNote(note, vkey) {
  const [, name, id, key64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey);
  const typed = Buffer.from(key64, "base64");
  assert.equal(typed[0], 1, "Ed25519");
  assert.equal(sha256(`${name}\n`, typed).toString("hex").slice(0, 8), id);
  const [body, signatures] = note.split(/(?<=\n)\n/);
  const [, signer, text] = /^— (\S+) (\S+)\n$/.exec(signatures);
  const signature = Buffer.from(text, "base64");
  assert.equal(signer, name);
  assert.equal(signature.subarray(0, 4).toString("hex"), id);
  assert.ok(verify(null, Buffer.from(body), spki(typed.subarray(1)), signature.subarray(4)), "the signature");
  const [origin, size, root64, end] = body.split("\n");
  assert.equal(end, "");
  return { origin, size: Number(size), root: Buffer.from(root64, "base64") };
}

let world;
let folder;
before(async () => {
  world = await openWorld();
  folder = mkdtempSync(join(tmpdir(), "latchkey-audit-"));
});
after(async () => {
  await world?.stop();
  rmSync(folder, { recursive: true, force: true });
});

let numGrown = 0;
// grow: so many records more, as if they had been written one after another.
async function grow(count) {
  await world.db
    .prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
       INSERT INTO audit_log (at, request_id, action, outcome, actor, license_id, country, details)
       SELECT ?2 + i, 'req_grown_' || (?3 + i), CASE i % 10 WHEN 0 THEN 'license.revoked' ELSE 'provision.granted' END,
         'done', 'client', 'lic_' || (i % 7), 'DE', json_object('note', 'n' || i) FROM n`,
    )
    .bind(count, Date.now(), numGrown)
    .run();
  numGrown += count;
}

async function get(path, status = 200) {
  const answer = await world.admin("GET", path);
  assert.equal(answer.status, status, answer.text);
  return answer.body;
}
async function checkpoint() {
  const answer = await world.admin("POST", "/admin/audit/checkpoint");
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}
async function lines(size) {
  const all = [];
  for (let place = 0; place !== null && all.length < size; ) {
    const page = await get(`/admin/audit/records?after=${place}&limit=150`);
    assert.equal(page.after, all.length);
    all.push(...page.data);
    place = page.next_after;
  }
  return all.slice(0, size);
}
const fromBase64 = (hashes) => hashes.map((text) => Buffer.from(text, "base64"));

async function latchkey(args, env = {}) {
  const all = { ...process.env, LATCHKEY_URL: world.url.href, LATCHKEY_ADMIN_TOKEN: world.secrets.ADMIN_TOKEN, ...env };
  const child = spawn(process.execPath, [join(root, "scripts/cli/main.mjs"), "audit", ...args], { env: all });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].on("data", (chunk) => (text[name] += chunk));
  const [status] = await once(child, "close");
  return { status, ...text };
}

test("an empty log has a head, too, and cron signs none", async () => {
  await world.sync();
  await get("/admin/audit/checkpoint", 404);
  const head = await checkpoint();
  assert.equal(head.size, 0);
  assert.deepEqual(openNote(head.note, head.key).root, sha256(""));
});

describe("a log of some tiles", () => {
  let head;
  let leaves;
  const olds = new Map();

  before(async () => {
    await world.license();
    for (const count of [3, 250, 2, 5, 300, 100]) {
      await grow(count);
      const { size, note, key } = await checkpoint();
      olds.set(size, openNote(note, key));
    }
    head = await checkpoint();
    leaves = (await lines(head.size)).map(leafHash);
  });

  test("its head is signed by a key of the JWKS, over all records", async () => {
    const opened = openNote(head.note, head.key);
    const { keys } = await (await fetch(new URL("/.well-known/jwks.json", world.url))).json();
    const shown = keys.map(({ x }) => Buffer.from(x, "base64url").toString("hex"));
    assert.ok(shown.includes(Buffer.from(head.key.split("+").slice(2).join("+"), "base64").subarray(1).toString("hex")));
    assert.equal(opened.origin, head.key.split("+")[0]);
    assert.equal(opened.size, head.size);
    assert.equal(leaves.length, head.size);
    assert.deepEqual(opened.root, treeHash(leaves));
    assert.equal(opened.root.toString("base64"), head.root);
    assert.deepEqual({ first: head.first, before: head.before }, { first: 0, before: [] });
    assert.deepEqual(await get("/admin/audit/checkpoint"), head);
    assert.equal((await get("/admin/audit/checkpoint?size=254")).note.split("\n")[1], "254");
    await get("/admin/audit/checkpoint?size=5", 404);
    await get("/admin/audit/checkpoint?size=-1", 400);
  });

  test("its lines say what the rows say", async () => {
    const rows = await world.audit("1 = 1");
    for (const [i, line] of (await lines(head.size)).entries()) {
      const { seq, details, ...row } = rows[i];
      assert.equal(seq, i + 1);
      const expected = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
      if (details !== null) expected.details = JSON.parse(details);
      assert.deepEqual(JSON.parse(line), expected);
      assert.deepEqual(Object.keys(JSON.parse(line)), Object.keys(expected).sort());
    }
  });

  test("records are proved to be in trees of many sizes", async () => {
    for (const size of [1, 2, 3, 7, 255, 256, 257, 511, 512, 513, 600, head.size]) {
      const expected = treeHash(leaves.slice(0, size));
      for (const index of new Set([0, 1, Math.floor(size / 2), size - 2, size - 1])) {
        if (index < 0 || index >= size) continue;
        const proof = await get(`/admin/audit/proof/inclusion?seq=${index + 1}&size=${size}`);
        assert.equal(proof.leaf, index);
        assert.deepEqual(leafHash(proof.record), leaves[index]);
        assert.deepEqual(rootOfInclusion(leaves[index], index, size, fromBase64(proof.hashes)), expected, `${index} in ${size}`);
      }
    }
    const newest = await get("/admin/audit/proof/inclusion?leaf=9");
    assert.deepEqual([newest.seq, newest.size], [10, head.size]);
  });

  test("trees are proved to begin with older ones, and with every checkpoint that was signed", async () => {
    for (const to of [2, 100, 256, 300, 512, 640, head.size]) {
      for (const from of [1, 2, 3, 64, 255, 256, 257, 511, 512, 639, head.size]) {
        if (from > to) continue;
        const { hashes } = await get(`/admin/audit/proof/consistency?from=${from}&to=${to}`);
        const roots = [treeHash(leaves.slice(0, from)), treeHash(leaves.slice(0, to))];
        assert.deepEqual(rootsOfConsistency(from, to, fromBase64(hashes), true, roots[0]), roots, `${from} to ${to}`);
      }
    }
    for (const [size, old] of olds) {
      assert.equal(old.size, size);
      assert.deepEqual(old.root, treeHash(leaves.slice(0, size)));
      const { hashes } = await get(`/admin/audit/proof/consistency?from=${size}`);
      const roots = rootsOfConsistency(size, head.size, fromBase64(hashes), true, old.root);
      assert.deepEqual(roots, [old.root, treeHash(leaves)]);
    }
  });

  test("checkpoints are listed, newest first", async () => {
    const first = await get("/admin/audit/checkpoints?limit=4");
    const rest = await get(`/admin/audit/checkpoints?limit=4&cursor=${first.next_cursor}`);
    const sizes = [...first.data, ...rest.data].map(({ size }) => size);
    assert.deepEqual(sizes, [...olds.keys(), 0].sort((a, b) => b - a));
    for (const { size, note } of first.data) assert.deepEqual(openNote(note, head.key), olds.get(size));
    assert.equal(rest.next_cursor, null);
  });

  test("what is not there is refused", async () => {
    const beyond = head.size + 1;
    for (const query of [
      "inclusion", "inclusion?seq=0", "inclusion?seq=1&leaf=0", `inclusion?seq=${beyond}`, `inclusion?seq=1&size=${beyond}`,
      "inclusion?seq=x", "inclusion?seq=1&other=1", "consistency", "consistency?from=0", `consistency?from=${beyond}`,
      "consistency?from=5&to=4", `consistency?from=1&to=${beyond}`, "consistency?from=1&to=1e3",
    ]) {
      assertProblem(await world.admin("GET", `/admin/audit/proof/${query}`), 400, "invalid_request");
    }
    for (const query of ["after=-1", "limit=0", "limit=1001", "cursor=x"]) {
      assertProblem(await world.admin("GET", `/admin/audit/records?${query}`), 400, "invalid_request");
    }
    assertProblem(await world.admin("POST", "/admin/audit/checkpoint", { size: 1 }), 400, "invalid_request");
    assertProblem(await world.admin("POST", "/admin/audit/checkpoint?dry_run=1"), 400, "invalid_request");
  });

  test("people list it newest first, by act, licence and time", async () => {
    const ofLicense = await get("/admin/audit?license_id=lic_3&limit=500");
    assert.ok(ofLicense.data.length > 50);
    assert.ok(ofLicense.data.every(({ license_id }) => license_id === "lic_3"));
    const seqs = ofLicense.data.map(({ seq }) => seq);
    assert.deepEqual(seqs, seqs.toSorted((a, b) => b - a));
    const revoked = await get("/admin/audit?action=license.revoked&limit=10");
    const next = await get(`/admin/audit?action=license.revoked&limit=10&cursor=${revoked.next_cursor}`);
    assert.equal(revoked.data.length + next.data.length, 20);
    assert.ok(next.data[0].seq < revoked.data.at(-1).seq);
    assert.deepEqual(next.data[0].details, { note: JSON.parse(JSON.stringify(next.data[0].details)).note });
    const newest = revoked.data[0].at;
    assert.equal((await get(`/admin/audit?since=${newest}&until=2000-01-01`)).data.length, 0);
    assert.ok((await get(`/admin/audit?until=${newest}&limit=3`)).data.length === 3);
    // A cursor of another filter, and one that was made up.
    for (const query of [`action=x&cursor=${revoked.next_cursor}`, "cursor=100.x", "since=soon", "action=", "before=3"]) {
      assertProblem(await world.admin("GET", `/admin/audit?${query}`), 400, "invalid_request");
    }
  });

  test("a token needs audit:read, and no more", async () => {
    const { token } = (await world.admin("POST", "/admin/tokens", { name: "auditor", scopes: ["audit:read"] })).body;
    const as = (bearer, method, path) => world.send(method, path, undefined, { authorization: `Bearer ${bearer}` });
    assert.equal((await as(token, "POST", "/admin/audit/checkpoint")).status, 200);
    assert.equal((await as(token, "GET", "/admin/audit/records")).status, 200);
    assertProblem(await as(token, "GET", "/admin/licenses"), 403, "forbidden");
    const other = (await world.admin("POST", "/admin/tokens", { name: "other", scopes: ["licenses:read"] })).body.token;
    assertProblem(await as(other, "GET", "/admin/audit"), 403, "forbidden");
    assertProblem(await as(other, "POST", "/admin/audit/checkpoint"), 403, "forbidden");
  });
});

describe("the command line", () => {
  const at = (name) => join(folder, name);
  let key;

  before(async () => {
    if (numGrown === 0) await grow(700);
    key = (await checkpoint()).key;
    const made = await latchkey(["export", "--out", at("good.ndjson")]);
    assert.equal(made.status, 0, made.stderr);
    assert.match(made.stdout, /Every record is in the log's checkpoints/);
  });

  test("writes an export that other code can check", () => {
    const [header, ...rest] = readFileSync(at("good.ndjson"), "utf8").trimEnd().split("\n");
    const { before: gone, checkpoint: note, first, format, sizes } = JSON.parse(header);
    assert.deepEqual({ gone, first, format }, { gone: [], first: 0, format: "latchkey-audit/1" });
    const leaves = [];
    const seen = [];
    for (const line of rest) {
      const { checkpoint: older } = JSON.parse(line);
      if (older === undefined) leaves.push(leafHash(line));
      else {
        const opened = openNote(older, key);
        assert.deepEqual(opened.root, treeHash(leaves));
        seen.push(opened.size);
      }
    }
    assert.deepEqual(seen, sizes);
    assert.deepEqual(openNote(note, key), { origin: key.split("+")[0], size: leaves.length, root: treeHash(leaves) });
  });

  test("verifies it with the log's key and no service, and with the service's keys", async () => {
    const alone = await latchkey(["verify", at("good.ndjson"), "--key", key], { LATCHKEY_URL: "http://127.0.0.1:1" });
    assert.equal(alone.status, 0, alone.stderr);
    assert.match(alone.stdout, /Nothing in it was changed/);
    const served = await latchkey(["verify", at("good.ndjson"), "--json"]);
    assert.equal(served.status, 0, served.stderr);
    assert.ok(JSON.parse(served.stdout).records > 600);
    const nobody = await latchkey(["verify", at("good.ndjson")], { LATCHKEY_URL: "http://127.0.0.1:1" });
    assert.equal(nobody.status, 3);
    assert.match(nobody.stderr, /--key/);
    const other = key.replace(/\+.*/, (text) => text.replace(/.$/, (last) => (last === "A" ? "B" : "A")));
    assert.equal((await latchkey(["verify", at("good.ndjson"), "--key", other])).status, 2, "a key with another's id");
  });

  test("finds an edit, a record left out, added or moved, and a cut end", async () => {
    const good = readFileSync(at("good.ndjson"), "utf8");
    const all = good.trimEnd().split("\n");
    const edits = {
      edited: all.with(40, all[40].replace('"client"', '"cliemt"')),
      left_out: all.toSpliced(40, 1),
      added: all.toSpliced(40, 0, all[41]),
      moved: all.with(40, all[41]).with(41, all[40]),
      cut: all.slice(0, -1),
      no_checkpoint: all.filter((line, i) => i === 0 || !line.startsWith('{"checkpoint"')),
    };
    for (const [name, changed] of Object.entries(edits)) {
      writeFileSync(at(name), `${changed.join("\n")}\n`);
      const { status, stderr } = await latchkey(["verify", at(name), "--key", key]);
      assert.equal(status, 1, name);
      assert.match(stderr, name === "cut" ? /The end is missing/ : /Lines \d+ to \d+ were changed/, name);
    }
    writeFileSync(at("no_feed"), good.slice(0, -1));
    const { status, stderr } = await latchkey(["verify", at("no_feed"), "--key", key, "--json"]);
    assert.equal(status, 1, stderr);
  });

  test("replaces no file unless it is told to, and leaves none half written", async () => {
    assert.equal((await latchkey(["export", "--out", at("good.ndjson")])).status, 2);
    assert.equal((await latchkey(["export", "--out", at("good.ndjson"), "--force", "--json"])).status, 0);
    const refused = await latchkey(["export", "--out", at("none.ndjson")], { LATCHKEY_ADMIN_TOKEN: "lk_admin_wrong" });
    assert.equal(refused.status, 4);
    assert.ok(!existsSync(at("none.ndjson")) && !existsSync(at("none.ndjson.part")));
    const file = at("good.ndjson");
    const wrong = [["verify"], ["verify", "x", "--live"], ["verify", at("none")], ["verify", file, "--since", "x"], ["proof"]];
    for (const args of wrong) {
      assert.equal((await latchkey(args)).status, 2, args.join(" "));
    }
  });

  test("verifies the running service, and that its log only grew since an export", async () => {
    await grow(30);
    const live = await latchkey(["verify", "--live", "--since", at("good.ndjson")]);
    assert.equal(live.status, 0, live.stderr);
    assert.match(live.stdout, /It only grew since/);
    assert.equal((await latchkey(["verify", "--live", "--key", key, "--json"])).status, 0);
  });

  test("verifies that the log only grew since a checkpoint, in a message of a webhook or alone", async () => {
    const { stdout: note } = await latchkey(["checkpoint"]);
    writeFileSync(at("alone.txt"), note);
    writeFileSync(at("message.json"), JSON.stringify({ type: "audit.checkpoint", data: { checkpoint: note, size: 1 } }));
    writeFileSync(at("other.txt"), "no checkpoint\n");
    await grow(3);
    for (const name of ["alone.txt", "message.json"]) {
      const live = await latchkey(["verify", "--live", "--since", at(name)]);
      assert.equal(live.status, 0, live.stderr);
      assert.match(live.stdout, /It only grew since/);
    }
    const refused = await latchkey(["verify", "--live", "--since", at("other.txt")]);
    assert.notEqual(refused.status, 0);
    assert.match(refused.stderr, /no exported log and no checkpoint/);
  });

  test("proves a record, prints a checkpoint, lists records", async () => {
    const proof = await latchkey(["proof", "--seq", "5", "--json"]);
    assert.equal(proof.status, 0, proof.stderr);
    const { record, leaf, hashes, note } = JSON.parse(proof.stdout);
    const head = openNote(note, key);
    assert.deepEqual(rootOfInclusion(leafHash(record), leaf, head.size, fromBase64(hashes)), head.root);
    const printed = await latchkey(["checkpoint"]);
    assert.equal(openNote(printed.stdout, key).size, head.size);
    const list = await latchkey(["list", "--action", "license.revoked", "--limit", "3", "--json"]);
    assert.equal(list.stdout.trimEnd().split("\n").length, 3);
    assert.match((await latchkey(["list", "--limit", "2"])).stdout, /^SEQ +AT +ACTION/);
  });

  // Each change is undone again, so that the next one stands alone.
  const run = async (sql, ...values) => (await world.db.prepare(sql).bind(...values).all()).results;
  const rowOf = async (seq) => (await run("SELECT * FROM audit_log WHERE seq = ?", seq))[0];
  const insert = (row) => {
    const names = Object.keys(row);
    return run(`INSERT INTO audit_log (${names}) VALUES (${names.map(() => "?")})`, ...Object.values(row));
  };
  const newest = async () => (await run("SELECT max(seq) AS seq FROM audit_log"))[0].seq;
  const tampering = {
    "an old record edited": async () => {
      const { actor } = await rowOf(17);
      await run("UPDATE audit_log SET actor = 'somebody' WHERE seq = 17");
      return () => run("UPDATE audit_log SET actor = ? WHERE seq = 17", actor);
    },
    "one of the last records edited": async () => {
      const seq = (await newest()) - 3;
      const { at: time } = await rowOf(seq);
      await run("UPDATE audit_log SET at = at + 1 WHERE seq = ?", seq);
      return () => run("UPDATE audit_log SET at = ? WHERE seq = ?", time, seq);
    },
    "an old record deleted": async () => {
      const row = await rowOf(30);
      await run("DELETE FROM audit_log WHERE seq = 30");
      return () => insert(row);
    },
    "the last records deleted": async () => {
      const rows = await run("SELECT * FROM audit_log WHERE seq > ? - 2", await newest());
      await run("DELETE FROM audit_log WHERE seq > (SELECT max(seq) FROM audit_log) - 2");
      return () => Promise.all(rows.map(insert));
    },
    "a record inserted, the ones behind it moved on": async () => {
      const last = await newest();
      await run("UPDATE audit_log SET seq = -seq WHERE seq >= 40");
      await run("UPDATE audit_log SET seq = -seq + 1 WHERE seq < 0");
      await insert({ ...(await rowOf(41)), seq: 40, request_id: "req_inserted" });
      return async () => {
        await run("DELETE FROM audit_log WHERE seq = 40");
        await run("UPDATE audit_log SET seq = -seq WHERE seq >= 41");
        await run("UPDATE audit_log SET seq = -seq - 1 WHERE seq < 0");
        assert.equal(await newest(), last);
      };
    },
    "a record put in front": async () => {
      await insert({ ...(await rowOf(1)), seq: 0, request_id: "req_front" });
      return () => run("DELETE FROM audit_log WHERE seq = 0");
    },
    "a record far behind the end": async () => {
      const seq = (await newest()) + 10;
      await insert({ ...(await rowOf(1)), seq, request_id: "req_behind" });
      return () => run("DELETE FROM audit_log WHERE seq = ?", seq);
    },
    "two records exchanged": async () => {
      const exchange = async () => {
        await run("UPDATE audit_log SET seq = -1 WHERE seq = 50");
        await run("UPDATE audit_log SET seq = 50 WHERE seq = 51");
        await run("UPDATE audit_log SET seq = 51 WHERE seq = -1");
      };
      await exchange();
      return exchange;
    },
    "the hash of a tile changed": async () => {
      const [{ hash }] = await run("SELECT hash FROM audit_nodes WHERE level = 8 AND number = 0");
      await run("UPDATE audit_nodes SET hash = ? WHERE level = 8 AND number = 0", sha256("x").toString("base64"));
      return () => run("UPDATE audit_nodes SET hash = ? WHERE level = 8 AND number = 0", hash);
    },
  };

  for (const [name, tamper] of Object.entries(tampering)) {
    test(`finds ${name} in D1, live and in an export`, async () => {
      await checkpoint();
      const undo = await tamper();
      for (const args of [["verify", "--live"], ["export", "--out", at("tampered.ndjson"), "--force"]]) {
        const { status, stderr, stdout } = await latchkey(args);
        assert.equal(status, 1, `${args[0]}: ${stdout}${stderr}`);
        assert.match(stderr, /Lines \d+ to \d+ were changed|was changed behind the service's back/);
      }
      await undo();
      const { status, stderr } = await latchkey(["verify", "--live"]);
      assert.equal(status, 0, `not undone: ${stderr}`);
    });
  }

  // Somebody who can write to D1 rewrites all of it, the tree and its checkpoints too, and the service signs what it
  // finds. Only who kept an export knows: so keep one.
  test("finds a log rewritten from the beginning by an export of before", async () => {
    await run("DELETE FROM audit_nodes");
    await run("DELETE FROM audit_checkpoints");
    await run("UPDATE audit_log SET actor = 'somebody' WHERE seq = 17");
    assert.equal((await latchkey(["verify", "--live"])).status, 0);
    const { status, stderr } = await latchkey(["verify", "--live", "--since", at("good.ndjson")]);
    assert.equal(status, 1);
    assert.match(stderr, /not the one of the older checkpoint/);
  });
});
