// Who asks for what: licences, the machines of each, and the request each machine sends.

import { createHash, pbkdf2Sync, randomBytes, webcrypto } from "node:crypto";
import { requestBytes } from "./load.mjs";

export const kProviders = ["deepseek", "kimi", "mistral", "qwen", "yandex", "zhipu"];
export const kDeliveries = ["plain", "hpke", "fernet"];
export const kMachinesPerLicense = 2;

export function makeProviderKeys() {
  const key = (name) => `sk-bench-${name}-${randomBytes(20).toString("hex")}`;
  return Object.fromEntries(kProviders.map((name) => [name, key(name)]));
}

export const providerSecrets = (keys) =>
  Object.fromEntries(Object.entries(keys).map(([name, key]) => [`${name.toUpperCase()}_API_KEY`, key]));

const kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

// Codes for the floor and the peer, of the length and alphabet of a generated one.
export function makeLicenseCodes(count) {
  const group = () => Array.from(randomBytes(5), (byte) => kCrockford[byte & 31]).join("");
  return Array.from({ length: count }, () => `WF-${group()}-${group()}-${group()}-${group()}-${group()}`);
}

// A device for each seat: {seat, id, address, clientKey (base64url), privateKey}. The same devices ask
// every server.
export async function makeMachines(count) {
  return Promise.all(Array.from({ length: count }, async (_, index) => {
    const pair = await webcrypto.subtle.generateKey("X25519", true, ["deriveBits"]);
    const raw = await webcrypto.subtle.exportKey("raw", pair.publicKey);
    return {
      seat: index,
      id: randomBytes(16).toString("hex"),
      address: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
      clientKey: Buffer.from(raw).toString("base64url"),
      privateKey: pair.privateKey,
    };
  }));
}

export function provisionBody(machine, licenseCode, delivery) {
  const body = { license_id: licenseCode, machine_id: machine.id, app_version: "1.4.2", delivery };
  return delivery === "hpke" ? { ...body, client_public_key: machine.clientKey } : body;
}

export function provisionHeaders(machine) {
  return { "cf-connecting-ip": machine.address, "user-agent": "latchkey-bench", accept: "*/*" };
}

export function provisionRequest(machine, licenseCode, delivery) {
  const body = JSON.stringify(provisionBody(machine, licenseCode, delivery));
  return requestBytes({ path: "/keys/provision", headers: provisionHeaders(machine), body });
}

export const codeOf = (machine, codes) => codes[Math.floor(machine.seat / kMachinesPerLicense)];

// The requests of one round: every machine in turn, starting anywhere, each with its own licence. Gives
// the requests and the machine of each.
export function roundOf(machines, codes, delivery, count, offset) {
  const picked = Array.from({ length: count }, (_, index) => machines[(offset + index) % machines.length]);
  const requests = picked.map((machine) => provisionRequest(machine, codeOf(machine, codes), delivery));
  return { picked, requests };
}

const fernetKeys = new Map();

// The Fernet key (base64url text) that the desktop client derives from its machine id.
export function fernetKeyOf(machineId) {
  let key = fernetKeys.get(machineId);
  if (key === undefined) {
    const digest = createHash("sha256").update(`writers-factory-key-encryption-v1${machineId}`).digest();
    key = pbkdf2Sync(machineId, digest.subarray(0, 16), 100_000, 32, "sha256").toString("base64url");
    fernetKeys.set(machineId, key);
  }
  return key;
}
