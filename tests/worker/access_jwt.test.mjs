// Cloudflare Access: its tokens let admins in where it is set up, verified with its published keys, and changes need
// our own origin and JSON. A loopback server stands for Cloudflare.
import assert from "node:assert/strict";
import { createHmac, createSign, generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { indexHash } from "../support/formats.mjs";
import { assertProblem, openWorld } from "../support/world.mjs";

const team = "https://writers.cloudflareaccess.com";
const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
const scopes = "licenses:read,licenses:write,config:read";

// Team: the keys of a team, published by a server that can be away.
class Team {
  keys = new Map();
  published = [];
  asked = 0;
  status = 200;

  addKey(kid, { publish = true, bits = 2048 } = {}) {
    const pair = generateKeyPairSync("rsa", { modulusLength: bits });
    this.keys.set(kid, pair);
    if (publish) this.publish(kid);
  }
  publish(kid) {
    const jwk = this.keys.get(kid).publicKey.export({ format: "jwk" });
    this.published.push({ ...jwk, kid, alg: "RS256", use: "sig" });
  }
  async start() {
    this.server = createServer((request, response) => {
      this.asked += 1;
      assert.equal(request.url, "/cdn-cgi/access/certs");
      assert.equal(request.headers.authorization, undefined);
      const body = JSON.stringify({ keys: this.published, public_cert: { kid: "x" } });
      response.writeHead(this.status, { "content-type": "application/json" }).end(body);
    });
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }
  get url() {
    return `http://127.0.0.1:${this.server.address().port}/cdn-cgi/access/certs`;
  }
  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
  // token: as Access makes it, with these claims and header members in place of its own.
  token(claims = {}, header = {}, { sign = "k1" } = {}) {
    const now = Math.floor(Date.now() / 1000);
    const all = {
      aud: [audience], email: "Ann@example.com", exp: now + 600, iat: now, nbf: now, iss: team, type: "app",
      sub: "7335d417-61da-459d-899c-0a01c76a2f94", ...claims,
    };
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${encode({ alg: "RS256", kid: sign, typ: "JWT", ...header })}.${encode(all)}`;
    return `${text}.${createSign("sha256").update(text).sign(this.keys.get(sign).privateKey, "base64url")}`;
  }
}

let cloudflare;
let world;
const settings = () => ({
  ACCESS_TEAM_DOMAIN: team, ACCESS_AUD: audience, ACCESS_SCOPES: scopes, ACCESS_KEYS_URL: cloudflare.url,
});
before(async () => {
  cloudflare = new Team();
  await cloudflare.start();
  cloudflare.addKey("k1");
  cloudflare.addKey("foreign", { publish: false });
  world = await openWorld({ vars: settings() });
});
after(async () => {
  await world?.stop();
  await cloudflare.stop();
});

const assertion = (token) => ({ "cf-access-jwt-assertion": token });
const get = (path, headers) => world.send("GET", path, undefined, headers);
const ownOrigin = () => ({ origin: world.url.origin });

test("whom Access lets in may read what ACCESS_SCOPES says, by its header or its cookie", async () => {
  const token = cloudflare.token();
  assert.equal((await get("/admin/licenses", assertion(token))).status, 200);
  assert.equal((await get("/admin/licenses", { cookie: `a=b; CF_Authorization=${token}; c=d` })).status, 200);
  assert.equal((await get("/admin/licenses", assertion(cloudflare.token({ aud: audience })))).status, 200);
  assertProblem(await get("/admin/tokens", assertion(token)), 403, "forbidden");
  const [denied] = await world.audit("reason = 'wrong_scope'");
  assert.deepEqual(JSON.parse(denied.details), { scope: "tokens:read" });
  assert.equal(cloudflare.asked, 1, "the keys are fetched once");
});

test("the session says how they came in, what ACCESS_SCOPES gives and when that ends", async () => {
  const exp = Math.floor(Date.now() / 1000) + 300;
  const { status, body } = await get("/admin/session", assertion(cloudflare.token({ exp })));
  assert.equal(status, 200);
  const hash = indexHash(world.secrets.INDEX_KEY, "holder", "ann@example.com").slice(0, 22);
  assert.deepEqual([body.actor, body.kind, body.name, body.token_id], [`access:${hash}`, "access", null, null]);
  assert.equal(Date.parse(body.expires_at), exp * 1000);
  assert.deepEqual(body.scopes, scopes.split(",").sort());
});

test("what it does stands in the log under a keyed hash of its address, and no address does", async () => {
  const answer = await world.send("POST", "/admin/licenses", {}, { ...assertion(cloudflare.token()), ...ownOrigin() });
  assert.equal(answer.status, 201, answer.text);
  const [{ actor }] = await world.audit("action = 'license.created'");
  const hash = indexHash(world.secrets.INDEX_KEY, "holder", "ann@example.com");
  assert.equal(actor, `access:${hash.slice(0, 22)}`);
  const service = cloudflare.token({ email: undefined, common_name: "robot.access", sub: "" });
  const made = await world.send("POST", "/admin/licenses", {}, { ...assertion(service), ...ownOrigin() });
  assert.equal(made.status, 201, made.text);
  const rows = await world.audit("action = 'license.created'");
  assert.equal(rows[1].actor, `access:${indexHash(world.secrets.INDEX_KEY, "holder", "robot.access").slice(0, 22)}`);
});

test("a change needs our own Origin and JSON, for the token rides on a cookie", async () => {
  const { id } = await world.license();
  const cookie = { cookie: `CF_Authorization=${cloudflare.token()}` };
  const revoke = (headers, body = {}) => world.send("POST", `/admin/licenses/${id}/revoke`, body, { ...cookie, ...headers });
  const cases = [
    {}, { origin: "https://evil.example" }, { origin: "null" }, { origin: `${world.url.origin}.evil.example` },
    { ...ownOrigin(), "content-type": "text/plain" }, { ...ownOrigin(), "content-type": "application/x-www-form-urlencoded" },
  ];
  for (const headers of cases) assertProblem(await revoke(headers), 403, "forbidden");
  const bare = await world.send("POST", `/admin/licenses/${id}/revoke`, undefined, { ...cookie, ...ownOrigin() });
  assertProblem(bare, 403, "forbidden");
  assert.equal((await world.audit("reason = 'foreign_origin'")).length, cases.length + 1);
  assert.equal((await world.admin("GET", `/admin/licenses/${id}`)).body.status, "active");
  assert.equal((await revoke(ownOrigin())).body.status, "revoked");
});

test("a token that is not one of the team's, for us and of now is refused, whatever its shape", async () => {
  const now = Math.floor(Date.now() / 1000);
  const good = cloudflare.token();
  const [header, payload, signature] = good.split(".");
  const encode = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
  const none = `${encode({ alg: "none", kid: "k1" })}.${payload}.`;
  const pem = cloudflare.keys.get("k1").publicKey.export({ type: "spki", format: "pem" });
  const hmacText = `${encode({ alg: "HS256", kid: "k1" })}.${payload}`;
  const hmac = `${hmacText}.${createHmac("sha256", pem).update(hmacText).digest("base64url")}`;
  const flipped = `${header}.${payload}.${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`;
  const cases = {
    none, hmac, flipped,
    "another payload": `${header}.${encode({ ...JSON.parse(Buffer.from(payload, "base64url")), email: "b@c.d" })}.${signature}`,
    "no signature": `${header}.${payload}.`,
    "two parts": `${header}.${payload}`,
    "four parts": `${good}.x`,
    padded: `${good}=`,
    "a foreign key under our kid": cloudflare.token({}, { kid: "k1" }, { sign: "foreign" }),
    "a foreign key": cloudflare.token({}, {}, { sign: "foreign" }),
    "no kid": cloudflare.token({}, { kid: undefined }),
    "a critical extension": cloudflare.token({}, { crit: ["exp"] }),
    "another issuer": cloudflare.token({ iss: "https://other.cloudflareaccess.com" }),
    "no issuer": cloudflare.token({ iss: undefined }),
    "another audience": cloudflare.token({ aud: ["other"] }),
    "a longer audience": cloudflare.token({ aud: `${audience}0` }),
    "no audience": cloudflare.token({ aud: undefined }),
    expired: cloudflare.token({ exp: now - 120 }),
    "no end": cloudflare.token({ exp: undefined }),
    "an end that is no number": cloudflare.token({ exp: String(now + 600) }),
    "not yet": cloudflare.token({ nbf: now + 600 }),
    "issued in the future": cloudflare.token({ iat: now + 600 }),
    nobody: cloudflare.token({ email: undefined, sub: undefined }),
    empty: "..",
    long: `${good}${"A".repeat(9000)}`,
  };
  for (const [name, token] of Object.entries(cases)) {
    const answer = await get("/admin/licenses", assertion(token));
    assert.equal(answer.status, 401, `${name}: ${answer.text}`);
    assert.equal(answer.body.error, "unauthorized", name);
  }
  assert.equal((await world.audit("reason = 'access_refused'")).length, Object.keys(cases).length);
  // A minute between its clock and ours is nothing.
  assert.equal((await get("/admin/licenses", assertion(cloudflare.token({ exp: now - 30, nbf: now + 30 })))).status, 200);
});

test("a bearer token counts before it, a wrong one too", async () => {
  const token = assertion(cloudflare.token());
  const right = { authorization: `Bearer ${world.secrets.ADMIN_TOKEN}` };
  assert.equal((await get("/admin/tokens", { ...token, ...right })).status, 200);
  assertProblem(await get("/admin/licenses", { ...token, authorization: "Bearer wrong" }), 401, "unauthorized");
  const { id } = await world.license();
  const revoked = await world.send("POST", `/admin/licenses/${id}/revoke`, {}, right);
  assert.equal(revoked.status, 200, "no Origin is asked of a bearer token");
});

test("guesses are throttled by address like wrong bearer tokens", async () => {
  const headers = { ...assertion("a.b.c"), "cf-connecting-ip": "198.51.100.77" };
  for (let i = 0; i < 20; i++) assert.equal((await get("/admin/config", headers)).status, 401);
  assertProblem(await get("/admin/config", headers), 429, "rate_limited");
});

test("where its keys cannot be had it is a 503, and never a 401", async () => {
  const other = new Team();
  await other.start();
  other.addKey("k1");
  const fresh = await openWorld({ vars: { ...settings(), ACCESS_KEYS_URL: other.url } });
  try {
    const read = (token) => fresh.send("GET", "/admin/licenses", undefined, assertion(token));
    other.status = 500;
    assertProblem(await read(other.token()), 503, "unavailable");
    assertProblem(await read(other.token()), 503, "unavailable");
    assert.equal(other.asked, 1, "the second did not ask again");
    const right = await fresh.admin("GET", "/admin/licenses");
    assert.equal(right.status, 200, "a bearer token needs none of it");
    assert.equal(await fresh.number("SELECT count(*) FROM audit_log WHERE action = 'admin.denied'"), 0);
  } finally {
    await fresh.stop();
    await other.stop();
  }
});

test("where it is not set up its tokens are nothing", async () => {
  const plain = await openWorld();
  try {
    const answer = await plain.send("GET", "/admin/licenses", undefined, assertion(cloudflare.token()));
    assertProblem(answer, 401, "unauthorized");
  } finally {
    await plain.stop();
  }
});
