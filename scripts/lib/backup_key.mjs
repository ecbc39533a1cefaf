// The key of a backup: a scannable prefix, 32 random bytes as base64url, and 6 characters that are the CRC-32
// of that text, as in admin tokens (docs/crypto-formats.md).
import crypto from "node:crypto";

import { checksum } from "./token.mjs";

export function makeBackupKey() {
  const body = crypto.randomBytes(32).toString("base64url");
  return `lk_backup_${body}${checksum(body)}`;
}

export function isBackupKey(text) {
  const match = /^lk_backup_([0-9A-Za-z_-]{43})([0-9A-Za-z]{6})$/.exec(text);
  return match !== null && checksum(match[1]) === match[2];
}
