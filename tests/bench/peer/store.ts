// The peer's one D1 batch: count both limits, take or touch the seat if everything allows it, write the
// audit row with the outcome that follows, and read the facts back.

const kWindowMs = 3_600_000;

const kLimitsSql = `
  INSERT INTO rate_limits (subject, window_start, hits)
  SELECT ?1, ?3, 1 UNION ALL SELECT id, ?3, 1 FROM licenses WHERE code_hmac = ?2
  ON CONFLICT (subject) DO UPDATE SET
    hits = CASE WHEN window_start + ${kWindowMs} <= excluded.window_start THEN 1 ELSE hits + 1 END,
    window_start = CASE WHEN window_start + ${kWindowMs} <= excluded.window_start
      THEN excluded.window_start ELSE window_start END
  RETURNING subject, window_start, hits`;

const kSeatSql = `
  INSERT INTO machines (license_id, machine_hmac, first_seen, last_seen, last_request, app_version, country)
  SELECT l.id, ?2, ?3, ?3, ?4, ?5, ?6 FROM licenses l
  WHERE l.code_hmac = ?1 AND l.status = 'active' AND l.expires_at > ?3
    AND NOT EXISTS (SELECT 1 FROM rate_limits WHERE subject = ?7 AND hits > ?8)
    AND NOT EXISTS (SELECT 1 FROM rate_limits WHERE subject = l.id AND hits > ?9)
    AND (EXISTS (SELECT 1 FROM machines m WHERE m.license_id = l.id AND m.machine_hmac = ?2)
      OR (SELECT COUNT(*) FROM machines m WHERE m.license_id = l.id) < l.machines_max)
  ON CONFLICT (license_id, machine_hmac) DO UPDATE SET last_seen = excluded.last_seen,
    last_request = excluded.last_request, app_version = excluded.app_version, country = excluded.country
  RETURNING fernet_key_sealed`;

const kAuditSql = `
  INSERT INTO audit_log
    (request_id, at, action, outcome, license_id, machine_hmac, address_hmac, country, user_agent)
  SELECT ?2, ?4, 'provision', iif(m.license_id IS NULL, 'denied', 'granted'), l.id, ?3, ?5, ?6, ?7
  FROM (SELECT 1) LEFT JOIN licenses l ON l.code_hmac = ?1
  LEFT JOIN machines m ON m.license_id = l.id AND m.machine_hmac = ?3 AND m.last_request = ?2`;

const kFactsSql = "SELECT id, plan, status, expires_at FROM licenses WHERE code_hmac = ?1";

const kKeepFernetKeySql =
  "UPDATE machines SET fernet_key_sealed = ?3 WHERE license_id = ?1 AND machine_hmac = ?2";

export interface Attempt {
  codeHmac: string;
  machineHmac: string;
  addressHmac: string;
  requestId: string;
  nowMs: number;
  appVersion: string | null;
  country: string | null;
  userAgent: string | null;
  ipLimit: number;
  licenseLimit: number;
}

export interface License {
  id: string;
  plan: string;
  status: string;
  expires_at: number;
}

export interface Limit {
  name: "ip" | "license";
  quota: number;
  left: number;
  resetSeconds: number;
  passed: boolean;
}

export interface Outcome {
  license: License | undefined;
  // The seat, or undefined where none was granted.
  seat: { fernet_key_sealed: string | null } | undefined;
  limits: Limit[];
}

interface LimitRow {
  subject: string;
  window_start: number;
  hits: number;
}

export async function attemptProvision(db: D1Database, a: Attempt): Promise<Outcome> {
  const [limits, seat, , facts] = await db.batch([
    db.prepare(kLimitsSql).bind(a.addressHmac, a.codeHmac, a.nowMs),
    db.prepare(kSeatSql).bind(
      a.codeHmac, a.machineHmac, a.nowMs, a.requestId, a.appVersion, a.country, a.addressHmac, a.ipLimit,
      a.licenseLimit),
    db.prepare(kAuditSql).bind(
      a.codeHmac, a.requestId, a.machineHmac, a.nowMs, a.addressHmac, a.country, a.userAgent),
    db.prepare(kFactsSql).bind(a.codeHmac),
  ]) as [D1Result<LimitRow>, D1Result<{ fernet_key_sealed: string | null }>, D1Result, D1Result<License>];
  return {
    license: facts.results[0],
    seat: seat.results[0],
    limits: limits.results.map((row) => {
      const isIp = row.subject === a.addressHmac;
      const quota = isIp ? a.ipLimit : a.licenseLimit;
      return {
        name: isIp ? "ip" : "license",
        quota,
        left: Math.max(0, quota - row.hits),
        resetSeconds: Math.ceil((row.window_start + kWindowMs - a.nowMs) / 1000),
        passed: row.hits > quota,
      };
    }),
  };
}

export async function keepFernetKey(db: D1Database, licenseId: string, machineHmac: string, sealed: string) {
  await db.prepare(kKeepFernetKeySql).bind(licenseId, machineHmac, sealed).run();
}
