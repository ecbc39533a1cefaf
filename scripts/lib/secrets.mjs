// The secrets of the service: their names, what each is for, and how a fresh one is made.
import crypto from "node:crypto";

import { makeAdminToken } from "./token.mjs";

export const PROVIDERS = ["deepseek", "qwen", "mistral", "zhipu", "kimi", "yandex"];

const random32 = () => crypto.randomBytes(32).toString("base64");

// Without these the service does not serve.
export const REQUIRED_SECRETS = [
  { name: "ADMIN_TOKEN", comment: "Bearer token of the admin API.", value: makeAdminToken },
  {
    name: "MASTER_KEY",
    comment: "Seals what is stored: kid:base64(32 bytes), comma-separated; the first seals, all open.",
    value: () => `k1:${random32()}`,
  },
  {
    name: "INDEX_KEY",
    comment: "Keys the HMACs of licence codes, tokens and machines: base64(32 bytes). Never changes.",
    value: random32,
  },
  {
    name: "SIGNING_KEY",
    comment: "Signs receipts (Ed25519): kid:base64(32 bytes), comma-separated; the first signs.",
    value: () => `s1:${random32()}`,
  },
];

export function providerSecret(provider) {
  return `${provider.toUpperCase()}_API_KEY`;
}

// For a machine of one's own: keys that look like keys and open nothing.
export const DEMO_SECRETS = PROVIDERS.map((provider, index) => ({
  name: providerSecret(provider),
  comment:
    index === 0
      ? "Provider keys. These are made up, for a demo: put real ones here to use them."
      : undefined,
  value: () => `sk-demo-${provider}-${crypto.randomBytes(12).toString("hex")}`,
}));
