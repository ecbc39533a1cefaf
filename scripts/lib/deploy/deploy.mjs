// Deployment: secrets and migrations are checked first, the Worker comes last. Everything that
// reaches outside goes through `run`, so that the steps can be tested.
//
//   run(args, {input, capture}) -> {status, stdout}   runs wrangler with these arguments;
//                                                     `input` goes to its stdin
//   say(text)                                         progress
import fs from "node:fs";
import path from "node:path";

import { extendEnvFile, readEnvFile } from "../env_file.mjs";
import { PROVIDERS, providerSecret, REQUIRED_SECRETS } from "../secrets.mjs";
import { hasDatabaseId, hasNamespaceId, judge, migrationNames, readTarget, writeId } from "./config.mjs";
import { migrate } from "./migrate.mjs";

export class DeployError extends Error {}

function envArguments(target) {
  return [`--env=${target.environment}`];
}

function commandLine(args) {
  return `wrangler ${args.map((arg) => (arg === "--env=" ? '--env=""' : arg)).join(" ")}`;
}

// checked: the command's output, or an error that names the command.
function checked(run, args, options = {}) {
  const { status, stdout } = run(args, options);
  if (status !== 0) throw new DeployError(`'${commandLine(args)}' failed (exit ${status}).`);
  return stdout;
}

function checkConfig(root, target, isDryRun, say) {
  const { errors, placeholders } = judge(root, target);
  for (const error of errors) say(`wrangler.toml: error: ${error}`);
  for (const placeholder of placeholders) {
    say(
      `wrangler.toml: ${isDryRun ? "warning" : "error"}: ${placeholder} is a placeholder; --init creates it`,
    );
  }
  if (errors.length > 0 || (placeholders.length > 0 && !isDryRun)) {
    throw new DeployError("wrangler.toml is not ready to deploy.");
  }
  say(
    `Configuration: ${target.name} on ${target.routes.map((route) => route.pattern ?? route).join(", ")}`,
  );
}

// secretNames: the secrets that are set, or null where the Worker does not exist yet.
function secretNames(run, target) {
  const { status, stdout } = run(["secret", "list", ...envArguments(target)], { capture: true });
  if (status !== 0) return null;
  const start = stdout.indexOf("[");
  try {
    return JSON.parse(stdout.slice(start, stdout.lastIndexOf("]") + 1)).map(({ name }) => name);
  } catch {
    throw new DeployError("'wrangler secret list' answered with something that is not a list.");
  }
}

function checkSecrets(run, target, say) {
  const set = secretNames(run, target);
  if (set === null) {
    throw new DeployError(
      "The secrets can't be listed: no login, or the Worker does not exist yet (see --init).",
    );
  }
  const missing = REQUIRED_SECRETS.map(({ name }) => name).filter((name) => !set.includes(name));
  if (missing.length > 0) {
    throw new DeployError(
      `Secrets are missing: ${missing.join(", ")}. Set each with 'wrangler secret put NAME'` +
        `${target.environment ? ` --env ${target.environment}` : ""}, or all with --init.`,
    );
  }
  const absent = PROVIDERS.map(providerSecret).filter((name) => !set.includes(name));
  if (absent.length > 0) {
    say(
      `Secrets: warning: not set: ${absent.join(", ")} (no matter where 'latchkey provider set' stored the key)`,
    );
  }
  say("Secrets: all required ones are set");
}

// deploy: migrations, then the Worker. The Worker that runs until then must cope with the
// new schema: migrations only add.
export function deploy({ root, environment, run, say }) {
  const target = readTarget(root, environment);
  checkConfig(root, target, false, say);
  checkSecrets(run, target, say);
  const applied = migrate({
    wrangler: (args, options) => checked(run, args, options),
    root,
    database: target.database.database_name,
    names: migrationNames(root),
    place: ["--remote"],
    environment: target.environment,
    say,
  });
  if (applied.length === 0) say(`Migrations: ${target.database.database_name} has them all`);
  say("Worker: deploying");
  checked(run, ["deploy", ...envArguments(target)]);
  say("Deployed.");
}

// dryRun: all that can be checked without an account; changes nothing.
export function dryRun({ root, environment, run, say }) {
  const target = readTarget(root, environment);
  checkConfig(root, target, true, say);
  say(`Secrets that must be set: ${REQUIRED_SECRETS.map(({ name }) => name).join(", ")}`);
  say(`Secrets that may be set: ${PROVIDERS.map(providerSecret).join(", ")}`);
  say(
    `Migrations that would run, unless ${target.database.database_name} has them: ${migrationNames(root).join(", ")}`,
  );
  say("Worker: bundling");
  const outdir = path.join("build", `deploy-${target.name}`);
  checked(run, ["deploy", "--dry-run", "--outdir", outdir, ...envArguments(target)]);
  say("Dry run: ok, nothing was changed.");
}

// initSteps: what --init has left to do.
function initSteps(target) {
  const prefix = target.environment === "" ? "" : `env.${target.environment}.`;
  const steps = [];
  if (!hasDatabaseId(target)) {
    steps.push({
      args: ["d1", "create", target.database.database_name, ...envArguments(target)],
      find: /database_id"?\s*[=:]\s*"([0-9a-f-]{36})"/,
      place: [`${prefix}d1_databases`, "DB", "database_id"],
    });
  }
  if (!hasNamespaceId(target)) {
    steps.push({
      args: ["kv", "namespace", "create", target.name, ...envArguments(target)],
      find: /\bid"?\s*[=:]\s*"([0-9a-f]{32})"/,
      place: [`${prefix}kv_namespaces`, "KV", "id"],
    });
  }
  return steps;
}

function putArguments(target, name) {
  return ["secret", "put", name, ...envArguments(target)];
}

// init: creates D1 and KV where wrangler.toml has no id yet, writes the ids, makes the secrets
// that are not set and puts them. Secrets can't be read back from the platform, so they are
// first kept in `secretsFile` (mode 0600); a second run goes on from there.
export function init({ root, environment, run, say, secretsFile }) {
  const target = readTarget(root, environment);
  const steps = initSteps(target);
  for (const {
    args,
    find,
    place: [table, binding, key],
  } of steps) {
    say(`$ ${commandLine(args)}`);
    const output = checked(run, args, { capture: true });
    const id = find.exec(output)?.[1];
    if (id === undefined) {
      throw new DeployError(
        `No id in what '${commandLine(args)}' printed; write it into wrangler.toml by hand:\n${output}`,
      );
    }
    writeId(root, table, binding, key, id);
    say(`wrangler.toml: ${key} of ${binding} = ${id}`);
  }
  const listed = secretNames(run, target);
  // No list means that there is no Worker yet, or that it could not be reached. In doubt,
  // nothing is put: a new MASTER_KEY over the old one would lose the database.
  if (listed === null && steps.length === 0 && !fs.existsSync(secretsFile)) {
    throw new DeployError(
      "The secrets can't be listed, so none is put: they may be set already. Check the login " +
        "('wrangler whoami'). If the Worker does not exist yet, put the first secret by hand.",
    );
  }
  const set = listed ?? [];
  const due = REQUIRED_SECRETS.filter(({ name }) => !set.includes(name));
  if (due.length > 0) {
    extendEnvFile(
      secretsFile,
      due,
      `# Secrets of ${target.name} as deployed. Move them to a safe place, then delete this file.\n`,
    );
    const { values } = readEnvFile(secretsFile);
    for (const { name } of due) {
      say(`$ ${commandLine(putArguments(target, name))}  (value from ${path.relative(root, secretsFile)})`);
      checked(run, putArguments(target, name), { input: `${values.get(name)}\n` });
    }
    say(`The secrets are also in ${path.relative(root, secretsFile)}, mode 0600: they can't be read back from the platform.
Without MASTER_KEY and INDEX_KEY the database is lost. Keep them in a safe place and delete the file.`);
  }
  const absent = PROVIDERS.map(providerSecret).filter((name) => !set.includes(name));
  if (absent.length > 0) {
    say("Provider keys are yours to set, each with its key on stdin:");
    for (const name of absent) say(`  ${commandLine(putArguments(target, name))}`);
  }
  say(`Next: npm run deploy${environment ? ` -- --env ${environment}` : ""}`);
}

// initDryRun: the commands that --init would run, values never shown.
export function initDryRun({ root, environment, say, secretsFile }) {
  const target = readTarget(root, environment);
  for (const {
    args,
    place: [table, binding, key],
  } of initSteps(target)) {
    say(`would run: ${commandLine(args)}`);
    say(`would write: wrangler.toml, [[${table}]] ${binding}: ${key} = the id it prints`);
  }
  say(`would run: ${commandLine(["secret", "list", ...envArguments(target)])}`);
  say("for each of these that is not set:");
  for (const { name } of REQUIRED_SECRETS) {
    say(`would make: ${name}, kept in ${path.relative(root, secretsFile)} (mode 0600)`);
    say(`would run: ${commandLine(putArguments(target, name))}  (value on stdin, not shown)`);
  }
  say("Dry run: nothing was changed.");
}
