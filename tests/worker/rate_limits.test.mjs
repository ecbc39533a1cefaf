// Limits are exact however many requests arrive at once, count each request once, and no flood
// makes the database grow.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { assertProblem, freshAddress, freshMachine, openWorld } from "../support/world.mjs";

const concurrency = 1000;

let world;
before(async () => {
  // Locally the last of a thousand requests waits for D1 longer than production's clients would.
  world = await openWorld({ vars: { D1_TIMEOUT_MS: "30000", LOG_LEVEL: "warn" } });
});
after(() => world.stop());

const statuses = (answers) => {
  const counts = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

const many = (n, make) => Promise.all(Array.from({ length: n }, (_, i) => make(i)));
const addressSubject = async (answer) => {
  const [row] = await world.audit("request_id = ?", answer.headers.get("x-request-id"));
  return `ip:${row.address_hash}`;
};

function parseLimits(text) {
  return Object.fromEntries(
    text.split(", ").map((item) => {
      const [name, ...parameters] = item.split(";");
      return [name.slice(1, -1), Object.fromEntries(parameters.map((p) => [p[0], Number(p.slice(2))]))];
    }),
  );
}

describe("a thousand requests at once", () => {
  test("on one licence from a thousand addresses: exactly 60 are granted", async () => {
    const { id, code } = await world.license();
    const answers = await many(concurrency, () =>
      world.provision({ license_id: code, machine_id: "one", delivery: "plain" }),
    );
    assert.deepEqual(statuses(answers), { 200: 60, 429: 940 });
    assert.equal((await world.audit("license_id = ? AND action = 'provision.granted'", id)).length, 60);
    const { hits } = await world.window(id);
    assert.ok(hits > 60 && hits <= concurrency, `${hits} counted`);
  });

  test("from one address on a thousand licences: exactly 100 are granted", async () => {
    const codes = [];
    for (let i = 0; i < 2; i++) {
      const { body } = await world.admin("POST", "/admin/licenses", { count: 500 });
      codes.push(...body.licenses.map(({ code }) => code));
    }
    const address = freshAddress();
    const answers = await many(concurrency, (i) =>
      world.provision(
        { license_id: codes[i], machine_id: "one", delivery: "plain" },
        { "cf-connecting-ip": address },
      ),
    );
    assert.deepEqual(statuses(answers), { 200: 100, 429: 900 });
    const granted = answers.find(({ status }) => status === 200);
    const subject = await addressSubject(granted);
    const rows = await world.audit("address_hash = ? AND action = 'provision.granted'", subject.slice(3));
    assert.equal(rows.length, 100);
    assert.equal(new Set(rows.map(({ license_id }) => license_id)).size, 100);
  });

  test("guessing codes from one address: 100 are answered, then it is refused", async () => {
    const address = freshAddress();
    const answers = await many(concurrency, (i) =>
      world.provision({ license_id: `WRITER-2024-${i}`, machine_id: "one" }, { "cf-connecting-ip": address }),
    );
    assert.deepEqual(statuses(answers), { 401: 100, 429: 900 });
  });

  test("for the last two seats of a licence from new machines: exactly two get one", async () => {
    const { id, code } = await world.license({ max_machines: 2 });
    const answers = await many(50, () =>
      world.provision({ license_id: code, machine_id: freshMachine(), delivery: "plain" }),
    );
    assert.deepEqual(statuses(answers), { 200: 2, 403: 48 });
    for (const answer of answers) if (answer.status === 403) assertProblem(answer, 403, "machine_limit");
    assert.equal(await world.number("SELECT count(*) FROM machines WHERE license_id = ?", id), 2);
  });

  test("for one machine's first seat: all are granted, and it takes one", async () => {
    const { id, code } = await world.license({ max_machines: 1 });
    const machine_id = freshMachine();
    const answers = await many(40, (i) =>
      world.provision({ license_id: code, machine_id, delivery: i % 2 ? "plain" : "fernet" }),
    );
    assert.deepEqual(statuses(answers), { 200: 40 });
    assert.equal(await world.number("SELECT count(*) FROM machines WHERE license_id = ?", id), 1);
    assert.equal((await world.audit("license_id = ? AND action = 'provision.granted'", id)).length, 40);
  });
});

test("counters in D1 equal what was sent, provision and status alike, whatever the outcome", async () => {
  const { id, code } = await world.license({ max_machines: 1 });
  const address = { "cf-connecting-ip": freshAddress() };
  const first = await world.provision({ license_id: code, machine_id: "a", delivery: "plain" }, address);
  const ask = (machine_id) => world.provision({ license_id: code, machine_id, delivery: "plain" }, address);
  await many(4, () => ask("a")); // Granted.
  await many(3, () => ask("b")); // No seat.
  await many(6, () => world.status({ license_id: code, machine_id: "a" }, address));
  await many(2, () => world.status({ license_id: "WRITER-2024-NONE", machine_id: "a" }, address));
  await many(5, () => world.provision({ license_id: "WRITER-2024-NONE", machine_id: "a" }, address));
  // Not well-formed: neither counted nor answered with limits.
  for (const answer of await many(9, () => world.provision({ license_id: code }, address))) {
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get("ratelimit"), null);
  }
  const subject = await addressSubject(first);
  assert.equal((await world.window(subject)).hits, 1 + 4 + 3 + 6 + 2 + 5);
  assert.equal((await world.window(id)).hits, 1 + 4 + 3 + 6);
});

test("RateLimit and RateLimit-Policy tell what is left, and a refusal when to come again", async () => {
  const { code } = await world.license();
  const address = { "cf-connecting-ip": freshAddress() };
  const ask = () => world.provision({ license_id: code, machine_id: "a", delivery: "plain" }, address);
  for (let i = 1; i <= 60; i++) {
    const { status, headers } = await ask();
    assert.equal(status, 200);
    assert.equal(headers.get("ratelimit-policy"), '"ip";q=100;w=3600, "license";q=60;w=3600');
    const limits = parseLimits(headers.get("ratelimit"));
    assert.deepEqual([limits.ip.r, limits.license.r], [100 - i, 60 - i]);
    for (const { t } of Object.values(limits)) assert.ok(t > 3500 && t <= 3600);
  }
  for (let i = 0; i < 3; i++) {
    const answer = await ask();
    assertProblem(answer, 429, "rate_limited");
    const limits = parseLimits(answer.headers.get("ratelimit"));
    assert.equal(limits.license.r, 0);
    const wait = Number(answer.headers.get("retry-after"));
    assert.ok(wait > 3500 && wait <= 3600);
    assert.equal(wait, limits.license.t);
  }
});

test("a licence over its limit is refused from any address, and its address is not", async () => {
  const [spent, fresh] = [await world.license(), await world.license()];
  const address = { "cf-connecting-ip": freshAddress() };
  await many(61, () => world.provision({ license_id: spent.code, machine_id: "a", delivery: "plain" }));
  assertProblem(
    await world.provision({ license_id: spent.code, machine_id: "a" }, address),
    429,
    "rate_limited",
  );
  assert.equal((await world.provision({ license_id: fresh.code, machine_id: "a" }, address)).status, 200);
});

test("a licence that does not exist has no window of its own", async () => {
  const before = await world.number("SELECT count(*) FROM rate_limits WHERE subject LIKE 'lic_%'");
  const answer = await world.provision({ license_id: "WRITER-2024-NONE", machine_id: "a" });
  assert.deepEqual(Object.keys(parseLimits(answer.headers.get("ratelimit"))), ["ip"]);
  assert.equal(await world.number("SELECT count(*) FROM rate_limits WHERE subject LIKE 'lic_%'"), before);
});

test("IPv6 counts by /64, IPv4 in IPv6 as IPv4", async () => {
  const subjectOf = async (address) =>
    addressSubject(
      await world.provision(
        { license_id: "WRITER-2024-NONE", machine_id: "a" },
        { "cf-connecting-ip": address },
      ),
    );
  const first = await subjectOf("2001:db8:1:2::1");
  assert.equal(await subjectOf("2001:db8:1:2:ffff:ffff:ffff:ffff"), first);
  assert.equal(await subjectOf("2001:0DB8:0001:0002:0:0:0:9"), first);
  assert.equal((await world.window(first)).hits, 3);
  assert.notEqual(await subjectOf("2001:db8:1:3::1"), first);
  assert.equal(await subjectOf("::ffff:192.0.2.7"), await subjectOf("192.0.2.7"));
});

test("a window is an hour from its first request; the next begins at the first after it", async () => {
  const { id, code } = await world.license();
  const ask = (address) =>
    world.provision(
      { license_id: code, machine_id: "a", delivery: "plain" },
      { "cf-connecting-ip": address },
    );
  const address = freshAddress();
  const first = await ask(address);
  const begun = await world.window(id);
  assert.ok(Math.abs(begun.start - Date.now() / 1000) < 10);
  await ask(address);
  assert.equal((await world.window(id)).start, begun.start);
  await world.setHits(id, 60);
  await world.hourPasses();
  const answer = await ask(address);
  assert.equal(answer.status, 200);
  assert.deepEqual(
    Object.values(parseLimits(answer.headers.get("ratelimit"))).map(({ r }) => r),
    [99, 59],
  );
  assert.equal((await world.window(await addressSubject(first))).hits, 1);
});

test("being over writes one audit row a window, and a flood leaves the database as it is", async () => {
  const { id, code } = await world.license();
  const address = { "cf-connecting-ip": freshAddress() };
  const first = await world.provision({ license_id: code, machine_id: "a", delivery: "plain" }, address);
  const hash = (await addressSubject(first)).slice(3);
  await many(150, () => world.provision({ license_id: "WRITER-2024-NONE", machine_id: "a" }, address));
  const over = await world.audit("address_hash = ? AND reason = 'address_over_limit'", hash);
  assert.equal(over.length, 1);
  const size = async () => [
    await world.number("SELECT count(*) FROM audit_log"),
    await world.number("SELECT count(*) FROM rate_limits"),
    await world.number("SELECT count(*) FROM machines"),
  ];
  const before = await size();
  const answers = await many(1000, (i) =>
    i % 2
      ? world.provision({ license_id: `GUESS-${i}`, machine_id: "a" }, address)
      : world.status({ license_id: code, machine_id: "a" }, address),
  );
  assert.deepEqual(statuses(answers), { 429: 1000 });
  assert.deepEqual(await size(), before);
  await many(100, () => world.provision({ license_id: code, machine_id: "a", delivery: "plain" }));
  assert.equal((await world.audit("license_id = ? AND reason = 'license_over_limit'", id)).length, 1);
});

test("what is over stays over in an isolate that has just begun, and is recorded once", async (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), "latchkey-limits-"));
  t.after(() => rmSync(stateDir, { recursive: true, force: true }));
  const lasting = await openWorld({ stateDir });
  try {
    const { id, code } = await lasting.license();
    const address = { "cf-connecting-ip": freshAddress() };
    const ask = (headers) =>
      lasting.provision({ license_id: code, machine_id: "a", delivery: "plain" }, headers);
    for (let i = 0; i < 60; i++) assert.equal((await ask(address)).status, 200);
    for (let begun = 0; begun < 3; begun++) {
      assertProblem(await ask(), 429, "rate_limited");
      await lasting.restart();
    }
    assertProblem(await ask(), 429, "rate_limited");
    assert.equal((await lasting.audit("license_id = ? AND reason = 'license_over_limit'", id)).length, 1);
  } finally {
    await lasting.stop();
  }
});

test("wrong admin tokens are throttled by address: 20 an hour, and a right one still works", async () => {
  const address = { "cf-connecting-ip": freshAddress() };
  const wrong = () =>
    world.send("GET", "/admin/licenses", undefined, {
      authorization: "Bearer wrong-token-0123456789",
      ...address,
    });
  const answers = [];
  for (let i = 0; i < 25; i++) answers.push(await wrong());
  assert.deepEqual(statuses(answers), { 401: 20, 429: 5 });
  for (const answer of answers.slice(20)) assertProblem(answer, 429, "rate_limited");
  assert.equal((await world.admin("GET", "/admin/licenses", undefined, address)).status, 200);
  assert.equal((await world.audit("action = 'admin.denied' AND reason = 'address_over_limit'")).length, 1);
});

test("GET /keys/status is braked for each address without a trip to D1", async () => {
  const address = { "cf-connecting-ip": freshAddress() };
  const before = await world.number("SELECT count(*) FROM rate_limits");
  const answers = await many(130, () => world.receiptStatus("no.receipt.atall", address));
  assert.deepEqual(statuses(answers), { 401: 100, 429: 30 });
  for (const answer of answers) if (answer.status === 429) assertProblem(answer, 429, "rate_limited");
  assert.equal(await world.number("SELECT count(*) FROM rate_limits"), before);
});

test("cron forgets windows that have ended and keeps those that have not", async () => {
  const old = await world.license();
  await world.provision({ license_id: old.code, machine_id: "a" });
  await world.hourPasses();
  const { id, code } = await world.license();
  const kept = await addressSubject(await world.provision({ license_id: code, machine_id: "a" }));
  await world.sync();
  const { results } = await world.db.prepare("SELECT subject FROM rate_limits ORDER BY subject").all();
  assert.deepEqual(
    results.map(({ subject }) => subject),
    [kept, id].sort(),
  );
});
