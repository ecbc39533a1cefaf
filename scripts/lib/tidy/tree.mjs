// The files that the house rules read: what git knows or would add, as text.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const BINARY = /\.(wasm|png|ico|bin|gz)$/;
// Data, not prose or code: fuzz corpora hold any bytes, the lock file is npm's.
const DATA = /^tests\/fuzz\/corpus\/|^tests\/vectors\/|^package-lock\.json$/;

function walk(root, directory = "") {
  return fs.readdirSync(path.join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(directory, entry.name);
    return entry.isDirectory() ? walk(root, name) : [name];
  });
}

function names(root) {
  if (!fs.existsSync(path.join(root, ".git"))) return walk(root);
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  return execFileSync("git", list, { cwd: root, encoding: "utf8" }).split("\0").filter(Boolean);
}

// readTree: [{name, text, lines}], sorted by name. Links and deleted files are left out.
export function readTree(root) {
  const files = [];
  for (const name of [...new Set(names(root))].sort()) {
    const stat = fs.lstatSync(path.join(root, name), { throwIfNoEntry: false });
    if (!stat?.isFile() || BINARY.test(name) || DATA.test(name)) continue;
    const text = fs.readFileSync(path.join(root, name), "utf8");
    files.push({ name, text, lines: text.split("\n") });
  }
  return files;
}
