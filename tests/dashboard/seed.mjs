// What the tests of the dashboard begin with, made as real clients make it.
import assert from "node:assert/strict";
import { freshMachine } from "../support/world.mjs";

const dayMs = 86_400_000;

// machineOf: a machine that has provisioned with this code; gives its id.
export async function machineOf(world, code, terms = {}) {
  const machine = freshMachine();
  const answer = await world.provision({ license_id: code, machine_id: machine, delivery: "plain", app_version: "2.4.1", ...terms });
  assert.equal(answer.status, 200, answer.text);
  return machine;
}

// useOf: a machine's reports of the last `days` days, a few requests on each.
export async function useOf(world, code, machine, days = 30) {
  const now = Date.now();
  for (let day = days - 1; day >= 0; day--) {
    const at = `${new Date(now - day * dayMs - 60_000).toISOString().slice(0, 19)}Z`;
    const events = Array.from({ length: 2 + ((day * 7) % 5) }, (_, index) => ({
      event_id: `day-${day}-${index}`, provider: "mistral", model: "mistral-large-latest", input_tokens: 60_000, output_tokens: 20_000, at,
    }));
    const answer = await world.send("POST", "/usage/report", { license_id: code, machine_id: machine, events });
    assert.equal(answer.status, 200, answer.text);
  }
}

// tokenWith: a named admin token with these scopes alone.
export async function tokenWith(world, name, scopes) {
  const { status, body, text } = await world.admin("POST", "/admin/tokens", { name, scopes });
  assert.equal(status, 201, text);
  return body.token;
}

// manyLicences: so many rows by SQL, in slices, with codes that nobody has.
export async function manyLicences(world, total, slice = 10_000) {
  for (let from = 0; from < total; from += slice) {
    await world.db
      .prepare(
        `INSERT INTO licenses (id, code_hash, code_hint, kind, plan, plan_version, providers, deliveries, max_machines, status,
           expires_at, created_at, updated_at, kv_version)
         WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)
         SELECT printf('lic_%026d', i), printf('seed-%038d', i), printf('WF-S%05d...', i), 'generated', 'pro', 1,
           '["deepseek"]', 7, 3, iif(i % 10, 'active', 'suspended'), NULL, i, i, 1 FROM n`,
      )
      .bind(from, Math.min(from + slice, total))
      .run();
  }
}
