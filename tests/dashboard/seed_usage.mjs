// What tests of the dashboard begin with: licences with a machine, use of many days, grants and refusals of the past.
// All but the past of the audit log comes in as from real clients; nothing is random, so pictures can be compared.
import assert from "node:assert/strict";
import { freshMachine } from "../support/world.mjs";

const hourMs = 3_600_000;
const eventsPerReport = 500;

// seated: a licence and its first machine: {license, request: {license_id, machine_id}}.
export async function seated(world, terms = {}) {
  const license = await world.license(terms);
  const request = { license_id: license.code, machine_id: freshMachine() };
  const answer = await world.provision(request);
  assert.equal(answer.status, 200, answer.text);
  return { license, request };
}

// plan: made, or its next version. Takes what PUT /admin/plans/{plan} does; providers, deliveries and seats are filled in.
export async function plan(world, name, terms = {}) {
  const usual = { providers: ["deepseek", "kimi", "mistral", "qwen"], deliveries: ["fernet", "hpke", "plain"], max_machines: 3 };
  const answer = await world.admin("PUT", `/admin/plans/${name}`, { ...usual, ...terms });
  assert.equal(answer.status, 200, answer.text);
}

// token: a named admin token with these scopes alone.
export async function token(world, name, scopes) {
  const answer = await world.admin("POST", "/admin/tokens", { name, scopes });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.token;
}

export async function report(world, request, events) {
  for (let at = 0; at < events.length; at += eventsPerReport) {
    const batch = events.slice(at, at + eventsPerReport);
    const answer = await world.send("POST", "/usage/report", { ...request, events: batch });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.body.rejected, []);
  }
}

const models = [
  ["deepseek", "deepseek-v4-pro"], ["kimi", "kimi-k2.6"], ["mistral", "mistral-large-2512"], ["qwen", "qwen3-max"],
  ["deepseek", "deepseek-flash"], ["mistral", "codestral-latest"], ["qwen", "qwen-plus"],
];

// eventsOf: use of the last days, one event in each hour of a working day and few at night or on a Sunday. `weight` is how
// much of it; `models` which of them.
export function eventsOf(name, { days = 30, weight = 1, models: used = models, now = Date.now() } = {}) {
  const events = [];
  for (let back = days * 24; back >= 0; back--) {
    const at = new Date(now - back * hourMs - 60_000);
    const [hour, weekday] = [at.getUTCHours(), at.getUTCDay()];
    const isBusy = hour >= 7 && hour <= 20 && weekday !== 0;
    if (!isBusy && (back * 7) % 11 > 1) continue;
    const tokens = Math.round(weight * 40_000 * (1 + Math.sin(((hour - 6) / 14) * Math.PI) + ((back * 13) % 17) / 17));
    const [provider, model] = used[(back * 5 + (back >> 4)) % used.length];
    events.push({
      event_id: `${name}-${back}`, provider, model, input_tokens: tokens * 4, cached_input_tokens: tokens,
      output_tokens: tokens, reasoning_tokens: tokens >> 2, at: at.toISOString(),
    });
  }
  return events;
}

// pastProvisions: rows of the audit log for the last hours, as grants and refusals would have left them.
export async function pastProvisions(world, { hours = 48, perHour = 12 } = {}) {
  await world.db.prepare(`
    WITH RECURSIVE act(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM act WHERE i < ?1 * ?2),
    placed AS (SELECT i, unixepoch() * 1000 - (?1 * 3600000 * (?1 * ?2 - i)) / (?1 * ?2) AS at FROM act),
    wanted AS (SELECT i, at, at / 3600000 % 24 AS hour FROM placed)
    INSERT INTO audit_log (at, request_id, action, outcome, reason, actor)
    SELECT at, printf('req_0000past%08d', i), iif(i % 9 = 0, 'provision.denied', 'provision.granted'),
      iif(i % 9 = 0, 'denied', 'granted'), iif(i % 9 = 0, iif(i % 2, 'unknown_license', 'revoked'), NULL), 'client'
    FROM wanted WHERE hour BETWEEN 6 AND 21 OR i % 5 = 0`).bind(hours, perHour).run();
}
