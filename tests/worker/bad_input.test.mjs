// Bad input over real HTTP: each gets its own clear error, nothing is stored but the audit row
// where one is due, and the next request works.
import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { after, afterEach, before, describe, test } from "node:test";
import { makeDevice, openHpke } from "../support/client.mjs";
import { logged } from "../support/miniflare.mjs";
import { assertProblem, freshAddress, freshMachine, openWorld } from "../support/world.mjs";

const bytesMax = 16 * 1024;
const head = ["POST /keys/provision HTTP/1.1", "Host: h", "Content-Type: application/json"];

let world;
let license;
before(async () => {
  world = await openWorld();
  license = await world.license({ max_machines: 1000 });
});
after(() => world.stop());

// After every case the same instance serves the next request.
afterEach(async () => {
  const answer = await world.provision({ license_id: license.code, machine_id: "next", delivery: "plain" });
  assert.equal(answer.status, 200, answer.text);
  assert.ok(!world.logs.some(({ record }) => record?.event === "instance_discarded"));
  // The licence's own hour is not what these tests are about.
  await world.db.prepare("DELETE FROM rate_limits WHERE subject LIKE 'lic_%'").run();
});

const good = () => ({ license_id: license.code, machine_id: "m" });

async function numStored() {
  const counts = {};
  for (const table of ["rate_limits", "audit_log", "machines", "licenses", "provider_keys"]) {
    counts[table] = await world.number(`SELECT count(*) FROM ${table}`);
  }
  return counts;
}

// refused: a 400 that names the field, counts nothing and stores nothing.
async function refused(body, location, path = "/keys/provision") {
  const before = await numStored();
  const answer = await world.send("POST", path, body);
  const problem = assertProblem(answer, 400, "invalid_request");
  if (location !== undefined) {
    assert.ok(
      problem.errors?.some((error) => error.location === location),
      answer.text,
    );
    for (const error of problem.errors) assert.ok(error.message.length > 3);
  }
  assert.equal(answer.headers.get("ratelimit"), null);
  assert.equal(answer.headers.get("ratelimit-policy"), null);
  assert.deepEqual(await numStored(), before);
  return problem;
}

describe("a body that is not the JSON of a request is 400 and says so", () => {
  const cases = {
    nothing: "",
    "no JSON": "license_id=x&machine_id=y",
    "cut off": '{"license_id":"x","machine_id":"y"',
    "text after it": '{"machine_id":"y"} x',
    "a null": "null",
    "a number": "42",
    "a string": '"machine"',
    "an array": "[]",
    "nesting 1,000 deep": `{"machine_id":"m","x":${"[".repeat(1000)}${"]".repeat(1000)}}`,
    "a member twice": '{"machine_id":"a","machine_id":"b"}',
    "a member twice, once escaped": '{"machine_id":"a","machine\\u005fid":"b"}',
    "a lone surrogate": '{"machine_id":"\\ud800"}',
    "a lone surrogate in a name": '{"machine_id":"m","\\udc00":1}',
    "a comment": '{"machine_id":"m"/* */}',
    "a trailing comma": '{"machine_id":"m",}',
    NaN: '{"machine_id":"m","x":NaN}',
  };
  for (const [what, body] of Object.entries(cases)) {
    for (const path of ["/keys/provision", "/keys/status", "/trials"]) {
      test(`${what} (${path})`, () => refused(body, undefined, path));
    }
  }

  test("invalid UTF-8", async () => {
    for (const bytes of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xc0, 0xaf]]) {
      const body = Buffer.concat([Buffer.from('{"machine_id":"m'), Buffer.from(bytes), Buffer.from('"}')]);
      const answer = await world.fetch("/keys/provision", {
        method: "POST",
        body,
        headers: { "content-type": "application/json", "cf-connecting-ip": freshAddress() },
      });
      assertProblem(answer, 400, "invalid_request");
    }
  });
});

describe("a field that is wrong is 400 and named", () => {
  const long = (n) => "a".repeat(n);
  const cases = [
    ["machine_id", undefined],
    ["machine_id", null],
    ["machine_id", 1],
    ["machine_id", {}],
    ["machine_id", ""],
    ["machine_id", long(129)],
    ["machine_id", "a\u0000b"],
    ["machine_id", "a\nb"],
    ["machine_id", "a\u007f"],
    ["machine_id", "a\u0085"],
    ["license_id", 1],
    ["license_id", true],
    ["license_id", ["x"]],
    ["license_id", ""],
    ["license_id", long(255)],
    ["license_id", "WRITER\t2024"],
    ["app_version", 1.5],
    ["app_version", ""],
    ["app_version", long(65)],
    ["app_version", "1\r2"],
    ["requested_providers", "kimi"],
    ["requested_providers", {}],
    ["requested_providers", []],
    ["requested_providers", ["openai"]],
    ["requested_providers", [1]],
    ["requested_providers", ["kimi", null]],
    ["requested_providers", Array(65).fill("kimi")],
    ["delivery", "carrier-pigeon"],
    ["delivery", "HPKE"],
    ["delivery", ""],
    ["delivery", 1],
    ["client_public_key", 1],
    ["client_public_key", ""],
    ["client_public_key", long(42)],
    ["client_public_key", Buffer.alloc(31, 9).toString("base64url")],
    ["client_public_key", Buffer.alloc(33, 9).toString("base64url")],
    ["client_public_key", `${Buffer.alloc(32, 0xfb).toString("base64")}`],
    ["client_public_key", "!".repeat(43)],
    ["receipt", 1],
    ["receipt", ""],
    ["receipt", long(8193)],
  ];
  for (const [name, value] of cases) {
    const shown = JSON.stringify(value)?.slice(0, 40) ?? "absent";
    test(`${name}: ${shown}`, () => refused({ ...good(), [name]: value }, name));
  }

  test("delivery hpke without a device key", () =>
    refused({ ...good(), delivery: "hpke" }, "client_public_key"));

  test("several at once are all named", async () => {
    const problem = await refused({ machine_id: 1, license_id: 2, delivery: 3 }, "machine_id");
    assert.deepEqual(problem.errors.map(({ location }) => location).sort(), [
      "delivery",
      "license_id",
      "machine_id",
    ]);
  });

  test("the message repeats no value of the client's", async () => {
    const answer = await world.provision({
      machine_id: "m",
      license_id: 7,
      delivery: "secret-in-a-wrong-field",
    });
    assert.equal(answer.status, 400);
    assert.ok(!answer.text.includes("secret-in-a-wrong-field"));
  });
});

describe("a device key of low order is no key", () => {
  // RFC 7748 and https://cr.yp.to/ecdh.html: the points whose multiples are few.
  const points = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ];
  for (const hex of points) {
    test(hex.slice(0, 16), () =>
      refused(
        { ...good(), client_public_key: Buffer.from(hex, "hex").toString("base64url") },
        "client_public_key",
      ),
    );
  }
});

test("unknown fields are ignored: clients in the field are older and newer than the service", async () => {
  const answer = await world.provision({
    ...good(),
    delivery: "plain",
    new_thing: { a: [1, 2, { b: null }] },
  });
  assert.equal(answer.status, 200, answer.text);
});

describe("a body over its limit is 413", () => {
  const padded = (bytes, rest = good()) => {
    const text = JSON.stringify({ ...rest, pad: "" });
    return JSON.stringify({ ...rest, pad: "x".repeat(bytes - text.length) });
  };

  test("16 KiB are taken, one byte more is not, on provision and status", async () => {
    for (const path of ["/keys/provision", "/keys/status", "/trials"]) {
      assert.notEqual((await world.send("POST", path, padded(bytesMax))).status, 413);
      const answer = await world.send("POST", path, padded(bytesMax + 1));
      const problem = assertProblem(answer, 413, "body_too_large");
      assert.match(problem.message, /16384 bytes/);
      assert.equal(answer.headers.get("ratelimit"), null);
    }
  });

  test("1 MiB is taken by an admin route that imports, one byte more is not", async () => {
    const limit = 1024 * 1024;
    const rows = { rows: [{ note: "x" }], dry_run: true };
    const text = JSON.stringify(rows);
    const fill = (bytes) => text + " ".repeat(bytes - text.length);
    assert.equal((await world.admin("POST", "/admin/licenses/import", fill(limit))).status, 200);
    assertProblem(
      await world.admin("POST", "/admin/licenses/import", fill(limit + 1)),
      413,
      "body_too_large",
    );
  });

  test("declared too large: answered before a byte of it has come", async () => {
    const socket = connect(world.url.port, world.url.hostname);
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write([...head, "Content-Length: 100000000", "", ""].join("\r\n"));
    const [first] = await once(socket, "data", { signal: AbortSignal.timeout(5000) });
    socket.destroy();
    assert.match(first.toString(), /^HTTP\/1\.1 413 /);
  });

  test("in chunks without end: answered while it still comes", async () => {
    const upload = httpRequest({
      host: world.url.hostname,
      port: world.url.port,
      path: "/keys/provision",
      method: "POST",
      headers: { "content-type": "application/json", "transfer-encoding": "chunked" },
    });
    upload.on("error", () => {}); // The server closes while we write.
    const answered = once(upload, "response", { signal: AbortSignal.timeout(5000) });
    let sent = 0;
    const timer = setInterval(() => {
      upload.write("x".repeat(1024));
      sent += 1024;
    }, 5);
    try {
      const [response] = await answered;
      assert.equal(response.statusCode, 413);
      assert.ok(sent < 1024 * 1024, `answered after ${sent} bytes`);
      response.resume();
    } finally {
      clearInterval(timer);
      upload.destroy();
    }
  });

  test("in chunks within the limit it is read whole", async () => {
    const upload = httpRequest({
      host: world.url.hostname,
      port: world.url.port,
      path: "/keys/provision",
      method: "POST",
      headers: {
        "content-type": "application/json",
        "transfer-encoding": "chunked",
        "cf-connecting-ip": freshAddress(),
      },
    });
    const text = JSON.stringify({ ...good(), delivery: "plain" });
    for (const character of text) upload.write(character);
    upload.end();
    const [response] = await once(upload, "response", { signal: AbortSignal.timeout(5000) });
    assert.equal(response.statusCode, 200);
    response.resume();
  });

  test("a client that goes away while it sends harms nobody", async () => {
    for (let i = 0; i < 20; i++) {
      const socket = connect(world.url.port, world.url.hostname);
      socket.on("error", () => {});
      await once(socket, "connect");
      socket.write([...head, "Content-Length: 100", "", '{"mach'].join("\r\n"));
      await new Promise((resolve) => setTimeout(resolve, 5));
      socket.destroy();
    }
    assert.equal((await world.fetch("/health")).status, 200);
  });
});

describe("a content type that is not JSON is 415", () => {
  for (const type of [
    "",
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/jsonp",
    "application/xml",
  ]) {
    test(type || "none", async () => {
      const before = await numStored();
      for (const path of ["/keys/provision", "/keys/status", "/trials"]) {
        const answer = await world.fetch(path, {
          method: "POST",
          body: new Uint8Array(Buffer.from(JSON.stringify(good()))),
          headers: type ? { "content-type": type } : {},
        });
        assertProblem(answer, 415, "unsupported_media_type");
        assert.equal(answer.headers.get("ratelimit"), null);
      }
      assert.deepEqual(await numStored(), before);
    });
  }

  for (const type of [
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON;charset=UTF-8",
  ]) {
    test(`${type} is JSON`, async () => {
      const answer = await world.provision({ ...good(), delivery: "plain" }, { "content-type": type });
      assert.equal(answer.status, 200, answer.text);
    });
  }
});

describe("a method that a path does not take is 405 with Allow", () => {
  const cases = [
    ["GET", "/keys/provision", ["POST"]],
    ["PUT", "/keys/provision", ["POST"]],
    ["DELETE", "/keys/status", ["GET", "HEAD", "POST"]],
    ["POST", "/health", ["GET", "HEAD"]],
    ["PATCH", "/admin/licenses", ["GET", "HEAD", "POST"]],
    ["OPTIONS", "/keys/provision", ["POST"]],
    ["PROPFIND", "/version", ["GET", "HEAD"]],
  ];
  for (const [method, path, allowed] of cases) {
    test(`${method} ${path}`, async () => {
      const answer = await world.fetch(path, { method });
      assertProblem(answer, 405, "method_not_allowed");
      assert.deepEqual(answer.headers.get("allow").split(", ").sort(), allowed);
      assert.equal(answer.headers.get("ratelimit"), null);
    });
  }

  test("HEAD is taken wherever GET is, and has no body", async () => {
    for (const path of ["/health", "/ready", "/version", "/openapi.json", "/.well-known/jwks.json"]) {
      const answer = await world.fetch(path, { method: "HEAD" });
      assert.equal(answer.status, 200, path);
      assert.equal(answer.text, "");
      assert.equal(answer.headers.get("content-type"), "application/json");
    }
  });
});

describe("a path that is none is 404", () => {
  for (const path of [
    "/",
    "/keys",
    "/keys/provision/",
    "/keys/provisio",
    "/KEYS/PROVISION",
    "/%6beys/provision",
    "/admin",
    "/admin/licenses//",
    "/../etc/passwd",
    "/keys/provision%00",
    `/${"x".repeat(8000)}`,
  ]) {
    test(path.slice(0, 40), async () => {
      const answer = await world.fetch(path, {
        method: "POST",
        body: "{}",
        headers: { "content-type": "application/json" },
      });
      assertProblem(answer, 404, "not_found");
    });
  }
});

test("X-Forwarded-For and its kin do not change the address that is counted", async () => {
  const address = freshAddress();
  const hashes = new Set();
  for (const header of ["x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip", "x-client-ip"]) {
    const answer = await world.provision(
      { ...good(), delivery: "plain" },
      { "cf-connecting-ip": address, [header]: freshAddress() },
    );
    assert.equal(answer.status, 200);
    const [row] = await world.audit("request_id = ?", answer.headers.get("x-request-id"));
    hashes.add(row.address_hash);
  }
  assert.equal(hashes.size, 1);
  const [hash] = hashes;
  assert.equal((await world.window(`ip:${hash}`)).hits, 5);
});

test("a well-formed request that is refused stores one audit row, one count and no machine", async () => {
  const before = await numStored();
  assertProblem(
    await world.provision({ license_id: "WRITER-2024-NONE", machine_id: "m" }),
    401,
    "invalid_license",
  );
  const now = await numStored();
  assert.deepEqual(now, { ...before, audit_log: before.audit_log + 1, rate_limits: before.rate_limits + 1 });
});

test("a user agent of any bytes is kept short and printable", async () => {
  const agent = `a\u00ff${"b".repeat(3000)}`;
  const answer = await world.provision({ ...good(), delivery: "plain" }, { "user-agent": agent });
  assert.equal(answer.status, 200);
  const [row] = await world.audit("request_id = ?", answer.headers.get("x-request-id"));
  assert.match(row.user_agent, /^[\x20-\x7e]{1,200}$/);
});

describe("licence codes are read as people write them", () => {
  test("an e-mail address in any case and with space around it", async () => {
    await world.license({ code: "Ada.Lovelace@Example.com" });
    for (const license_id of ["ada.lovelace@example.com", "  ADA.LOVELACE@EXAMPLE.COM "]) {
      assert.equal((await world.provision({ license_id, machine_id: "m" })).status, 200);
    }
  });

  test("a generated code with look-alikes folded; a typo is refused, counted and audited", async () => {
    const { code } = await world.license();
    assert.match(code, /^WF(-[0-9A-HJKMNP-TV-Z]{5})+$/);
    const body = code.slice(3);
    const alike = `wf-${body.toLowerCase().replaceAll("0", "o").replaceAll("1", "l")}`;
    assert.equal((await world.provision({ license_id: alike, machine_id: "m" })).status, 200);
    const last = code.at(-1) === "7" ? "8" : "7";
    const typo = await world.provision({ license_id: code.slice(0, -1) + last, machine_id: "m" });
    assertProblem(typo, 401, "invalid_license");
    const [row] = await world.audit("request_id = ?", typo.headers.get("x-request-id"));
    assert.deepEqual([row.action, row.reason, row.license_id], ["provision.denied", "unknown_license", null]);
    assert.match(typo.headers.get("ratelimit"), /^"ip";r=99;t=\d+$/);
  });
});

test("a missing or malformed secret is named in the log alone, and every request is 503", async () => {
  const cases = [
    ["MASTER_KEY", undefined],
    ["MASTER_KEY", "k1:bm90LTMyLWJ5dGVz"],
    ["MASTER_KEY", "malformed-master-key-value"],
    ["INDEX_KEY", "malformed-index-key-value"],
    ["SIGNING_KEY", "s1:malformed-signing-key-value"],
    ["ADMIN_TOKEN", undefined],
    ["ADMIN_TOKEN", "short"],
  ];
  for (const [name, value] of cases) {
    const broken = await openWorld({ vars: { [name]: value }, migrate: false });
    try {
      for (const path of ["/keys/provision", "/health", "/ready", "/admin/licenses"]) {
        const answer = await broken.fetch(path, { method: "GET" });
        assert.equal(answer.status, 503, `${name} ${path}`);
        if (value) assert.ok(!answer.text.includes(value));
        assert.ok(!answer.text.includes(name), "the client is not told which");
      }
      const record = await logged(broken, "config_error");
      assert.ok(record.detail.includes(name), JSON.stringify(record));
      if (value) for (const { message } of broken.logs) assert.ok(!message.includes(value), message);
    } finally {
      await broken.stop();
    }
  }
});

test("a binding that is missing is named in the log and answered with a bare 503", async () => {
  for (const name of ["DB", "KV"]) {
    const broken = await openWorld({ without: [name], migrate: false });
    try {
      assertProblem(await broken.fetch("/health"), 503, "unavailable");
      assert.equal((await logged(broken, "binding_missing")).binding, name);
    } finally {
      await broken.stop();
    }
  }
});

test("production refuses plain http, and every answer carries HSTS", async () => {
  const production = await openWorld({ vars: { ENVIRONMENT: "production" } });
  try {
    for (const path of ["/health", "/keys/provision", "/nowhere"]) {
      const answer = await production.send("POST", path, { machine_id: "m" });
      assertProblem(answer, 400, "invalid_request");
      assert.match(answer.headers.get("strict-transport-security"), /^max-age=\d{8,}/);
    }
  } finally {
    await production.stop();
  }
});

test("CORS is off unless an origin is named, and then for that one alone", async () => {
  const origin = "https://app.example.com";
  const named = await openWorld({ vars: { CORS_ORIGINS: origin } });
  try {
    const allowed = (answer) => answer.headers.get("access-control-allow-origin");
    assert.equal(allowed(await world.fetch("/health", { headers: { origin } })), null);
    assert.equal(allowed(await named.fetch("/health", { headers: { origin } })), origin);
    assert.equal(
      allowed(await named.fetch("/health", { headers: { origin: "https://evil.example" } })),
      null,
    );
    const preflight = await named.fetch("/keys/provision", {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    });
    assert.equal(preflight.status, 204);
    assert.equal(allowed(preflight), origin);
    assert.match(preflight.headers.get("access-control-allow-methods"), /POST/);
  } finally {
    await named.stop();
  }
});

test("a device key may carry its padding", async () => {
  const device = await makeDevice();
  const { status, body } = await world.provision({
    ...good(),
    machine_id: freshMachine(),
    client_public_key: `${device.publicKey}=`,
  });
  assert.equal(status, 200);
  assert.deepEqual(await openHpke(body, device), world.providerKeys);
});
