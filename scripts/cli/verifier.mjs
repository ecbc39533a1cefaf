// The native verifier (wasm/audit/verify): what checks an exported log and proofs, on this machine. It is built where it
// is missing or older than its sources.
import crypto from "node:crypto";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";

import { rootPath } from "../lib/paths.mjs";
import { CliError, UnreachableError, UsageError } from "./errors.mjs";
import { hint } from "./output.mjs";

const BUILT = rootPath("build/native/wasm/latchkey_verify");
const SOURCES = ["audit", "audit/verify", "base", "crypto", "json"];

function isStale(file) {
  if (!fs.existsSync(file)) return true;
  const built = fs.statSync(file).mtimeMs;
  return SOURCES.some((folder) => {
    const files = fs.readdirSync(rootPath("wasm", folder)).filter((name) => /\.(cc|h)$/.test(name));
    return files.some((name) => fs.statSync(rootPath("wasm", folder, name)).mtimeMs > built);
  });
}

// verifier: the program's path.
function verifier(env = process.env) {
  if (env.LATCHKEY_VERIFIER) return env.LATCHKEY_VERIFIER;
  if (isStale(BUILT)) {
    hint("Building the verifier (once; a minute or two)...");
    const { status } = spawnSync(rootPath("scripts/build"), ["--verifier"], { stdio: ["ignore", 2, 2] });
    if (status !== 0) throw new CliError("The verifier could not be built. Run scripts/build --verifier to see why.");
  }
  return BUILT;
}

// vkeyOf: a key's text form, of the log's name and its Ed25519 public key, 32 bytes.
export function vkeyOf(name, publicKey) {
  const typed = Buffer.concat([Buffer.from([1]), publicKey]);
  const id = crypto.createHash("sha256").update(`${name}\n`).update(typed).digest("hex").slice(0, 8);
  return `${name}+${id}+${typed.toString("base64")}`;
}

// serverKeys: those that the service signs with, under the log's name.
export async function serverKeys(client, name) {
  const { status, body } = await client.raw("/.well-known/jwks.json");
  const keys = (body?.keys ?? []).filter(({ kty, crv, x }) => kty === "OKP" && crv === "Ed25519" && typeof x === "string");
  if (status !== 200 || keys.length === 0) throw new UnreachableError("The service shows no keys in /.well-known/jwks.json.");
  return keys.map(({ x }) => vkeyOf(name, Buffer.from(x, "base64url")));
}

// verify: what the verifier says: {ok, ...}. `input`: what goes to its standard input: text, or lines as they come.
export async function verify(keys, args, input = []) {
  const child = spawn(verifier(), [...keys, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (chunk) => (text[name] += chunk));
  const ended = new Promise((resolve) => {
    child.on("error", (error) => resolve({ error })).on("close", (status) => resolve({ status }));
  });
  // It ends as soon as it finds something: what is written after that is nobody's.
  let isOpen = true;
  child.stdin.on("error", () => (isOpen = false)).on("close", () => (isOpen = false));
  try {
    for await (const piece of typeof input === "string" ? [input] : input) {
      if (!isOpen) break;
      if (!child.stdin.write(piece)) {
        await new Promise((resolve) => {
          child.stdin.once("drain", resolve).once("error", resolve).once("close", resolve);
        });
      }
    }
  } catch (error) {
    child.kill();
    await ended;
    throw error;
  }
  child.stdin.end();
  const { status, error } = await ended;
  if (error) throw new CliError(`The verifier can't be run (${error.code ?? error.message}).`);
  if (status === 2) throw new UsageError(text.stderr.trim().split("\n")[0].replace(/^latchkey_verify: /, "") || "The verifier refused.");
  try {
    return JSON.parse(text.stdout);
  } catch {
    throw new CliError(`The verifier gave no answer (exit code ${status}).`);
  }
}
