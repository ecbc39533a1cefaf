// latchkey license anomaly: how unlike before a licence is used.
import { licensePath } from "./license_view.mjs";
import { cell, hint, plain, print, printFields, printJson, when } from "./output.mjs";
import { bar } from "./sharing.mjs";

const names = (known) => known.map(({ name }) => plain(name)).join(", ") || "-";

// ranges: hours of the day in ascending order, those in a row as one range.
function ranges(hours) {
  const found = [];
  for (const hour of hours) {
    const last = found.at(-1);
    if (last?.end === hour - 1) last.end = hour;
    else found.push({ start: hour, end: hour });
  }
  return found.map(({ start, end }) => (start === end ? `${start}` : `${start}-${end}`)).join(", ");
}

function printReasons(reasons) {
  for (const { points, sentence } of reasons) print(`  +${String(points).padEnd(3)} ${plain(sentence)}`);
}

function baselineText({ days, first_day: first, last_day: last, requests_per_day: mean, peak_requests: peak }) {
  if (days === 0) return "none";
  return `${days} days with use from ${plain(first)} to ${plain(last)}, ${mean} requests a day, at most ${peak} an hour`;
}

async function show({ positionals, makeClient, json }) {
  const row = await makeClient().get(`${licensePath(positionals[0])}/anomaly`);
  if (json) return printJson(row);
  const { alert, baseline, last_alarm: alarm } = row;
  printFields([
    ["licence", cell(row.license_id)],
    ["status", cell(row.status)],
    ["alert", alert ? `${cell(alert.id)} ${cell(alert.state)} since ${when(alert.since)}, seen ${cell(alert.count)} times` : "-"],
    ["baseline", baselineText(baseline)],
    ["usual hours, UTC", ranges(baseline.usual_hours) || "-"],
    ["models", names(baseline.models)],
    ["countries", names(baseline.countries)],
    ["last hour", when(row.hour)],
    ["score", `${bar(row.score)} ${cell(row.score)}`],
  ]);
  printReasons(row.reasons);
  if (alarm && alarm.hour !== row.hour) {
    print(`last alarm: ${when(alarm.hour)}, score ${cell(alarm.score)}`);
    printReasons(alarm.reasons);
  }
  if (!row.has_baseline) hint("Too little is known of it yet to measure it against itself: 14 days, 5 of them with use.");
}

export const anomalyVerbs = [
  {
    name: "license anomaly",
    arguments: "LICENSE",
    positionals: ["LICENSE"],
    summary: "show how unlike before a licence is used, and why",
    run: show,
  },
];
