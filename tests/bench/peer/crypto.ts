// The peer's cryptography: WebCrypto for HMAC, PBKDF2 and sealing; @hpke/core, fernet and jose for the rest.
// Keys are imported once an isolate. Only finished CryptoKeys are kept: a promise must not cross requests.

import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import type { Fernet } from "fernet";
import { SignJWT, base64url, importJWK, type JWK } from "jose";

const encoder = new TextEncoder();
const kFernetSaltLabel = "writers-factory-key-encryption-v1";
const kHpkeInfo = encoder.encode("latchkey/provision/v1");
const kNonceBytes = 12;

export interface Secrets {
  INDEX_KEY: string; // base64url, 32 bytes
  MASTER_KEY: string; // base64url, 32 bytes
  SIGNING_JWK: string; // a private Ed25519 JWK with a kid
}

export interface Keys {
  index: CryptoKey;
  master: CryptoKey;
  signing: CryptoKey;
  kid: string;
  publicJwk: JWK;
}

let cachedKeys: Keys | undefined;

export async function loadKeys(env: Secrets): Promise<Keys> {
  if (cachedKeys !== undefined) return cachedKeys;
  const jwk = JSON.parse(env.SIGNING_JWK) as JWK;
  const [index, master, signing] = await Promise.all([
    crypto.subtle.importKey(
      "raw", base64url.decode(env.INDEX_KEY), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]),
    crypto.subtle.importKey(
      "raw", base64url.decode(env.MASTER_KEY), "AES-GCM", false, ["encrypt", "decrypt"]),
    importJWK(jwk, "EdDSA") as Promise<CryptoKey>,
  ]);
  const { d: _private, ...publicJwk } = jwk;
  cachedKeys = { index, master, signing, kid: jwk.kid ?? "", publicJwk };
  return cachedKeys;
}

// The purpose keeps one kind of value from ever matching another kind's index.
export async function indexHmac(keys: Keys, purpose: string, value: string): Promise<string> {
  const mac = await crypto.subtle.sign("HMAC", keys.index, encoder.encode(`${purpose}\0${value}`));
  return base64url.encode(new Uint8Array(mac));
}

export async function sha256Base64url(text: string): Promise<string> {
  return base64url.encode(new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text))));
}

// base64url(nonce || ciphertext || tag); owner is authenticated beside it.
export async function seal(keys: Keys, owner: string, plain: Uint8Array<ArrayBuffer>): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(kNonceBytes));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: nonce, additionalData: encoder.encode(owner) }, keys.master, plain);
  const blob = new Uint8Array(kNonceBytes + sealed.byteLength);
  blob.set(nonce);
  blob.set(new Uint8Array(sealed), kNonceBytes);
  return base64url.encode(blob);
}

export async function open(keys: Keys, owner: string, blob: string): Promise<Uint8Array> {
  const bytes = base64url.decode(blob);
  const plain = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: bytes.subarray(0, kNonceBytes), additionalData: encoder.encode(owner) },
    keys.master, bytes.subarray(kNonceBytes));
  return new Uint8Array(plain);
}

// The Fernet key (32 bytes) that the desktop client derives from its machine id.
export async function deriveFernetKey(machineId: string): Promise<Uint8Array<ArrayBuffer>> {
  const salt = await crypto.subtle.digest("SHA-256", encoder.encode(kFernetSaltLabel + machineId));
  const password = await crypto.subtle.importKey(
    "raw", encoder.encode(machineId), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt: salt.slice(0, 16), iterations: 100_000 }, password, 256);
  return new Uint8Array(bits);
}

let fernet: Fernet | undefined;

export async function fernetTokens(
  key: Uint8Array, values: [string, string][]): Promise<Record<string, string>> {
  // The package draws random bytes when it is loaded, which a Worker may not do before its first request.
  fernet ??= (await import("fernet")).default;
  const secret = new fernet.Secret(base64url.encode(key));
  const tokens: Record<string, string> = {};
  for (const [name, value] of values) {
    tokens[name] = new fernet.Token({ secret, ttl: 0 }).encode(value);
  }
  return tokens;
}

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

// Seals values (name, text) in the order given, the name as associated data. clientKey is 32 bytes.
export async function hpkeSeal(clientKey: Uint8Array<ArrayBuffer>, values: [string, string][]) {
  const recipientPublicKey = await suite.kem.deserializePublicKey(clientKey.buffer);
  const sender = await suite.createSenderContext({ recipientPublicKey, info: kHpkeInfo });
  const sealed: Record<string, string> = {};
  for (const [name, value] of values) {
    const bytes = await sender.seal(encoder.encode(value), encoder.encode(name));
    sealed[name] = base64url.encode(new Uint8Array(bytes));
  }
  return { sealed, enc: base64url.encode(new Uint8Array(sender.enc)) };
}

export function signReceipt(keys: Keys, claims: Record<string, unknown>): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "EdDSA", kid: keys.kid, typ: "latchkey-receipt+jwt" })
    .sign(keys.signing);
}
