// POST /usage/report against a Worker that does one D1 batch of four plain statements with the same events. One row for
// each size of report.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { describeAnswer } from "./answers.mjs";
import { bundleWorker } from "./bundle.mjs";
import { exchange, requestBytes, runLoad } from "./load.mjs";
import { makeRow } from "./report.mjs";
import { runPairedRound, warmJit } from "./rounds.mjs";
import { startServer } from "./server.mjs";
import { takeRecords } from "./trips.mjs";
import { codeOf, roundOf } from "./workload.mjs";

export const kUsageRows = ["usage_report_10", "usage_report_500"];
const eventsOf = (name) => Number(name.split("_")[2]);

const kModels = [["deepseek", "deepseek-chat"], ["mistral", "mistral-large-latest"], ["qwen", "qwen-max"]];

function event(index) {
  const [provider, model] = kModels[index % kModels.length];
  return {
    event_id: randomUUID(), provider, model, input_tokens: 1200 + index, output_tokens: 340,
    cached_input_tokens: 200, reasoning_tokens: 0, at: new Date().toISOString(),
  };
}

function reportRequest(machine, code, count) {
  const events = Array.from({ length: count }, (_, index) => event(index));
  const body = JSON.stringify({ license_id: code, machine_id: machine.id, events });
  return requestBytes({ path: "/usage/report", headers: { "cf-connecting-ip": machine.address }, body });
}

// No event comes twice: each round makes its own.
export const requestsOf = ({ machines }, codes, count, events) =>
  Array.from({ length: count }, (_, index) => {
    const machine = machines[index % machines.length];
    return reportRequest(machine, codeOf(machine, codes), events);
  });

export function checkReport(answer, { bytes, events }) {
  assert.equal(answer.status, 200, describeAnswer(answer));
  if (bytes) assert.equal(answer.body.length, bytes);
  else assert.equal(JSON.parse(answer.body.toString()).accepted, events, describeAnswer(answer));
}

async function measureTrips(logging, options, events) {
  const work = roundOf(options.machines, logging.codes, "plain", 1, 0);
  await exchange(logging.server.port, work.requests[0]);
  const [machine] = work.picked;
  for (let i = 0; i < 2; i++) {
    await exchange(logging.server.port, reportRequest(machine, codeOf(machine, logging.codes), events));
  }
  const [, { d1_round_trips, kv_reads }] = await takeRecords(logging.server, 2, "usage_report");
  return { d1_round_trips, kv_reads };
}

async function measureRow(name, ours, logging, options, progress) {
  const events = eventsOf(name);
  const scaled = (count) => Math.max(1, Math.round(count / Math.max(1, events / 100)));
  const sized = { ...options, requests: scaled(options.requests), warmup: scaled(options.warmup) };
  const trips = await measureTrips(logging, options, events);
  const first = await exchange(ours.server.port, requestsOf(options, ours.codes, 1, events)[0]);
  checkReport(first, { events });
  const floor = await startServer("usage floor", {
    kind: "floor",
    script: await bundleWorker("usage_floor"),
    schema: fileURLToPath(new URL("../usage_floor/schema.sql", import.meta.url)),
    licenses: ours.codes,
    indexKey: null,
    vars: { USAGE_BYTES: String(first.body.length) },
  });
  const contenders = [
    { name: "ours", server: ours.server, events },
    { name: "floor", server: floor, bytes: first.body.length },
  ];
  progress(`warm-up ${name}: ${sized.warmup} requests each`);
  for (const contender of contenders) {
    await warmJit(contender, requestsOf(options, ours.codes, sized.warmup, events), sized);
  }
  const entries = [];
  for (let round = 0; round < options.rounds; round++) {
    const requests = requestsOf(options, ours.codes, sized.requests, events);
    const entry = await runPairedRound(contenders, requests, sized, (contender, answer) => {
      // The length of an answer moves with the licence's cost; that of the floor does not.
      checkReport(answer, contender);
    });
    entry.floor_again = entry.floor;
    entries.push(entry);
    progress(`round ${round + 1}/${options.rounds} ${name}: ours ${Math.round(entry.ours.rps)}/s ` +
      `(${Math.round(entry.ours.rps * events)} events/s), floor ${Math.round(entry.floor.rps)}/s`);
  }
  await floor.stop();
  const row = makeRow(name, entries, { trips, answerBytes: first.body.length });
  return { ...row, events_per_second: Math.round(row.ours_rps * events) };
}

// Gives the rows. `ours` and `logging` as for the status rows.
export async function measureUsage(ours, logging, options, progress) {
  progress("usage: every machine takes its seat");
  const { requests } = roundOf(options.machines, ours.codes, "plain", options.machines.length, 0);
  await runLoad({ port: ours.server.port, requests, connections: options.connections });
  const rows = [];
  for (const name of kUsageRows) rows.push(await measureRow(name, ours, logging, options, progress));
  return rows;
}
