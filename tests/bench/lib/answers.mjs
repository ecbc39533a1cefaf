// Opens and checks answers. A benchmark of wrong answers measures nothing: any flaw throws.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import fernet from "fernet";
import { createLocalJWKSet, jwtVerify } from "jose";
import { fernetKeyOf, kProviders } from "./workload.mjs";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const kTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

export function describeAnswer({ status, body }) {
  return `${status} ${body.toString("utf8", 0, 300)}`;
}

// Status and shape; cheap enough for every answer. Gives the parsed body.
export function checkShape(answer, delivery) {
  assert.equal(answer.status, 200, describeAnswer(answer));
  const body = JSON.parse(answer.body.toString());
  assert.equal(body.success, true);
  assert.equal(body.delivery, delivery);
  assert.deepEqual(Object.keys(body.keys).sort(), kProviders);
  for (const name of kProviders) {
    const key = body.keys[name];
    assert.equal(typeof (delivery === "plain" ? key.api_key : key), "string");
    const times = delivery === "plain" ? key : body;
    assert.match(times.expires_at, kTime);
    assert.match(times.refresh_after, kTime);
    assert.equal(typeof body.key_versions[name], "number");
  }
  // An expires_at at the top would break the published desktop client.
  if (delivery === "plain") assert.equal("expires_at" in body, false);
  assert.equal(typeof body.hpke?.enc, delivery === "hpke" ? "string" : "undefined");
  assert.equal(body.receipt.split(".").length, 3);
  return body;
}

async function openKeys(body, delivery, machine) {
  if (delivery === "plain") return kProviders.map((name) => body.keys[name].api_key);
  if (delivery === "fernet") {
    const secret = new fernet.Secret(fernetKeyOf(machine.id));
    const decode = (token) => new fernet.Token({ secret, token, ttl: 0 }).decode();
    return kProviders.map((name) => decode(body.keys[name]));
  }
  const recipient = await suite.createRecipientContext({
    recipientKey: machine.privateKey,
    enc: Buffer.from(body.hpke.enc, "base64url"),
    info: encoder.encode("latchkey/provision/v1"),
  });
  const opened = [];
  for (const name of kProviders) {
    const plain = await recipient.open(Buffer.from(body.keys[name], "base64url"), encoder.encode(name));
    opened.push(decoder.decode(plain));
  }
  return opened;
}

async function checkReceipt(receipt, jwks, machine, delivery) {
  const { payload } = await jwtVerify(receipt, jwks, { algorithms: ["EdDSA"] });
  const digest = createHash("sha256").update(`latchkey/machine/v1${machine.id}`).digest("base64url");
  assert.equal(payload.machine, digest, "the receipt is for another machine");
  for (const claim of ["iat", "exp", "refresh_after"]) assert.equal(typeof payload[claim], "number");
  assert.equal(payload.grace_until, payload.exp + 30 * 86_400);
  assert.equal(payload.cnf !== undefined, delivery === "hpke", "cnf goes with a device key");
}

// Opens every key, compares it with the one the server was given, and verifies the receipt.
export async function openAnswer(answer, delivery, { machine, providerKeys, jwks }) {
  const body = checkShape(answer, delivery);
  const opened = await openKeys(body, delivery, machine);
  assert.deepEqual(opened, kProviders.map((name) => providerKeys[name]));
  await checkReceipt(body.receipt, jwks, machine, delivery);
}

export function checkCanned(answer, bytes) {
  assert.equal(answer.status, 200, describeAnswer(answer));
  assert.equal(answer.body.length, bytes);
  assert.equal(JSON.parse(answer.body.toString()).success, true);
}

export const readJwks = (answer) => createLocalJWKSet(JSON.parse(answer.body.toString()));
