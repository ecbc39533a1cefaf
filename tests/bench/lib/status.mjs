// GET /keys/status of a known device against a Worker that does one KV read. Two rows: devices whose receipts
// this isolate has verified before, and devices with a receipt that is new to it.

import assert from "node:assert/strict";
import { describeAnswer } from "./answers.mjs";
import { bundleWorker } from "./bundle.mjs";
import { exchange, requestBytes, runLoad } from "./load.mjs";
import { makeRow } from "./report.mjs";
import { runPairedRound, warmJit } from "./rounds.mjs";
import { startServer } from "./server.mjs";
import { takeRecords } from "./trips.mjs";
import { roundOf } from "./workload.mjs";

export const kStatusRows = ["status_known", "status_new_receipt"];

const statusRequest = (machine, receipt) =>
  requestBytes({
    method: "GET",
    path: "/keys/status",
    headers: { "cf-connecting-ip": machine.address, authorization: `Bearer ${receipt}` },
  });

// A receipt for each machine in turn, until there are `count` different ones: a machine's receipts differ by
// the second in which they were made.
async function collectReceipts(ours, { machines, connections }, count) {
  const requests = new Map();
  while (requests.size < count) {
    const work = roundOf(machines, ours.codes, "plain", Math.min(count - requests.size, machines.length), 0);
    const { answers } = await runLoad({ port: ours.server.port, requests: work.requests, connections });
    for (const [index, answer] of answers.entries()) {
      const { receipt } = JSON.parse(answer.body.toString());
      requests.set(receipt, statusRequest(work.picked[index], receipt));
    }
  }
  return [...requests.values()];
}

function checkStatus(answer, bytes) {
  assert.equal(answer.status, 200, describeAnswer(answer));
  if (bytes) assert.equal(answer.body.length, bytes);
  else assert.deepEqual(JSON.parse(answer.body.toString()).changed_providers, []);
}

// What a status call of a device that asked before costs, from the log of a server that writes one.
async function measureStatusTrips(logging, { machines }) {
  const work = roundOf(machines, logging.codes, "plain", 1, 0);
  const { receipt } = JSON.parse((await exchange(logging.server.port, work.requests[0])).body.toString());
  const request = statusRequest(work.picked[0], receipt);
  await exchange(logging.server.port, request);
  await exchange(logging.server.port, request);
  const [, { d1_round_trips, kv_reads }] = await takeRecords(logging.server, 2, "keys_status_get");
  return { d1_round_trips, kv_reads };
}

// Gives the rows. `ours` is a running contender, whose licences are in KV after this; `logging` one more, that
// logs each request.
export async function measureStatus(ours, logging, options, progress) {
  progress("status: carrying licences to KV, collecting receipts");
  await ours.server.call("sync", null, 120_000);
  const { requests: perRound, rounds } = options;
  const known = await collectReceipts(ours, options, Math.min(perRound, options.machines.length));
  const trips = await measureStatusTrips(logging, options);
  const first = await exchange(ours.server.port, known[0]);
  checkStatus(first);
  const floor = await startServer("kv floor", {
    kind: "kv_floor",
    script: await bundleWorker("kv_floor"),
    keys: options.machines.map((machine) => `license:${machine.address}`),
    vars: { STATUS_BYTES: String(first.body.length) },
  });
  const contenders = [
    { name: "ours", server: ours.server },
    { name: "floor", server: floor, bytes: first.body.length },
  ];
  for (const contender of contenders) {
    progress(`warm-up ${contender.name} status: ${options.warmup} requests`);
    await warmJit(contender, known, options);
  }
  const rows = [];
  for (const name of kStatusRows) {
    const entries = [];
    for (let round = 0; round < rounds; round++) {
      const fresh = name === "status_known" ? known : await collectReceipts(ours, options, perRound);
      const requests = Array.from({ length: perRound }, (_, index) => fresh[index % fresh.length]);
      const entry = await runPairedRound(contenders, requests, options, ({ bytes }, answer) =>
        checkStatus(answer, bytes));
      // There is one floor here: it stands on both sides of the pairing.
      entry.floor_again = entry.floor;
      entries.push(entry);
      progress(`round ${round + 1}/${rounds} ${name}: ours ${Math.round(entry.ours.rps)}/s, floor ${Math.round(entry.floor.rps)}/s`);
    }
    rows.push(makeRow(name, entries, { trips, answerBytes: first.body.length }));
  }
  await floor.stop();
  return rows;
}
