// How many D1 and KV round trips a provision costs, from the records that the Worker logs for each request.

import assert from "node:assert/strict";
import { runLoad } from "./load.mjs";
import { kMachinesPerLicense, roundOf } from "./workload.mjs";

const kCounted = ["d1_round_trips", "kv_reads"];
const kLogDelayMs = 300;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function requestRecords(lines) {
  const records = [];
  for (const line of lines) {
    const text = typeof line === "string" ? line : (line.message ?? "");
    if (!text.startsWith("{")) continue;
    const record = JSON.parse(text);
    if (record.event === "request" && record.route?.includes("/keys/provision")) records.push(record);
  }
  return records;
}

// Gives {delivery: {d1_round_trips, kv_reads}}: the most that any request of a known machine cost.
export async function measureTrips(ours, { machines, deliveries }) {
  const known = machines.slice(0, ours.codes.length * kMachinesPerLicense);
  const ask = async (delivery) => {
    const { requests } = roundOf(known, ours.codes, delivery, known.length, 0);
    await runLoad({ port: ours.server.port, requests, connections: 2 });
    await sleep(kLogDelayMs);
    return requestRecords(await ours.server.takeLog());
  };
  const trips = {};
  for (const delivery of deliveries) {
    await ask(delivery);
    const records = await ask(delivery);
    assert.equal(records.length, known.length, "one log record a request");
    trips[delivery] = Object.fromEntries(
      kCounted.map((field) => [field, Math.max(...records.map((record) => record[field]))]));
  }
  return trips;
}
