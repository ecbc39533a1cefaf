// .latchkey/local.json: how the command line finds a running scripts/start.
//   {url, env_file, pid}; valid only while the process `pid` lives.
import fs from "node:fs";
import path from "node:path";

import { rootPath } from "./paths.mjs";

export const LOCAL_FILE = process.env.LATCHKEY_LOCAL_FILE ?? rootPath(".latchkey/local.json");

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

// readLocal: the running start, or null.
export function readLocal(file = LOCAL_FILE) {
  let local;
  try {
    local = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return null;
  }
  const isWhole =
    local !== null &&
    typeof local === "object" &&
    typeof local.url === "string" &&
    URL.canParse(local.url) &&
    typeof local.env_file === "string" &&
    Number.isInteger(local.pid) &&
    local.pid > 0;
  return isWhole && isAlive(local.pid) ? local : null;
}

export function writeLocal(local, file = LOCAL_FILE) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(`${file}.${local.pid}.new`, `${JSON.stringify(local)}\n`, { mode: 0o600 });
  fs.renameSync(`${file}.${local.pid}.new`, file);
}

// removeLocal: only the file that this process wrote.
export function removeLocal(pid, file = LOCAL_FILE) {
  try {
    if (JSON.parse(fs.readFileSync(file, "utf8")).pid === pid) fs.unlinkSync(file);
  } catch {
    // Gone already, or not ours.
  }
}
