// What a deployment needs of wrangler.toml: reading it, judging it, writing ids into it.
import fs from "node:fs";
import path from "node:path";

import { parse } from "smol-toml";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const KV_ID = /^[0-9a-f]{32}$/;
const ENVIRONMENTS = ["production", "development"];

// readTarget: what will be deployed, for one environment of wrangler.toml ('' is production).
// Bindings and vars are not inherited by environments, so they are read where they must stand.
export function readTarget(root, environment) {
  const config = parse(fs.readFileSync(path.join(root, "wrangler.toml"), "utf8"));
  const section = environment === "" ? config : config.env?.[environment];
  if (section === undefined) {
    const known = Object.keys(config.env ?? {}).join(", ") || "none";
    throw new Error(`wrangler.toml has no environment '${environment}' (known: ${known}).`);
  }
  return {
    environment,
    name: section.name ?? (environment === "" ? config.name : `${config.name}-${environment}`),
    main: section.main ?? config.main,
    compatibilityDate: section.compatibility_date ?? config.compatibility_date,
    routes: section.routes ?? config.routes ?? [],
    crons: section.triggers?.crons ?? config.triggers?.crons ?? [],
    rules: section.rules ?? config.rules ?? [],
    vars: section.vars ?? {},
    database: section.d1_databases?.find(({ binding }) => binding === "DB"),
    namespace: section.kv_namespaces?.find(({ binding }) => binding === "KV"),
  };
}

export function hasDatabaseId(target) {
  return UUID.test(target.database?.database_id) && !/^[0-]+$/.test(target.database.database_id);
}

export function hasNamespaceId(target) {
  return KV_ID.test(target.namespace?.id) && !/^0+$/.test(target.namespace.id);
}

// judge: {errors, placeholders}. Errors are wrong in any case; placeholders are ids that
// `--init` has yet to write.
export function judge(root, target) {
  const errors = [];
  const need = (holds, message) => holds || errors.push(message);
  need(target.name, "no name");
  need(target.main && fs.existsSync(path.join(root, target.main)), `main: no file ${target.main}`);
  need(/^\d{4}-\d\d-\d\d$/.test(target.compatibilityDate), "compatibility_date must be a date");
  need(target.database, "no D1 database bound as DB");
  need(target.database?.database_name, "the D1 binding DB has no database_name");
  need(target.database?.migrations_dir === "d1", 'the D1 binding DB must have migrations_dir = "d1"');
  need(target.namespace, "no KV namespace bound as KV");
  need(
    ENVIRONMENTS.includes(target.vars.ENVIRONMENT),
    `vars.ENVIRONMENT must be one of ${ENVIRONMENTS.join(", ")}`,
  );
  need(target.routes.length > 0, "no route: the Worker would be reachable nowhere");
  need(target.crons.includes("* * * * *"), 'triggers.crons must contain "* * * * *"');
  need(
    target.rules.some(({ type }) => type === "CompiledWasm"),
    "no rule of type CompiledWasm",
  );
  for (const [name, value] of Object.entries(target.vars)) {
    need(typeof value === "string", `vars.${name} must be text`);
    need(
      !/KEY|TOKEN|SECRET/.test(name),
      `vars.${name} looks like a secret: put it with 'wrangler secret put'`,
    );
  }
  const placeholders = [];
  if (target.database && !hasDatabaseId(target)) placeholders.push("database_id of DB");
  if (target.namespace && !hasNamespaceId(target)) placeholders.push("id of KV");
  return { errors, placeholders };
}

// writeId: sets `key` in the first table [[table]] of wrangler.toml whose binding is `binding`;
// every other byte of the file stays as it is.
export function writeId(root, table, binding, key, id) {
  const file = path.join(root, "wrangler.toml");
  const lines = fs.readFileSync(file, "utf8").split("\n");
  const isHeader = (line) => /^\s*\[/.test(line);
  for (let start = 0; start < lines.length; start += 1) {
    if (lines[start].trim() !== `[[${table}]]`) continue;
    let end = start + 1;
    while (end < lines.length && !isHeader(lines[end])) end += 1;
    const body = lines.slice(start + 1, end);
    if (!body.some((line) => new RegExp(`^\\s*binding\\s*=\\s*"${binding}"`).test(line))) continue;
    const place = body.findIndex((line) => new RegExp(`^\\s*${key}\\s*=`).test(line));
    if (place < 0) break;
    lines[start + 1 + place] = body[place].replace(/"[^"]*"/, `"${id}"`);
    fs.writeFileSync(file, lines.join("\n"));
    return;
  }
  throw new Error(
    `wrangler.toml: no ${key} under [[${table}]] with binding "${binding}" to write ${id} to.`,
  );
}

// migrationNames: the files of d1/, in the order in which they run.
export function migrationNames(root) {
  return fs
    .readdirSync(path.join(root, "d1"))
    .filter((name) => name.endsWith(".sql"))
    .sort();
}
