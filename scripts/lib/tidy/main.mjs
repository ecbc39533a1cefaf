// scripts/tidy: reads every file of the project and lists what breaks a house rule.
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

import { ROOT } from "../paths.mjs";
import { check, SECRET_ACCESS_LIST, secretAccesses, UNTESTED_LIST, untestedSources } from "./rules.mjs";
import { readTree } from "./tree.mjs";

const USAGE = `Usage: scripts/tidy [--root DIR] [--pin]

Checks the house rules and exits 1 where one is broken.
  --root DIR  check another tree
  --pin       rewrite the two pinned lists from the tree; review the difference before committing:
              ${SECRET_ACCESS_LIST}  who may look into a Secret
              ${UNTESTED_LIST}       sources without a native test of their own`;

function pin(root, tree) {
  const write = (list, head, lines) =>
    fs.writeFileSync(path.join(root, list), `${[...head, ...lines].join("\n")}\n`);
  write(
    SECRET_ACCESS_LIST,
    [
      "# Who may look into a Secret: file, SecretAccess made and used there. A change here is",
      "# the change under review.",
    ],
    secretAccesses(tree).map(([name, uses]) => `${name} ${uses}`),
  );
  write(
    UNTESTED_LIST,
    ["# Sources whose header no native test includes. This list should only get shorter."],
    untestedSources(tree).sort(),
  );
}

let options;
try {
  options = parseArgs({
    options: { root: { type: "string" }, pin: { type: "boolean" }, help: { type: "boolean" } },
  }).values;
} catch (error) {
  console.error(`tidy: ${error.message}\n${USAGE}`);
  process.exit(2);
}
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
const root = path.resolve(options.root ?? ROOT);
if (options.pin) pin(root, readTree(root));
const tree = readTree(root);
const findings = check(tree);
for (const { file, line, message } of findings) console.log(`${file}:${line}: ${message}`);
console.log(`tidy: ${tree.length} files, ${findings.length} findings`);
process.exitCode = findings.length > 0 ? 1 : 0;
