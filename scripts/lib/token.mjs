// Admin tokens: a scannable prefix, 40 random base62 characters (238 bits) and 6 more that
// are their CRC32, so that a scanner can tell a token from a lookalike without asking us.
import crypto from "node:crypto";
import zlib from "node:zlib";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX = "lk_admin_";
const BODY_CHARS = 40;
const CHECKSUM_CHARS = 6;

export function checksum(body) {
  let rest = zlib.crc32(body);
  let text = "";
  for (let i = 0; i < CHECKSUM_CHARS; i += 1) {
    text = ALPHABET[rest % 62] + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

export function makeAdminToken() {
  const body = Array.from({ length: BODY_CHARS }, () => ALPHABET[crypto.randomInt(62)]).join("");
  return PREFIX + body + checksum(body);
}

// isAdminToken: of the form we mint. The service accepts other texts as tokens too.
export function isAdminToken(text) {
  const match = /^lk_admin_([0-9A-Za-z]{40})([0-9A-Za-z]{6})$/.exec(text);
  return match !== null && checksum(match[1]) === match[2];
}
