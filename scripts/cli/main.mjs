// The command line: finds the verb, reads its flags, runs it, and ends with the exit code
// that says how it went.
import fs from "node:fs";

import { rootPath } from "../lib/paths.mjs";
import { alertVerbs } from "./alert.mjs";
import { anomalyVerbs } from "./anomaly.mjs";
import { findVerb, GLOBAL_OPTIONS, readFlags } from "./args.mjs";
import { auditVerbs } from "./audit.mjs";
import { backupVerbs } from "./backup.mjs";
import { Client, findService } from "./client.mjs";
import { completionVerbs } from "./completion.mjs";
import { doctorVerbs } from "./doctor.mjs";
import { CliError, EXIT, UsageError } from "./errors.mjs";
import { overview, verbHelp } from "./help.mjs";
import { licenseVerbs } from "./license.mjs";
import { licenseChangeVerbs } from "./license_changes.mjs";
import { importVerb } from "./license_import.mjs";
import { machineVerbs } from "./machine.mjs";
import { masterVerbs } from "./master.mjs";
import { paymentVerbs } from "./payment.mjs";
import { planVerbs } from "./plan.mjs";
import { print, hint } from "./output.mjs";
import { priceVerbs } from "./price.mjs";
import { providerVerbs } from "./provider.mjs";
import { queryVerbs } from "./query.mjs";
import { rotationVerbs } from "./rotation.mjs";
import { sharingVerbs } from "./sharing.mjs";
import { serviceVerbs } from "./service.mjs";
import { tokenVerbs } from "./token.mjs";
import { usageVerbs } from "./usage.mjs";
import { webhookVerbs } from "./webhook.mjs";

const helpVerb = {
  name: "help",
  arguments: "[VERB...]",
  summary: "show help, of one verb where it is named",
};

const verbs = [
  ...alertVerbs,
  ...auditVerbs,
  ...backupVerbs,
  ...licenseVerbs,
  ...licenseChangeVerbs,
  ...anomalyVerbs,
  importVerb,
  ...machineVerbs,
  ...masterVerbs,
  ...paymentVerbs,
  ...planVerbs,
  ...priceVerbs,
  ...providerVerbs,
  ...queryVerbs,
  ...rotationVerbs,
  ...sharingVerbs,
  ...tokenVerbs,
  ...usageVerbs,
  ...webhookVerbs,
  ...serviceVerbs,
  ...doctorVerbs,
  ...completionVerbs(() => verbs),
  helpVerb,
];

function version() {
  return JSON.parse(fs.readFileSync(rootPath("package.json"), "utf8")).version;
}

function help(words) {
  if (words.length === 0) return overview(verbs);
  const { verb, group } = findVerb(words, verbs);
  return verb === null ? overview(verbs, group) : verbHelp(verb);
}

function checkArguments(verb, positionals) {
  const wanted = verb.positionals ?? [];
  if (positionals.length < wanted.length && !verb.optional) {
    throw new UsageError(`latchkey ${verb.name} needs ${wanted.slice(positionals.length).join(" ")}.`);
  }
  if (positionals.length > wanted.length && !verb.anyArguments) {
    throw new UsageError(verb.surplus ?? `Unexpected argument '${positionals[wanted.length]}'.`);
  }
}

async function run(args) {
  const { verb, rest, group } = findVerb(args, verbs);
  const { values, positionals } = readFlags(rest, { ...GLOBAL_OPTIONS, ...verb?.options });
  if (values.version) return print(`latchkey ${version()}`);
  if (verb === helpVerb) return print(help(positionals));
  if (verb === null) {
    if (!values.help && args.length > 0) throw new UsageError("No verb given.", ["See: latchkey help"]);
    return print(overview(verbs, group));
  }
  if (values.help) return print(verbHelp(verb));
  checkArguments(verb, positionals);
  const makeClient = () => new Client(findService(values));
  return verb.run({ values, positionals, makeClient, json: values.json === true });
}

process.stdout.on("error", (error) => {
  // The reader went away (latchkey ... | head): nothing more to say.
  process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.failed);
});

try {
  process.exitCode = (await run(process.argv.slice(2))) ?? EXIT.ok;
} catch (error) {
  if (!(error instanceof CliError)) throw error;
  hint(`latchkey: ${error.message}`);
  for (const line of error.lines) hint(`  ${line}`);
  process.exitCode = error.exitCode;
}
