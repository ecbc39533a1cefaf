// Deployment: what is checked, in which order things happen, and that no secret is shown.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { judge, migrationNames, readTarget } from "../../scripts/lib/deploy/config.mjs";
import { deploy, dryRun, init, initDryRun } from "../../scripts/lib/deploy/deploy.mjs";
import { migrate } from "../../scripts/lib/deploy/migrate.mjs";
import { readEnvFile } from "../../scripts/lib/env_file.mjs";
import { rootPath } from "../../scripts/lib/paths.mjs";
import { temporaryDirectory } from "./support.mjs";

const REQUIRED = ["ADMIN_TOKEN", "MASTER_KEY", "INDEX_KEY", "SIGNING_KEY"];
const DATABASE_ID = "12345678-9abc-def0-1234-56789abcdef0";
const NAMESPACE_ID = "0123456789abcdef0123456789abcdef";

// A command without its SQL and the folder of its file.
function shortened(args) {
  const text = args.join(" ").replace(/--command .*/s, "--command SQL");
  return text.replace(/--file \S*\//, "--file ");
}

// A root with the project's own wrangler.toml, and a wrangler that answers as the real one prints.
function setUp(t, { environment = "", secrets = [], answers = {}, applied = ["0001_init.sql"] } = {}) {
  const root = temporaryDirectory(t);
  fs.copyFileSync(rootPath("wrangler.toml"), path.join(root, "wrangler.toml"));
  fs.mkdirSync(path.join(root, "worker/src"), { recursive: true });
  fs.writeFileSync(path.join(root, "worker/src/index.ts"), "");
  fs.mkdirSync(path.join(root, "d1"));
  for (const name of ["0002_more.sql", "0001_init.sql"]) fs.writeFileSync(path.join(root, "d1", name), "");
  const calls = [];
  const put = new Map();
  const run = (args, { input } = {}) => {
    calls.push(shortened(args));
    const verb = args
      .filter((arg) => !arg.startsWith("--"))
      .slice(0, 2)
      .join(" ");
    if (Object.hasOwn(answers, verb)) return answers[verb];
    if (verb === "secret put") put.set(args[2], input);
    const stdout = {
      "secret list": JSON.stringify(secrets.map((name) => ({ name, type: "secret_text" }))),
      "d1 execute": JSON.stringify([{ results: [] }, { results: applied.map((name) => ({ name })) }]),
      "d1 create": `Successfully created DB\n\n[[d1_databases]]\nbinding = "DB"\ndatabase_id = "${DATABASE_ID}"\n`,
      "kv namespace": `[[kv_namespaces]]\nbinding = "KV"\nid = "${NAMESPACE_ID}"\n`,
    }[verb];
    return { status: 0, stdout: stdout ?? "" };
  };
  const said = [];
  const secretsFile = path.join(root, ".latchkey/deployed.env");
  const context = { root, environment, run, say: (text) => said.push(text), secretsFile };
  const readToml = () => fs.readFileSync(path.join(root, "wrangler.toml"), "utf8");
  return { context, calls, said, put, secretsFile, readToml, root };
}

function writeIds(root) {
  const file = path.join(root, "wrangler.toml");
  const text = fs
    .readFileSync(file, "utf8")
    .replace(/database_id = "[^"]*"/g, `database_id = "${DATABASE_ID}"`)
    .replace(/^id = "[^"]*"/gm, `id = "${NAMESPACE_ID}"`);
  fs.writeFileSync(file, text);
}

test("the project's own wrangler.toml has no error, for production and staging", (t) => {
  const { root } = setUp(t);
  for (const environment of ["", "staging"]) {
    assert.deepEqual(judge(root, readTarget(root, environment)).errors, []);
  }
  assert.throws(() => readTarget(root, "stagin"), /no environment 'stagin' \(known: staging\)/);
});

test("deploy lists secrets, then migrates, then deploys", (t) => {
  const { context, calls, root } = setUp(t, { secrets: REQUIRED });
  writeIds(root);
  deploy(context);
  assert.deepEqual(calls, [
    "secret list --env=",
    "d1 execute latchkey --remote --env= --json --command SQL",
    "d1 execute latchkey --remote --env= --yes --file 0002_more.sql",
    "deploy --env=",
  ]);
});

test("deploy --env staging names staging in every command", (t) => {
  const { context, calls, root } = setUp(t, { environment: "staging", secrets: REQUIRED });
  writeIds(root);
  deploy(context);
  assert.deepEqual(calls, [
    "secret list --env=staging",
    "d1 execute latchkey-staging --remote --env=staging --json --command SQL",
    "d1 execute latchkey-staging --remote --env=staging --yes --file 0002_more.sql",
    "deploy --env=staging",
  ]);
});

test("deploy stops before anything changes when an id is a placeholder", (t) => {
  const { context, calls, said } = setUp(t, { secrets: REQUIRED });
  assert.throws(() => deploy(context), /not ready/);
  assert.deepEqual(calls, []);
  assert.ok(said.some((line) => /error: database_id of DB is a placeholder; --init/.test(line)));
});

test("deploy stops before anything changes when a secret is missing, and names it", (t) => {
  const { context, calls, root } = setUp(t, { secrets: ["ADMIN_TOKEN", "MASTER_KEY", "SIGNING_KEY"] });
  writeIds(root);
  assert.throws(() => deploy(context), /Secrets are missing: INDEX_KEY\./);
  assert.deepEqual(calls, ["secret list --env="]);
});

test("the Worker is not deployed when a migration fails", (t) => {
  const { context, calls, root } = setUp(t, {
    secrets: REQUIRED,
    answers: { "d1 execute": { status: 1, stdout: "" } },
  });
  writeIds(root);
  assert.throws(() => deploy(context), /d1 execute latchkey .* failed/);
  assert.ok(!calls.includes("deploy --env="));
});

test("a database that has every migration is left alone", (t) => {
  const { context, calls, said, root } = setUp(t, {
    secrets: REQUIRED,
    applied: ["0001_init.sql", "0002_more.sql"],
  });
  writeIds(root);
  deploy(context);
  assert.equal(calls.filter((call) => call.startsWith("d1 execute")).length, 1);
  assert.ok(said.includes("Migrations: latchkey has them all"));
});

test("the real wrangler takes the project's migrations, each once, triggers and all", (t) => {
  const place = ["--local", "--persist-to", temporaryDirectory(t)];
  const wrangler = (args) => {
    const command = rootPath("node_modules/wrangler/bin/wrangler.js");
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
      cwd: rootPath("."),
      encoding: "utf8",
      env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
    });
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const names = migrationNames(rootPath("."));
  const options = { wrangler, root: rootPath("."), database: "latchkey", names, place, environment: "", say() {} };
  assert.deepEqual(migrate(options), names);
  assert.deepEqual(migrate(options), []);
  const select = "SELECT name FROM sqlite_schema WHERE type = 'trigger'";
  const found = wrangler(["d1", "execute", "latchkey", ...place, "--env=", "--json", "--command", select]);
  assert.match(found, /provision_v\d+_ask/);
});

test("wrong configuration is named", (t) => {
  const { root } = setUp(t);
  const file = path.join(root, "wrangler.toml");
  const original = fs.readFileSync(file, "utf8");
  for (const [from, to, expected] of [
    ['binding = "DB"', 'binding = "DATA"', /no D1 database bound as DB/],
    ['binding = "KV"', 'binding = "CACHE"', /no KV namespace bound as KV/],
    ['ENVIRONMENT = "production"', 'ENVIRONMENT = "prod"', /vars\.ENVIRONMENT must be one of/],
    ['LOG_LEVEL = "warn"', 'MASTER_KEY = "k1:x"', /vars\.MASTER_KEY looks like a secret/],
    ['migrations_dir = "d1"', 'migrations_dir = "m"', /migrations_dir = "d1"/],
    ['main = "worker/src/index.ts"', 'main = "x.ts"', /no file x\.ts/],
  ]) {
    assert.ok(original.includes(from), from);
    fs.writeFileSync(file, original.replace(from, to));
    assert.match(judge(root, readTarget(root, "")).errors.join("\n"), expected);
  }
});

test("a dry run warns of placeholders, lists migrations in order, bundles and needs no account", (t) => {
  const { context, calls, said } = setUp(t);
  dryRun(context);
  assert.deepEqual(calls, ["deploy --dry-run --outdir build/deploy-latchkey --env="]);
  const text = said.join("\n");
  assert.match(text, /warning: database_id of DB is a placeholder/);
  assert.match(text, /0001_init\.sql, 0002_more\.sql/);
  for (const name of REQUIRED) assert.ok(text.includes(name));
});

test("--init creates, writes the ids where they belong, and puts fresh secrets that are shown nowhere", (t) => {
  const { context, calls, said, put, secretsFile, readToml } = setUp(t, { environment: "staging" });
  const before = readToml().split("\n");
  init(context);
  assert.deepEqual(calls.slice(0, 3), [
    "d1 create latchkey-staging --env=staging",
    "kv namespace create latchkey-staging --env=staging",
    "secret list --env=staging",
  ]);
  const changed = readToml()
    .split("\n")
    .flatMap((line, i) => (line === before[i] ? [] : [line]));
  assert.deepEqual(changed, [`database_id = "${DATABASE_ID}"`, `id = "${NAMESPACE_ID}"`]);
  assert.ok(readToml().indexOf(DATABASE_ID) > readToml().indexOf("[env.staging]"));
  assert.deepEqual([...put.keys()], REQUIRED);
  const kept = readEnvFile(secretsFile).values;
  for (const [name, value] of put) {
    assert.equal(value, `${kept.get(name)}\n`);
    assert.ok(!said.join("\n").includes(kept.get(name)), name);
  }
  assert.equal(fs.statSync(secretsFile).mode & 0o777, 0o600);
});

test("--init run again creates nothing twice and puts only what is missing", (t) => {
  const first = setUp(t);
  init(first.context);
  const master = readEnvFile(first.secretsFile).values.get("MASTER_KEY");
  const again = setUp(t, { secrets: ["ADMIN_TOKEN", "INDEX_KEY", "SIGNING_KEY"] });
  init({ ...first.context, run: again.context.run });
  assert.deepEqual(again.calls, ["secret list --env=", "secret put MASTER_KEY --env="]);
  assert.equal(again.put.get("MASTER_KEY"), `${master}\n`);
});

test("--init never overwrites secrets of a deployment that it can not see", (t) => {
  const { context, calls, root } = setUp(t, { answers: { "secret list": { status: 1, stdout: "" } } });
  writeIds(root);
  assert.throws(() => init(context), /can't be listed, so none is put/);
  assert.deepEqual(calls, ["secret list --env="]);
});

test("--init stops when it can not read the id that was made", (t) => {
  const { context, calls } = setUp(t, { answers: { "d1 create": { status: 0, stdout: "all well" } } });
  assert.throws(() => init(context), /No id in what/);
  assert.equal(calls.length, 1);
});

test("--init --dry-run prints every command, shows no value and changes nothing", (t) => {
  const { context, calls, said, readToml, secretsFile } = setUp(t);
  const before = readToml();
  initDryRun(context);
  const text = said.join("\n");
  for (const expected of [
    'wrangler d1 create latchkey --env=""',
    'wrangler kv namespace create latchkey --env=""',
    ...REQUIRED.map((name) => `wrangler secret put ${name}`),
  ]) {
    assert.ok(text.includes(expected), expected);
  }
  assert.deepEqual(calls, []);
  assert.equal(readToml(), before);
  assert.ok(!fs.existsSync(secretsFile));
});
