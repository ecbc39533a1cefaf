// Brings rows of another list, such as LiteLLM's, into our price table. Pure.

const RATES = ["input", "cached_input", "output", "reasoning"];

// atOf: "2026-11-21" and "2026-11-21T00:00:00Z" are the same moment.
const atOf = (time) => Date.parse(time);

// rowAt: a model's row in force at a moment, or undefined.
function rowAt(rows, moment) {
  return rows
    .filter((row) => atOf(row.effective_from) <= moment)
    .reduce((latest, row) => (!latest || atOf(row.effective_from) > atOf(latest.effective_from) ? row : latest), undefined);
}

// merge: {table, added, changed, same, kept, skipped}: the table with what `rows` say from `since` on. Rates that a row does
// not state stay as they were; so do models that `rows` do not know (`kept` counts them). Neither argument changes.
export function merge(table, rows, since) {
  const moment = atOf(since);
  const name = ({ provider, model }) => `${provider} ${model}`;
  const aliases = new Map(table.aliases.map((one) => [`${one.provider} ${one.alias}`, one.model]));
  const models = Map.groupBy(table.rows.map((row) => ({ ...row })), name);
  const result = { added: 0, changed: 0, same: 0, skipped: [] };
  const skip = (row, reason) => result.skipped.push({ name: name(row), reason });
  const seen = new Set();
  for (const row of rows) {
    const alias = aliases.get(name(row));
    if (alias !== undefined) {
      skip(row, `here it is an alias of ${alias}`);
      continue;
    }
    seen.add(name(row));
    const known = models.get(name(row));
    const current = known && rowAt(known, moment);
    if (current?.effective_to && atOf(current.effective_to) <= moment) {
      skip(row, `here it ended on ${current.effective_to}`);
      continue;
    }
    if (current && RATES.every((rate) => row[rate] === undefined || row[rate] === (current[rate] ?? whole(current, rate)))) {
      result.same += 1;
      continue;
    }
    const kept = {};
    for (const rate of RATES) {
      if (row[rate] === undefined && current?.[rate] !== undefined) kept[rate] = current[rate];
    }
    const fresh = { ...row, ...kept, effective_from: since };
    if (current?.effective_to) {
      fresh.effective_to = current.effective_to;
      delete current.effective_to;
    }
    const others = (known ?? []).filter((one) => atOf(one.effective_from) !== moment);
    models.set(name(row), [...others, fresh]);
    result[known ? "changed" : "added"] += 1;
  }
  const kept = [...models.keys()].filter((key) => !seen.has(key)).length;
  return { ...result, kept, table: { rows: [...models.values()].flat(), aliases: table.aliases } };
}

// whole: the rate that holds where a row does not state one.
function whole(row, rate) {
  return { cached_input: row.input, reasoning: row.output }[rate];
}
