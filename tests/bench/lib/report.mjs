// Turns the rounds into rows and prints them.

import { mean, median, round } from "./numbers.mjs";

const values = (rounds, name, field) => rounds.map((entry) => entry[name]?.[field]).filter((v) => v != null);
const both = (rounds, field) => [...values(rounds, "floor", field), ...values(rounds, "floor_again", field)];

// The median over the rounds of one number against another of the same round.
function pairedRatio(rounds, top, bottom) {
  const ratios = rounds.map((entry) => top(entry) / bottom(entry)).filter(Number.isFinite);
  return median(ratios);
}

const of = (name, field) => (entry) => entry[name]?.[field] ?? Number.NaN;
const floorOf = (field) => (entry) => mean([of("floor", field)(entry), of("floor_again", field)(entry)]);

// trips and coreTime are those of ours for this row, or undefined where they were not measured.
export function makeRow(name, rounds, { trips, coreTime, answerBytes }) {
  const cpu = median(values(rounds, "ours", "cpu"));
  const floorCpu = median(both(rounds, "cpu"));
  const ratioOver = (field, other) => pairedRatio(rounds, of("ours", field), other);
  return {
    name,
    ours_rps: round(median(values(rounds, "ours", "rps")), 1),
    floor_rps: round(median(both(rounds, "rps")), 1),
    ratio: round(ratioOver("rps", floorOf("rps")), 3),
    peer_rps: round(median(values(rounds, "peer", "rps")), 1),
    peer_ratio: round(ratioOver("rps", of("peer", "rps")), 3),
    p50_ms: round(median(values(rounds, "ours", "p50")), 3),
    p99_ms: round(median(values(rounds, "ours", "p99")), 3),
    floor_p50_ms: round(median(both(rounds, "p50")), 3),
    floor_p99_ms: round(median(both(rounds, "p99")), 3),
    peer_p50_ms: round(median(values(rounds, "peer", "p50")), 3),
    peer_p99_ms: round(median(values(rounds, "peer", "p99")), 3),
    // Latency and CPU the other way up, so that in every ratio more is better.
    p50_ratio: round(1 / ratioOver("p50", floorOf("p50")), 3),
    p99_ratio: round(1 / ratioOver("p99", floorOf("p99")), 3),
    peer_p50_ratio: round(1 / ratioOver("p50", of("peer", "p50")), 3),
    peer_p99_ratio: round(1 / ratioOver("p99", of("peer", "p99")), 3),
    cpu_ms_per_request: round(cpu, 3),
    floor_cpu_ms_per_request: round(floorCpu, 3),
    peer_cpu_ms_per_request: round(median(values(rounds, "peer", "cpu")), 3),
    cpu_ratio: round(1 / ratioOver("cpu", floorOf("cpu")), 3),
    peer_cpu_ratio: round(1 / ratioOver("cpu", of("peer", "cpu")), 3),
    peer_floor_ratio: round(pairedRatio(rounds, of("peer", "rps"), floorOf("rps")), 3),
    cpu_over_floor_ms: cpu === null || floorCpu === null ? null : round(cpu - floorCpu, 3),
    core_ms: round(coreTime?.p50_ms, 3),
    core_p99_ms: round(coreTime?.p99_ms, 3),
    d1_round_trips: trips?.d1_round_trips ?? null,
    kv_reads: trips?.kv_reads ?? null,
    answer_bytes: answerBytes,
    rounds: rounds.length,
  };
}

// Throughput of the floor against itself in the same rounds: how far a ratio of equals strays from 1.
export function aaFacts(roundsByDelivery) {
  const ratios = Object.values(roundsByDelivery).flat()
    .map((entry) => entry.floor_again.rps / entry.floor.rps);
  return { aa_ratio: round(median(ratios), 3), aa_ratio_min: round(Math.min(...ratios), 3),
    aa_ratio_max: round(Math.max(...ratios), 3) };
}

const kColumns = [
  ["name", "name"],
  ["ours/s", "ours_rps"],
  ["floor/s", "floor_rps"],
  ["ratio", "ratio"],
  ["peer/s", "peer_rps"],
  ["vs peer", "peer_ratio"],
  ["p50 ms", "p50_ms"],
  ["p99 ms", "p99_ms"],
  ["cpu ms", "cpu_ms_per_request"],
  ["floor cpu", "floor_cpu_ms_per_request"],
  ["peer cpu", "peer_cpu_ms_per_request"],
  ["over floor", "cpu_over_floor_ms"],
  ["core ms", "core_ms"],
  ["D1 trips", "d1_round_trips"],
  ["KV reads", "kv_reads"],
];

export function printTable(header, rows) {
  const text = (value) => (value === null ? "-" : String(value));
  const titles = kColumns.map(([title]) => title);
  const lines = [titles, ...rows.map((row) => kColumns.map(([, field]) => text(row[field])))];
  const widths = kColumns.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const cell = (value, column) => (column === 0 ? value.padEnd(widths[0]) : value.padStart(widths[column]));
  for (const line of lines) console.log(line.map(cell).join("  "));
  console.log();
  for (const [name, value] of Object.entries(header)) console.log(`${name}: ${text(value)}`);
}
