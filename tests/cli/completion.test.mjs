// Completion: what is offered at Tab, and that real shells take the printed scripts.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { latchkey, runProgram, temporaryDirectory } from "./support.mjs";
import { candidates, FILES } from "../../scripts/cli/completion.mjs";
import { ROOT } from "../../scripts/lib/paths.mjs";

const VERBS = [
  { name: "key list", summary: "list keys", options: { status: { type: "string", value: "STATUS", choices: ["new", "old"] } } },
  { name: "key add", summary: "add a key", positionals: ["FILE"], options: { tag: { type: "string", value: "T", multiple: true } } },
  { name: "switch", summary: "on or off", positionals: ["on|off"], options: { dry: { type: "boolean" } } },
  { name: "help", summary: "show help" },
];

test("candidates are the words that may stand there, and nothing else", () => {
  const cases = [
    [[""], "key switch help"],
    [["k"], "key"],
    [["key", ""], "list add"],
    [["key", "l"], "list"],
    [["nonsense", ""], ""],
    [["--json", "key", "a"], "add"],
    [["--url", "http://x", "key", "a"], "add"],
    [["--url", ""], ""],
    [["key", "list", "--s"], "--status"],
    [["key", "list", "--status", ""], "new old"],
    [["key", "list", "--status", "o"], "old"],
    [["key", "list", "--status", "="], "new old"],
    [["key", "list", "--status", "=", "n"], "new"],
    [["key", "list", "--status=new", "--s"], ""],
    [["key", "list", "--status", "new", ""], ""],
    [["key", "add", ""], FILES],
    [["key", "add", "f", ""], ""],
    [["key", "add", "--tag", "a", "--t"], "--tag --token"],
    [["switch", "--dry", "o"], "on off"],
    [["switch", "on", ""], ""],
    [["help", "k"], "key"],
    [["help", "key", ""], "list add"],
    [["constructor", "--"], "--url --token --json --help --version"],
    [["key", "list", "--toString", "--st"], "--status"],
  ];
  for (const [words, wanted] of cases) {
    const found = candidates(words, VERBS).map(([word]) => word);
    assert.equal(found.join(" "), wanted, words.join(" "));
  }
});

// In the order of its table: latchkey's own verbs at two places.
const AT_TAB = [
  [["rotation", "sta"], "start"],
  [["license", "list", "--status", "sus"], "suspended"],
];

test("bash asks latchkey, and completes files where a file belongs", async (t) => {
  const directory = temporaryDirectory(t);
  fs.writeFileSync(path.join(directory, "rows.csv"), "");
  for (const [words, wanted] of [...AT_TAB, [["license", "import", "ro"], ""]]) {
    const line = ["latchkey", ...words];
    const script = `
      PATH="${ROOT}/scripts:$PATH"
      source <(latchkey completion bash)
      complete -p latchkey >/dev/null || exit 7
      COMP_WORDS=(${line.join(" ")}); COMP_CWORD=${line.length - 1}
      _latchkey; echo "\${COMPREPLY[@]}"`;
    const { status, stdout, stderr } = await runProgram("bash", ["-c", script], { cwd: directory });
    assert.equal(status, 0, stderr);
    assert.equal(stdout.trim(), wanted);
  }
});

test("an unknown shell is refused with the known ones, and the helper verb stays out of the help", async () => {
  const refused = await latchkey(["completion", "tcsh"]);
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /bash, zsh, fish/);
  const { stdout } = await latchkey(["help"]);
  assert.match(stdout, /completion bash\|zsh\|fish/);
  assert.doesNotMatch(stdout, /^ {2}complete /m);
});
