// Clients that open what the service answers, each with libraries that share no code with it:
// @hpke/core, fernet and jose from npm, PBKDF2 and hashes of Node.
import { createHash, pbkdf2Sync } from "node:crypto";
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import fernet from "fernet";
import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify } from "jose";

const encoder = new TextEncoder();
const info = encoder.encode("latchkey/provision/v1");
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

// desktopFernetKey: how the published desktop client derives its local key.
export function desktopFernetKey(machineId) {
  const salt = createHash("sha256")
    .update(`writers-factory-key-encryption-v1${machineId}`)
    .digest()
    .subarray(0, 16);
  return pbkdf2Sync(machineId, salt, 100_000, 32, "sha256").toString("base64url") + "=";
}

// openFernet: provider to plaintext. Throws where a token is forged or of another key.
export function openFernet(keys, machineId) {
  const secret = new fernet.Secret(desktopFernetKey(machineId));
  return Object.fromEntries(
    Object.entries(keys).map(([name, token]) => [name, new fernet.Token({ secret, token, ttl: 0 }).decode()]),
  );
}

// makeDevice: an X25519 key pair, its public half as the request has it, and its thumbprint.
export async function makeDevice() {
  const pair = await suite.kem.generateKeyPair();
  const raw = Buffer.from(await suite.kem.serializePublicKey(pair.publicKey));
  const publicKey = raw.toString("base64url");
  return {
    pair,
    publicKey,
    thumbprint: await calculateJwkThumbprint({ kty: "OKP", crv: "X25519", x: publicKey }),
  };
}

// openHpke: provider to plaintext: one context, providers in ascending order of name, each with
// its name as associated data.
export async function openHpke({ keys, hpke }, device) {
  const recipient = await suite.createRecipientContext({
    recipientKey: device.pair.privateKey,
    enc: Buffer.from(hpke.enc, "base64url"),
    info,
  });
  const opened = {};
  for (const name of Object.keys(keys).sort()) {
    const plain = await recipient.open(Buffer.from(keys[name], "base64url"), encoder.encode(name));
    opened[name] = Buffer.from(plain).toString();
  }
  return opened;
}

export const machineClaim = (machineId) =>
  createHash("sha256").update(`latchkey/machine/v1${machineId}`).digest("base64url");

// readReceipt: its claims, verified against the key set. Throws where the signature is not.
export async function readReceipt(receipt, jwks) {
  const { payload, protectedHeader } = await jwtVerify(receipt, createLocalJWKSet(jwks), {
    algorithms: ["EdDSA"],
  });
  return { ...payload, header: protectedHeader };
}

const desktopProviders = ["deepseek", "qwen", "mistral", "zhipu", "kimi", "yandex"];

// The published desktop client, as far as it reads the network: what it sends, what it reads and
// what it makes of statuses (key_provisioning_service.py of gcharris/writers-factory-app).
// Where Python raises, this throws.
export class DesktopClient {
  #url;
  #machineId;
  #headers;
  #rows = new Map(); // Table provisioned_keys: provider to {encrypted, expiresAt}.

  constructor(keyServerUrl, machineId, headers = {}) {
    this.#url = `${keyServerUrl}/keys/provision`; // A trailing slash is not removed.
    this.#machineId = machineId;
    this.#headers = headers;
  }

  async provisionKeys(licenseId) {
    const response = await fetch(this.#url, {
      method: "POST",
      redirect: "manual",
      headers: {
        "content-type": "application/json",
        accept: "*/*",
        "user-agent": "python-httpx/0.27.2",
        ...this.#headers,
      },
      body: JSON.stringify({
        machine_id: this.#machineId,
        license_id: licenseId,
        requested_providers: desktopProviders,
      }),
    });
    const failed = (message) => ({ success: false, status: "error", error_message: message, providers: [] });
    if (response.status === 401) return failed("Invalid license ID");
    if (response.status === 429) return failed("Rate limited - please try again later");
    if (response.status !== 200) return failed(`Server error: ${response.status}`);
    try {
      return { success: true, status: "active", providers: this.#keep(await response.json()) };
    } catch (error) {
      return failed(error.message);
    }
  }

  #keep(data) {
    let expiresAt = null;
    if ("expires_at" in data) {
      if (typeof data.expires_at !== "string")
        throw new Error("'NoneType' object has no attribute 'replace'");
      expiresAt = Date.parse(data.expires_at);
      if (Number.isNaN(expiresAt)) throw new Error("Invalid isoformat string");
    }
    const keys = "keys" in data ? data.keys : {};
    if (keys === null) throw new Error("'NoneType' object has no attribute 'items'");
    const kept = [];
    for (const [provider, entry] of Object.entries(keys)) {
      if (typeof entry !== "object") throw new Error("'str' object has no attribute 'get'");
      if (!entry.api_key) continue;
      this.#rows.set(provider, { apiKey: entry.api_key, expiresAt });
      kept.push(provider);
    }
    return kept;
  }

  // A row with an expiry is compared as naive against aware time, which raises in Python.
  getKey(provider) {
    const row = this.#rows.get(provider);
    if (!row) return null;
    if (row.expiresAt !== null) throw new TypeError("can't compare offset-naive and offset-aware datetimes");
    return row.apiKey;
  }

  listProviders() {
    return desktopProviders.filter((provider) => this.getKey(provider) !== null);
  }
}
