// What a run looked like, for people.

const kColumns = 64;
const kRows = 8;
const kMib = 1024 * 1024;

const mib = (bytes) => (bytes / kMib).toFixed(2);

// bytesAt: linear memory of the service at a moment; null while it was down.
function bytesAt(runs, moment) {
  const run = runs.find(({ begunAt, endedAt }) => begunAt <= moment && (endedAt === 0 || moment <= endedAt));
  return run?.grown.findLast(({ at }) => at <= moment)?.bytes ?? null;
}

export const memoryNow = (runs) => bytesAt(runs, Date.now());

// plotMemory: lines of text. A gap is a kill.
export function plotMemory(runs, begunAt, endedAt) {
  const step = (endedAt - begunAt) / kColumns;
  const values = Array.from({ length: kColumns }, (_, i) => bytesAt(runs, begunAt + (i + 1) * step));
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return ["  (nothing recorded)"];
  const top = Math.max(...known);
  const lines = [];
  for (let row = kRows; row > 0; row--) {
    const line = values.map((value) => (value !== null && value > (top * (row - 1)) / kRows ? "#" : " ")).join("");
    lines.push(`${row === kRows ? `${mib(top)} MiB` : ""}`.padStart(12) + ` |${line}`);
  }
  lines.push("0".padStart(12) + ` +${"-".repeat(kColumns)}`);
  return lines;
}

export function printSummary({ book, runs, kills, cronRuns, seconds, begunAt, endedAt, audit, rows }) {
  const last = runs.map(({ grown, endedAt: end }) => grown.findLast(({ at }) => at <= end)?.bytes ?? 0);
  const lines = [
    ["requests", `${book.numRequests} (${Math.round(book.numRequests / seconds)} a second)`],
    ["without an answer", `${book.numLost}, asked again ${book.numRetries} times`],
    ["events sent", `${book.events.size}, acknowledged ${book.numAcknowledged}, stored ${rows.events}`],
    ["events told to be duplicates", `${book.numDuplicates}`],
    ["provisions answered", `${book.provisions.length}`],
    ["audit rows", `${rows.audit}; ${audit}`],
    ["licences", `${book.created.length} made, ${book.revoked.size} revoked`],
    ["cron runs", `${cronRuns}`],
    ["kills", `${kills}`],
    ["linear memory at each end", `${last.map(mib).join(", ")} MiB`],
  ];
  console.log();
  for (const [name, text] of lines) console.log(`${name.padEnd(30)}${text}`);
  console.log("\nanswers");
  for (const [what, count] of [...book.statuses].sort()) console.log(`  ${String(count).padStart(8)}  ${what}`);
  console.log(`\nlinear memory over ${Math.round((endedAt - begunAt) / 1000)} s`);
  for (const line of plotMemory(runs, begunAt, endedAt)) console.log(line);
}
