// How many D1 and KV round trips a provision costs, from the records that the Worker logs for each request.

import assert from "node:assert/strict";
import { exchange } from "./load.mjs";
import { kMachinesPerLicense, roundOf } from "./workload.mjs";

const kCounted = ["d1_round_trips", "kv_reads"];
const kLogTimeoutMs = 5_000;
const kLogPollMs = 20;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Logs arrive by themselves, a little after the answer.
export async function takeRecords(server, count, route) {
  const records = [];
  const deadline = Date.now() + kLogTimeoutMs;
  while (records.length < count && Date.now() < deadline) {
    await sleep(kLogPollMs);
    const fresh = await server.takeLog();
    records.push(...fresh.filter((record) => record.event === "request" && (!route || record.route === route)));
  }
  assert.equal(records.length, count, "one log record a request");
  return records;
}

// Gives {delivery: {d1_round_trips, kv_reads}}: the most that any request of a known machine cost. The
// isolate is not warm beyond one request of each machine.
export async function measureTrips(ours, { machines, deliveries }) {
  const known = machines.slice(0, ours.codes.length * kMachinesPerLicense);
  const ask = async (delivery) => {
    const { requests } = roundOf(known, ours.codes, delivery, known.length, 0);
    await ours.server.takeLog();
    for (const request of requests) await exchange(ours.server.port, request);
    return takeRecords(ours.server, requests.length);
  };
  const trips = {};
  for (const delivery of deliveries) {
    await ask(delivery);
    const records = await ask(delivery);
    assert(records.every(({ status }) => status === 200));
    const most = (field) => Math.max(...records.map((record) => record[field]));
    trips[delivery] = Object.fromEntries(kCounted.map((field) => [field, most(field)]));
  }
  return trips;
}
