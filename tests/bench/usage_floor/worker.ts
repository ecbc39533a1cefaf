// The floor of POST /usage/report: one D1 batch of four plain statements that stores what came as it came, then as many
// canned bytes as the measured service answers with. Each event has the columns that the service keeps of it, at a price
// that is the same for all: no table of prices, no checks, no facts.
interface Env {
  DB: D1Database;
  USAGE_BYTES: string;
}

interface Report {
  license_id: string;
  machine_id: string;
  events: unknown[];
}

const kWindowMs = 3_600_000;
const kDayMs = 86_400_000;

const kLimitsSql =
  "INSERT INTO rate_limits (subject, window_start, hits) VALUES (?1, ?3, 1), (?2, ?3, 1) " +
  "ON CONFLICT (subject) DO UPDATE SET hits = hits + 1 RETURNING hits";
const kLicenseSql = "SELECT id, plan, status, expires_at, machines_max FROM licenses WHERE code = ?1";
const kEventsSql =
  "INSERT INTO usage_events (license_id, event_id, machine_id, plan, report, at, received_at, provider, model, " +
  "input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost, price_version) " +
  "SELECT ?1, value ->> 'event_id', ?2, 'pro', ?5, ?3, ?3, value ->> 'provider', value ->> 'model', " +
  "value ->> 'input_tokens', value ->> 'output_tokens', value ->> 'cached_input_tokens', " +
  "value ->> 'reasoning_tokens', value ->> 'input_tokens' * 500, 0 " +
  "FROM json_each(?4) WHERE true ON CONFLICT DO NOTHING";
const kSpendSql =
  "INSERT INTO spend (license_id, day, requests, cost) VALUES (?1, ?2, ?3, ?4) " +
  "ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, cost = cost + excluded.cost";

let body: string | undefined;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const input = await request.json<Report>();
    const address = request.headers.get("cf-connecting-ip") ?? "";
    const nowMs = Date.now();
    await env.DB.batch([
      env.DB.prepare(kLimitsSql).bind(address, input.license_id, nowMs - (nowMs % kWindowMs)),
      env.DB.prepare(kLicenseSql).bind(input.license_id),
      env.DB.prepare(kEventsSql).bind(input.license_id, input.machine_id, nowMs, JSON.stringify(input.events), nowMs),
      env.DB.prepare(kSpendSql).bind(input.license_id, Math.floor(nowMs / kDayMs), input.events.length, input.events.length),
    ]);
    body ??= `{"success":true,"padding":"${"x".repeat(Number(env.USAGE_BYTES) - 29)}"}`;
    return new Response(body, { headers: { "content-type": "application/json", "cache-control": "no-store" } });
  },
};
