// The benchmark of POST /keys/provision, beside a floor and a plain peer, of GET /keys/status, beside one KV read, and of
// POST /usage/report, beside one D1 batch: all on Miniflare in one run.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { exportJWK, generateKeyPair } from "jose";
import { describeAnswer, readJwks } from "./lib/answers.mjs";
import { bundleWorker } from "./lib/bundle.mjs";
import { measureCoreTime } from "./lib/core_time.mjs";
import { exchange, requestBytes } from "./lib/load.mjs";
import { aaFacts, makeRow, printTable } from "./lib/report.mjs";
import { runRounds, warmUp } from "./lib/rounds.mjs";
import { measureScale } from "./lib/scale.mjs";
import { measureHistory, printDashboard } from "./lib/scale_history.mjs";
import { startServer, stopAllServers } from "./lib/server.mjs";
import { measureStatus } from "./lib/status.mjs";
import { measureTrips } from "./lib/trips.mjs";
import { measureUsage } from "./lib/usage.mjs";
import { measureWasm } from "./lib/wasm_module.mjs";
import {
  kDeliveries, kMachinesPerLicense, makeLicenseCodes, makeMachines, makeProviderKeys, provisionRequest,
  providerSecrets,
} from "./lib/workload.mjs";

const rowName = (delivery) => `provision_${delivery}`;

const kHelp = `usage: node tests/bench/main.mjs [options]

Measures POST /keys/provision against a bare Worker (the floor) and a TypeScript Worker that does the same
job (the plain peer), in interleaved rounds, and prints a table.

  --rounds N        rounds (default 7; at least 5 for a number worth keeping)
  --requests N      requests to each server in a round (default 1000)
  --warmup N        requests to each server before the rounds of a row, so that V8 has optimized what runs
                    (default 12000)
  --connections N   concurrent connections (default 16)
  --licenses N      licences, with ${kMachinesPerLicense} machines each (default 200, at most 500)
  --only NAME       one row: ${kDeliveries.map(rowName).join(", ")},
                    status (both rows of GET /keys/status) or usage (both of POST /usage/report)
  --json FILE       write {"header": {...}, "rows": [...]} to FILE
  --scale           other rows instead: ours on a full database against ours on none but its own licences. On
                    1,000,000 licences and 3,000,000 machines (--only scale_licenses), and on 10,000,000 events of
                    use and 5,000,000 audit rows (--only scale_history), where it also times what a dashboard asks.
                    Fails where the full one is 1.2 times slower or an answer takes 200 ms. Takes about ten minutes
                    and 6 GB of disk
  --smoke           few requests, one round: checks shapes and answers, not speed
  --without-ours    floor and peer alone
  --help
`;

const kDefaults = { rounds: 7, requests: 1000, warmup: 12_000, connections: 16, licenses: 200 };
const kSmoke = { rounds: 1, requests: 60, warmup: 60, connections: 8, licenses: 6 };
const kTripLicenses = 4;
// What one call of our admin API makes.
const kLicensesMax = 500;
const kScaleParts = ["scale_licenses", "scale_history"];
const kNoLimit = "900000";
const kWasmPath = fileURLToPath(new URL("../../build/wasm/latchkey.wasm", import.meta.url));
const kBundlePath = fileURLToPath(new URL("../../build/worker/index.js", import.meta.url));

const progress = (line) => process.stderr.write(`${line}\n`);

class UsageError extends Error {}

function readArguments() {
  const text = { type: "string" };
  try {
    return parseArgs({ options: {
      json: text, rounds: text, requests: text, warmup: text, connections: text, licenses: text, only: text,
      smoke: { type: "boolean" }, scale: { type: "boolean" }, "without-ours": { type: "boolean" }, help: { type: "boolean" },
    } }).values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function readOptions() {
  const values = readArguments();
  const options = { ...(values.smoke ? kSmoke : kDefaults) };
  for (const name of Object.keys(kDefaults)) {
    if (values[name] === undefined) continue;
    options[name] = Number(values[name]);
    const isCount = Number.isInteger(options[name]) && options[name] > 0;
    if (!isCount) throw new UsageError(`--${name} must be a whole number from 1`);
  }
  if (options.licenses > kLicensesMax) throw new UsageError(`--licenses takes at most ${kLicensesMax}`);
  const withStatus = !values.only || values.only === "status";
  const withUsage = !values.only || values.only === "usage";
  if (values.scale && values.only && !kScaleParts.includes(values.only)) {
    throw new UsageError(`--scale --only takes ${kScaleParts.join(" or ")}`);
  }
  const scaleParts = values.only ? [values.only] : kScaleParts;
  const deliveries = values.only && !values.scale ? kDeliveries.filter((d) => values.only === rowName(d)) : kDeliveries;
  if (deliveries.length === 0 && !withStatus && !withUsage) throw new UsageError(`--only ${values.only}: no such row`);
  const nodeMajor = Number(process.versions.node.split(".")[0]);
  if (nodeMajor < 22) throw new UsageError("Node 22 or newer is needed: use npm run bench");
  return { ...options, deliveries, withStatus, withUsage, scaleParts, scale: values.scale, smoke: values.smoke,
    json: values.json, help: values.help, withOurs: !values["without-ours"] };
}

// What all servers of a run share: provider keys, limits out of the way.
const limitVars = { RATE_LIMIT_IP_PER_HOUR: kNoLimit, RATE_LIMIT_LICENSE_PER_HOUR: kNoLimit };
const reportLimitVars = { RATE_LIMIT_REPORT_IP_PER_HOUR: kNoLimit, RATE_LIMIT_REPORT_LICENSE_PER_HOUR: kNoLimit };

async function fetchJwks({ port }) {
  return readJwks(await exchange(port, requestBytes({ method: "GET", path: "/.well-known/jwks.json" })));
}

// What a server must refuse, or it does not do the job: an unknown licence, and a seat too many.
async function checkDenials({ name, server, codes }, machines) {
  const send = (machine, code) => exchange(server.port, provisionRequest(machine, code, "plain"));
  const expectDenied = (answer, status, error) => {
    const found = [answer.status, JSON.parse(answer.body.toString()).error];
    assert.deepEqual(found, [status, error], `${name}: ${describeAnswer(answer)}`);
  };
  const [stranger] = makeLicenseCodes(1);
  expectDenied(await send(machines[0], stranger), 401, "invalid_license");
  // A licence has three seats and the benchmark uses two; of two more machines the second finds none.
  const extra = await makeMachines(2);
  await send(extra[0], codes[0]);
  expectDenied(await send(extra[1], codes[0]), 403, "machine_limit");
}

// What ours is started with. In development plain http is answered.
function oursText(providerKeys, logLevel) {
  return {
    vars: { ...limitVars, ...reportLimitVars, ENVIRONMENT: "development", LOG_LEVEL: logLevel },
    secrets: {
      ADMIN_TOKEN: `lk_admin_${randomBytes(24).toString("hex")}`,
      MASTER_KEY: `b1:${randomBytes(32).toString("base64")}`,
      SIGNING_KEY: `b1:${randomBytes(32).toString("base64")}`,
      INDEX_KEY: randomBytes(32).toString("base64"),
      ...providerSecrets(providerKeys),
    },
  };
}

async function startOurs(name, providerKeys, licenseCount, logLevel) {
  const { vars, secrets } = oursText(providerKeys, logLevel);
  const server = await startServer(name, { kind: "ours", vars, secrets });
  const codes = await createLicenses(server, secrets, licenseCount);
  return { name: "ours", server, codes, jwks: await fetchJwks(server) };
}

async function createLicenses(server, secrets, licenseCount) {
  const made = await exchange(server.port, requestBytes({
    path: "/admin/licenses",
    headers: { authorization: `Bearer ${secrets.ADMIN_TOKEN}` },
    body: JSON.stringify({ plan: "pro", count: licenseCount }),
  }));
  assert.equal(made.status, 201, describeAnswer(made));
  return JSON.parse(made.body.toString()).licenses.map((license) => license.code);
}

async function startPeer(providerKeys, codes) {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const indexKey = randomBytes(32).toString("base64url");
  const server = await startServer("peer", {
    kind: "peer",
    script: await bundleWorker("peer"),
    schema: fileURLToPath(new URL("peer/schema.sql", import.meta.url)),
    licenses: codes,
    indexKey,
    vars: {
      ...limitVars,
      ...providerSecrets(providerKeys),
      INDEX_KEY: indexKey,
      MASTER_KEY: randomBytes(32).toString("base64url"),
      SIGNING_JWK: JSON.stringify({ ...(await exportJWK(privateKey)), kid: "b1", alg: "EdDSA", use: "sig" }),
    },
  });
  return { name: "peer", server, codes, jwks: await fetchJwks(server) };
}

async function startFloor(name, codes, answerBytes) {
  const server = await startServer(name, {
    kind: "floor",
    script: await bundleWorker("floor"),
    schema: fileURLToPath(new URL("floor/schema.sql", import.meta.url)),
    licenses: codes,
    indexKey: null,
    vars: { ANSWER_BYTES: JSON.stringify(answerBytes) },
  });
  return { name, server, codes, canned: answerBytes };
}

// Starts every contender and warms it up. Gives them in the order of a round, and the size of ours' answers.
async function startAll(options) {
  const { providerKeys, licenses } = options;
  const codes = makeLicenseCodes(licenses);
  const real = [];
  if (options.withOurs) real.push(await startOurs("ours", providerKeys, licenses, "warn"));
  real.push(await startPeer(providerKeys, codes));
  const answerBytes = {};
  for (const delivery of options.deliveries) {
    for (const contender of real) {
      progress(`warm-up ${contender.name} ${delivery}: every answer opened, then ${options.warmup} more`);
      const bytes = await warmUp(contender, delivery, options);
      // The floor answers with as many bytes as ours.
      answerBytes[delivery] ??= bytes;
    }
  }
  for (const contender of real) await checkDenials(contender, options.machines);
  const floors = [];
  for (const name of ["floor", "floor_again"]) floors.push(await startFloor(name, codes, answerBytes));
  for (const delivery of options.deliveries) {
    for (const floor of floors) await warmUp(floor, delivery, options);
  }
  const ours = real.filter(({ name }) => name === "ours");
  const peer = real.filter(({ name }) => name === "peer");
  return { contenders: [...ours, floors[0], ...peer, floors[1]], answerBytes };
}

// The rows of POST /keys/provision, and what they say of the machine's noise.
async function measureProvision(options) {
  const { contenders, answerBytes } = await startAll(options);
  const rounds = await runRounds(contenders, options.deliveries, options, progress);
  await stopAllServers();
  let trips = {};
  let coreTimes = {};
  if (options.withOurs) {
    progress("counting D1 and KV round trips from the request log");
    const logging = await startOurs("ours with its log", options.providerKeys, kTripLicenses, "info");
    trips = await measureTrips(logging, options);
    progress("timing the core by itself");
    const { vars, secrets } = oursText(options.providerKeys, "warn");
    coreTimes = await measureCoreTime({ deliveries: options.deliveries, text: { ...vars, ...secrets } });
  }
  const rows = options.deliveries.map((name) => makeRow(rowName(name), rounds[name],
    { trips: trips[name], coreTime: coreTimes[name], answerBytes: answerBytes[name] }));
  return { rows, facts: aaFacts(rounds) };
}

// The rows of one more endpoint: `measure` takes ours, ours with its log, the options and where progress goes.
async function measureMore(measure, options) {
  const ours = await startOurs("ours", options.providerKeys, options.licenses, "warn");
  const logging = await startOurs("ours with its log", options.providerKeys, kTripLicenses, "info");
  const rows = await measure(ours, logging, options, progress);
  await stopAllServers();
  return rows;
}

// startFilled: ours on a state directory of its own, with its licences, and then with as many more as `fill` says.
async function startFilled(name, stateDir, fill, options) {
  const { vars, secrets } = oursText(options.providerKeys, "warn");
  const config = { kind: "ours", vars, secrets, stateDir };
  const first = await startServer(name, config);
  const codes = await createLicenses(first, secrets, options.licenses);
  await first.stop();
  if (fill) await fill(stateDir, progress);
  const server = await startServer(name, config);
  return { name, server, codes, token: secrets.ADMIN_TOKEN, jwks: await fetchJwks(server) };
}

// The rows of --scale. What they prove has a limit, which is the exit code.
async function runScale(options, wasm) {
  const parts = { scale_licenses: measureScale, scale_history: measureHistory };
  const measured = [];
  for (const name of options.scaleParts) measured.push(await parts[name](options, startFilled, progress));
  const rows = measured.flatMap((part) => part.rows);
  const facts = Object.assign({}, ...measured.map((part) => part.facts));
  const dashboard = measured.flatMap((part) => part.dashboard ?? []);
  report(options, wasm, { rows, facts }, [], { dashboard });
  if (dashboard.length > 0) printDashboard(dashboard);
  const broken = measured.flatMap((part) => part.violations ?? []);
  for (const line of broken) console.error(`bench: ${line}`);
  if (broken.length > 0) process.exitCode = 1;
}

async function run(options) {
  if (options.withOurs && !(existsSync(kWasmPath) && existsSync(kBundlePath))) {
    throw new UsageError("build/wasm or build/worker is missing: run npm run build, or give --without-ours");
  }
  options.providerKeys = makeProviderKeys();
  options.machines = await makeMachines(options.licenses * kMachinesPerLicense);
  const wasm = existsSync(kWasmPath) ? await measureWasm(kWasmPath) : {};
  if (options.scale) return runScale(options, wasm);
  const provision = options.deliveries.length > 0 ? await measureProvision(options) : { rows: [], facts: {} };
  const status = options.withOurs && options.withStatus ? await measureMore(measureStatus, options) : [];
  const usage = options.withOurs && options.withUsage ? await measureMore(measureUsage, options) : [];
  report(options, wasm, provision, [...status, ...usage]);
}

function report(options, wasm, provision, more, also = {}) {
  const header = {
    ...wasm,
    ...provision.facts,
    rounds: options.rounds,
    requests_per_round: options.requests,
    warmup_requests: options.warmup,
    connections: options.connections,
    machines: options.machines.length,
    node: process.version,
  };
  const rows = [...provision.rows, ...more];
  printTable(header, rows);
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ header, rows, ...also }, null, 2)}\n`);
}

async function main() {
  const options = readOptions();
  if (options.help) {
    process.stdout.write(kHelp);
    return;
  }
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => void stopAllServers().finally(() => process.exit(1)));
  }
  try {
    await run(options);
  } finally {
    await stopAllServers();
  }
}

main().catch((error) => {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
