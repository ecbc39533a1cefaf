// The clients of docs/client.md, taken out of the page and run against a service: they provision, work without a
// connection, and stop where they must.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { root } from "../support/miniflare.mjs";
import { freshMachine, openWorld } from "../support/world.mjs";
import { built } from "./support.mjs";

const page = readFileSync(join(root, "docs/client.md"), "utf8");
const block = (info) => new RegExp(`^\`\`\`${info} client\n(.*?)^\`\`\`$`, "ms").exec(page)[1];
const nowhere = "http://127.0.0.1:1";

let folder;
let world;
before(async () => {
  world = await openWorld();
  folder = mkdtempSync(join(tmpdir(), "latchkey-client-"));
  for (const name of ["latchkey-client.js", "latchkey-client.wasm"]) copyFileSync(built(name), join(folder, name));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "client.js"), block("js"));
  writeFileSync(join(folder, "client.py"), block("python"));
});
after(async () => {
  await world?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const languages = {
  JavaScript: [process.execPath, "client.js"],
  Python: ["python3", "client.py"],
};

async function run([program, script], service, ...args) {
  const child = spawn(program, [join(folder, script), service, ...args]);
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].on("data", (chunk) => (said[name] += chunk));
  const [status] = await once(child, "close");
  return { status, ...said };
}

function keysIn({ status, stdout, stderr }) {
  assert.equal(status, 0, stderr);
  return Object.fromEntries(stdout.trimEnd().split("\n").map((line) => line.split(" ")));
}
function refused({ status, stdout, stderr }, why) {
  assert.equal(status, 1, stdout);
  assert.equal(stdout, "");
  assert.match(stderr, why);
}

for (const [language, command] of Object.entries(languages)) {
  describe(`the client in ${language}`, () => {
    let client;
    let licence;
    let file;
    const offline = () => client(nowhere);
    const kept = () => JSON.parse(readFileSync(file, "utf8"));
    const change = (edit) => writeFileSync(file, JSON.stringify(edit(kept())));

    before(async () => {
      licence = await world.license();
      const machine = freshMachine();
      file = join(folder, `${language}.json`);
      client = (service, id = machine) => run(command, service, licence.code, id, file);
    });

    test("has no right before it provisioned", async () => {
      refused(await offline(), /no licence/);
    });

    test("provisions, and keeps what it got for its owner alone", async () => {
      assert.deepEqual(keysIn(await client(world.url.origin)), world.providerKeys);
      assert.equal(statSync(file).mode & 0o77, 0);
      for (const key of Object.values(world.providerKeys)) assert.ok(!readFileSync(file, "utf8").includes(key));
    });

    test("works without a connection, and asks nobody while its receipt is fresh", async () => {
      assert.deepEqual(keysIn(await offline()), world.providerKeys);
      const grants = () => world.audit("license_id = ? AND action = 'provision.granted'", licence.id);
      const { length } = await grants();
      keysIn(await client(world.url.origin));
      assert.equal((await grants()).length, length);
    });

    test("stops where it is another machine, the receipt was changed, or the clock was set back", async () => {
      refused(await client(nowhere, "another-machine"), /machine/);
      const before = readFileSync(file, "utf8");
      change(({ answer, ...rest }) => ({ ...rest, answer: { ...answer, receipt: answer.receipt.replace(/.....$/, "AAAAA") } }));
      refused(await offline(), /receipt_invalid|forged/);
      writeFileSync(file, before);
      const ahead = Date.now() + 86_400_000;
      change((all) => ({ ...all, lastSeen: ahead, last_seen: ahead / 1000 }));
      refused(await offline(), /clock/);
      // The service's own clock counts more.
      assert.deepEqual(keysIn(await client(world.url.origin)), world.providerKeys);
      assert.deepEqual(keysIn(await offline()), world.providerKeys);
    });

    test("does not open what was changed", async () => {
      const before = readFileSync(file, "utf8");
      change(({ answer, ...rest }) => ({ ...rest, answer: { ...answer, keys: { ...answer.keys, qwen: answer.keys.kimi } } }));
      const { status } = await offline();
      if (language === "JavaScript") assert.equal(status, 1);
      change(({ answer, ...rest }) => {
        const qwen = answer.keys.qwen.replace(/.(?=.{8}$)/, (c) => (c === "A" ? "B" : "A"));
        return { ...rest, answer: { ...answer, keys: { ...answer.keys, qwen } } };
      });
      assert.notEqual((await offline()).status, 0);
      writeFileSync(file, before);
      assert.deepEqual(keysIn(await offline()), world.providerKeys);
    });

    test("loses its right with the licence, once it hears of it, and for good", async () => {
      const revoked = await world.admin("POST", `/admin/licenses/${licence.id}/revoke`, {});
      assert.equal(revoked.status, 200, revoked.text);
      const ahead = Date.now() + 86_400_000; // so that it asks
      change((all) => ({ ...all, lastSeen: ahead, last_seen: ahead / 1000 }));
      refused(await client(world.url.origin), /no licence/);
      refused(await offline(), /no licence/);
    });
  });
}

test("the page names every function, every option and every code of the module", () => {
  const types = readFileSync(built("latchkey-client.d.ts"), "utf8");
  const [, face] = /export declare class LatchkeyClient \{(.*?)^\}/ms.exec(types);
  const functions = [...face.matchAll(/^ {4}(\w+)\(/gm)].map(([, name]) => name).filter((name) => name !== "constructor");
  assert.ok(functions.length >= 10);
  const [, codes] = /type ClientErrorCode = ([^;]+);/.exec(types);
  const [, options] = /export interface ReceiptOptions \{(.*?)^\}/ms.exec(types);
  const words = [...functions, ...[...codes.matchAll(/"(\w+)"/g)].map(([, code]) => code)];
  for (const word of words) assert.ok(page.includes(`\`${word}`), word);
  for (const [, option] of options.matchAll(/readonly (\w+)/g)) assert.ok(page.includes(option), option);
});
