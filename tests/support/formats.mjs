// The formats of docs/crypto-formats.md, written from that page with Node's own primitives.
// Shares no code with the core.
import {
  createCipheriv, createDecipheriv, createHash, createHmac, createPublicKey, hkdfSync, pbkdf2Sync, verify,
} from "node:crypto";
import { crc32 } from "node:zlib";

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const hkdf = (key, salt, info) => Buffer.from(hkdfSync("sha256", key, salt, info, 32));

// decode: strict base64url without padding.
function decode(text) {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text) throw new Error("not base64url");
  return bytes;
}

function u32(value) {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
}

function u64(value) {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt(value));
  return out;
}

function associatedData(header, { table, row_id, owner, version }) {
  const texts = [table, row_id, owner].map((text) => Buffer.from(text));
  return Buffer.concat([header, ...texts.flatMap((text) => [u32(text.length), text]), u64(version)]);
}

// seal: a blob; `key` is base64, `random` the 28 bytes of salt and nonce.
export function seal({ kid, key, purpose, random, plaintext, ...place }) {
  const header = Buffer.concat([Buffer.from([1, kid.length]), Buffer.from(kid), random]);
  const derived = hkdf(Buffer.from(key, "base64"), random.subarray(0, 16), `latchkey/v1/${purpose}`);
  const cipher = createCipheriv("aes-256-gcm", derived, random.subarray(16));
  cipher.setAAD(associatedData(header, place));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, ciphertext, cipher.getAuthTag()]).toString("base64url");
}

// fingerprint: of a key of 32 bytes.
export const fingerprint = (key) =>
  hkdf(key, "", "latchkey/v1/fingerprint").subarray(0, 16).toString("base64url");

// open: the plaintext as text; openBytes: as it is. `keys` is kid to base64. Throws where anything does not fit.
export const open = (blob) => openBytes(blob).toString();
export function openBytes({ sealed, keys, purpose, ...place }) {
  const blob = decode(sealed);
  if (blob[0] !== 1) throw new Error("version");
  const headerSize = 2 + blob[1] + 16 + 12;
  if (blob.length < headerSize + 16) throw new Error("length");
  const kid = blob.subarray(2, 2 + blob[1]).toString();
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(kid) || !keys[kid]) throw new Error("kid");
  const salt = blob.subarray(2 + blob[1], 18 + blob[1]);
  const derived = hkdf(Buffer.from(keys[kid], "base64"), salt, `latchkey/v1/${purpose}`);
  const decipher = createDecipheriv("aes-256-gcm", derived, blob.subarray(headerSize - 12, headerSize));
  decipher.setAAD(associatedData(blob.subarray(0, headerSize), place));
  decipher.setAuthTag(blob.subarray(-16));
  return Buffer.concat([decipher.update(blob.subarray(headerSize, -16)), decipher.final()]);
}

export function indexHash(indexKey, purpose, text) {
  const key = hkdf(Buffer.from(indexKey, "base64"), Buffer.alloc(0), `latchkey/index/v1/${purpose}`);
  return createHmac("sha256", key).update(text).digest("base64url");
}

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

function codeChecksum(symbols) {
  const digest = sha256("latchkey/license/v1", symbols);
  const bits = (digest[0] << 12) | (digest[1] << 4) | (digest[2] >> 4);
  return [15, 10, 5, 0].map((shift) => crockford[(bits >> shift) & 31]).join("");
}

function generatedCode(text) {
  const typed = text.slice(2).toUpperCase().replaceAll(/[ -]/g, "");
  const symbols = typed.replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  if (symbols.length !== 25 || [...symbols].some((symbol) => !crockford.includes(symbol))) return null;
  return symbols.slice(21) === codeChecksum(symbols.slice(0, 21)) ? `WF-${symbols.match(/.{5}/g).join("-")}` : null;
}

// trialCode: the code of a machine's trial.
export function trialCode(indexKey, machineId) {
  const machine = indexHash(indexKey, "machine", machineId);
  const seed = Buffer.from(indexHash(indexKey, "trial", `code\n${machine}`), "base64url");
  const symbols = [...seed.subarray(0, 21)].map((byte) => crockford[byte & 31]).join("");
  return `WF-${(symbols + codeChecksum(symbols)).match(/.{5}/g).join("-")}`;
}

// canonicalCode: the canonical form of a code that is no e-mail address, or null.
export function canonicalCode(presented) {
  const text = presented.replaceAll(/^ +| +$/g, "");
  if (/^WF[- ]/i.test(text) || /^WF.{25}$/i.test(text)) return generatedCode(text);
  return /^[A-Z0-9][A-Z0-9_.-]{3,63}$/i.test(text) ? text.toUpperCase() : null;
}

export function tokenChecksum(body) {
  const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  let rest = crc32(body);
  let text = "";
  for (let i = 0; i < 6; i++, rest = Math.floor(rest / 62)) text = digits[rest % 62] + text;
  return text;
}

export function desktopKey(machineId) {
  const salt = sha256("writers-factory-key-encryption-v1", machineId).subarray(0, 16);
  return { salt, key: `${pbkdf2Sync(machineId, salt, 100_000, 32, "sha256").toString("base64url")}=` };
}

export const thumbprint = (crv, x) => sha256(JSON.stringify({ crv, kty: "OKP", x })).toString("base64url");
export const receiptMachine = (machineId) => sha256("latchkey/machine/v1", machineId).toString("base64url");

// verifyReceipt: its claims; `keys` is kid to public key. Throws where it is not to be believed.
export function verifyReceipt(receipt, keys) {
  const parts = receipt.split(".");
  if (parts.length !== 3 || receipt.length > 65_536) throw new Error("parts");
  const kid = Object.keys(keys).find((candidate) => {
    const header = `{"alg":"EdDSA","kid":"${candidate}","typ":"latchkey-receipt+jwt"}`;
    return Buffer.from(header).toString("base64url") === parts[0];
  });
  if (!kid) throw new Error("header");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: keys[kid] }, format: "jwk" });
  const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
  if (!verify(null, signed, key, decode(parts[2]))) throw new Error("signature");
  return JSON.parse(decode(parts[1]).toString());
}

function canonical(value) {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, canonical(value[name])]));
}

export function withoutNulls(row) {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}

// auditRecord: of a row whose details, where it has any, are an object.
export function auditRecord({ seq, details, ...columns }) {
  const row = withoutNulls(columns);
  if (details != null) row.details = JSON.parse(details);
  return JSON.stringify(canonical(row));
}

export const cursor = (indexKey, boundTo, lastId) =>
  `${lastId}.${indexHash(indexKey, "cursor", `${boundTo}\n${lastId}`)}`;
