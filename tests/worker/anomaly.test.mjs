// Anomalies on workerd: a licence that is abused, one at its limit on many machines, and an address that guesses are
// alerts on their way to a receiver when the hour is scored; and they end.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { WebhookReceiver } from "../support/webhook_receiver.mjs";
import { assertProblem, freshAddress, freshMachine, openWorld } from "../support/world.mjs";

const hourMs = 3_600_000;
const days = 20;
// An hour that is over, and its grace with it.
const abused = Math.floor(Date.now() / hourMs) - 2;
let world;
let receiver;
let numEvents = 0;

before(async () => {
  receiver = await WebhookReceiver.start();
  world = await openWorld({ vars: { WEBHOOK_ALLOW_LOOPBACK: "1" } });
  const { body } = await world.admin("POST", "/admin/webhooks", { name: "ops", url: receiver.url });
  receiver.secret = body.secret;
});
after(async () => {
  await world?.stop();
  await receiver.stop();
});
beforeEach(async () => {
  receiver.received = [];
  await world.db.prepare("UPDATE anomaly_walk SET hour = 0").run();
});

// used: events as reports leave them: so many requests of a licence in each of the hours.
async function used(license, hours, requests, model = "gpt-5") {
  const events = hours.flatMap((hour) =>
    Array.from({ length: requests }, () => ({ id: `e${++numEvents}`, at: hour * hourMs + 60_000 })),
  );
  await world.db
    .prepare(
      `INSERT INTO usage_events (license_id, event_id, machine_id, plan, report, at, received_at, provider, model,
         input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost, price_version)
       SELECT ?1, value ->> 'id', 'mch_1', 'pro', 1, value ->> 'at', value ->> 'at', 'openai', ?2, 900, 100, 0, 0, 1000000, 0
       FROM json_each(?3)`,
    )
    .bind(license.id, model, JSON.stringify(events))
    .run();
}

// usual: five hours around that time of the day, on each of the last days.
const usual = Array.from({ length: days }, (_, i) => abused - 24 * (days - i)).flatMap((hour) =>
  [-2, -1, 0, 1, 2].map((by) => hour + by),
);

// scored: cron runs until nothing is left to score.
async function scored() {
  for (let i = 0; i < 60; i++) {
    const before = await world.number("SELECT revision FROM anomaly_walk");
    await world.sync();
    if (before === (await world.number("SELECT revision FROM anomaly_walk"))) return;
  }
  assert.fail("cron does not come to an end");
}

// earlier: as if what is new in the audit log had happened in that hour.
async function earlier() {
  const sql = "UPDATE audit_log SET at = ? WHERE seq > (SELECT audit_seq FROM anomaly_walk) AND outcome = 'denied'";
  await world.db.prepare(sql).bind(abused * hourMs + 60_000).run();
}

const shown = async ({ id }) => {
  const { status, body, text } = await world.admin("GET", `/admin/licenses/${id}/anomaly`);
  assert.equal(status, 200, text);
  return body;
};

test("a leaked key is an alert that is delivered, once, with reasons; an ordinary licence is none", async () => {
  const [leaked, ordinary] = [await world.license(), await world.license()];
  await used(leaked, usual, 20);
  await used(ordinary, [...usual, abused], 20);
  await used(leaked, [abused], 500, "gpt-5-pro");
  await scored();
  assert.deepEqual(receiver.refused, []);
  assert.equal(receiver.received.length, 1);
  const { data } = receiver.received[0].body;
  assert.deepEqual([data.kind, data.subject, data.state, data.count], ["license_anomaly", leaked.id, "open", 1]);
  assert.equal(Date.parse(data.details.hour), abused * hourMs);
  assert.ok(data.details.score >= 60);
  assert.match(data.details.reasons[0].sentence, /^500 requests in the hour: 12\.5 times its high hours \(40\)\.$/);

  const row = await shown(leaked);
  assert.equal(row.last_alarm.hour, data.details.hour);
  assert.deepEqual(row.last_alarm.reasons, row.reasons);
  assert.equal(row.alert.id, data.alert_id);
  assert.ok(row.baseline.days >= days);
  assert.deepEqual(row.baseline.models.map(({ name }) => name), ["gpt-5", "gpt-5-pro"]);
  const raised = await world.audit("action = 'anomaly.raised'");
  assert.deepEqual(raised.map(({ license_id: id, actor }) => [id, actor]), [[leaked.id, "cron"]]);
  assert.deepEqual(JSON.parse(raised[0].details), data.details);
  const fine = await shown(ordinary);
  assert.ok(fine.score < 20 && fine.has_baseline, JSON.stringify(fine));
  assert.deepEqual([fine.last_alarm, fine.alert], [null, null]);

  const { results } = await world.db.prepare("SELECT * FROM v_anomalies").all();
  assert.deepEqual(results.map(({ license_id: id, alert }) => [id, alert]), [[leaked.id, "open"]]);
  assert.match(results[0].why, /500 requests in the hour/);
  await world.sync();
  assert.equal(receiver.received.length, 1);
});

test("machines that find no seat and guessed codes are alerts, and no address is named", async () => {
  const license = await world.license({ max_machines: 1 });
  await world.sync();
  const address = freshAddress();
  for (let i = 0; i < 8; i++) {
    await world.provision({ license_id: license.code, machine_id: freshMachine(), delivery: "plain" });
    const guess = { license_id: `WRITER-2024-G${i}`, machine_id: freshMachine() };
    const headers = { "cf-connecting-ip": address };
    assertProblem(await (i < 4 ? world.provision(guess, headers) : world.status(guess, headers)), 401, "invalid_license");
  }
  const tried = await world.audit("reason = 'unknown_license'");
  assert.equal(new Set(tried.map(({ details }) => details)).size, 8);
  for (const { details } of tried) assert.match(details, /^\{"code":"[\w-]{16}"\}$/);
  await earlier();
  await scored();

  const told = Object.fromEntries(receiver.received.map(({ body }) => [body.data.kind, body.data]));
  assert.deepEqual(Object.keys(told).sort(), ["guessing_address", "license_anomaly"]);
  assert.equal(told.license_anomaly.subject, license.id);
  assert.deepEqual(told.license_anomaly.details.reasons.map(({ signal, value }) => [signal, value]), [["no_seat", 7]]);
  const { address: hash, reasons } = told.guessing_address.details;
  assert.equal(told.guessing_address.subject, hash.slice(0, 16));
  assert.equal(tried[0].address_hash, hash);
  assert.deepEqual(reasons.map(({ signal, value }) => [signal, value]), [["many_codes", 8]]);
  assert.doesNotMatch(JSON.stringify(told), new RegExp(address.replaceAll(".", "\\.")));
});

test("a week without another alarm ends it, and the receiver hears of that", async () => {
  const open = await world.number("SELECT count(*) FROM alerts WHERE state = 'open'");
  assert.equal(open, 3);
  for (const table of ["anomaly_trails", "anomaly_addresses"]) {
    await world.db.prepare(`UPDATE ${table} SET alarm_hour = alarm_hour - 24 * 7`).run();
  }
  await world.sync();
  assert.deepEqual(receiver.received.map(({ body }) => body.type), Array(3).fill("alert.resolved"));
  assert.equal((await world.audit("action = 'anomaly.cleared'")).length, 3);
  assert.equal(await world.number("SELECT count(*) FROM alerts WHERE state = 'open'"), 0);
});
