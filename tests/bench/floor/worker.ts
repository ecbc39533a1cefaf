// The floor: what any Worker pays that does this job's database work and nothing else. One D1 batch of
// four plain statements, then as many canned bytes as the measured service answers with. No crypto, no
// checks, no routing.

interface Env {
  DB: D1Database;
  // JSON: the bytes of the canned body for each delivery, as the measured service answers.
  ANSWER_BYTES: string;
}

interface ProvisionRequest {
  license_id: string;
  machine_id: string;
  delivery: string;
}

const kWindowMs = 3_600_000;

const kLimitsSql =
  "INSERT INTO rate_limits (subject, window_start, hits) VALUES (?1, ?3, 1), (?2, ?3, 1) " +
  "ON CONFLICT (subject) DO UPDATE SET hits = hits + 1 RETURNING hits";
const kLicenseSql = "SELECT id, plan, status, expires_at, machines_max FROM licenses WHERE code = ?1";
const kMachineSql =
  "INSERT INTO machines (license_id, machine_id, first_seen, last_seen) VALUES (?1, ?2, ?3, ?3) " +
  "ON CONFLICT (license_id, machine_id) DO UPDATE SET last_seen = excluded.last_seen";
const kAuditSql =
  "INSERT INTO audit_log (id, at, action, license_id, machine_id, address) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

// The canned body of each delivery, made once. It is JSON, so that a client reads it like a real answer.
let bodies: Map<string, string> | undefined;

function makeBodies(env: Env): Map<string, string> {
  const head = '{"success":true,"padding":"';
  const tail = '"}';
  const sizes = Object.entries(JSON.parse(env.ANSWER_BYTES) as Record<string, number>);
  return new Map(sizes.map(([delivery, bytes]) =>
    [delivery, head + "x".repeat(bytes - head.length - tail.length) + tail]));
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const input = await request.json<ProvisionRequest>();
    const address = request.headers.get("cf-connecting-ip") ?? "";
    const nowMs = Date.now();
    await env.DB.batch([
      env.DB.prepare(kLimitsSql).bind(address, input.license_id, nowMs - (nowMs % kWindowMs)),
      env.DB.prepare(kLicenseSql).bind(input.license_id),
      env.DB.prepare(kMachineSql).bind(input.license_id, input.machine_id, nowMs),
      env.DB.prepare(kAuditSql).bind(
        crypto.randomUUID(), nowMs, "provision.granted", input.license_id, input.machine_id, address),
    ]);
    bodies ??= makeBodies(env);
    return new Response(bodies.get(input.delivery), {
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
  },
};
