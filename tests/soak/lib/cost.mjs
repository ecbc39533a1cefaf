// What an event costs, worked out from schema/prices.json apart from the service, in whole nano-dollars.
import prices from "../../../schema/prices.json" with { type: "json" };

const kNanoDigits = 9;
const kPerMillion = 1_000_000n;

// nanos: of an amount of dollars in decimal text.
export function nanos(text) {
  const [whole, fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(kNanoDigits, "0").slice(0, kNanoDigits));
}

function rowOf({ provider, model, at }) {
  const alias = prices.aliases.find((one) => one.provider === provider && one.alias === model);
  const name = alias?.model ?? model;
  const inForce = prices.rows.filter(
    (row) => row.provider === provider && row.model === name && Date.parse(row.effective_from) <= at,
  );
  return inForce.sort((a, b) => Date.parse(b.effective_from) - Date.parse(a.effective_from))[0];
}

// costOf: of {provider, model, at, input, output, cached, reasoning}; null where the table has no price. Rounded once, a
// half upwards.
export function costOf(event) {
  const row = rowOf(event);
  if (!row) return null;
  const of = (count, rate) => BigInt(count) * nanos(rate);
  const exact =
    of(event.input - event.cached, row.input) +
    of(event.cached, row.cached_input ?? row.input) +
    of(event.output - event.reasoning, row.output) +
    of(event.reasoning, row.reasoning ?? row.output);
  return (exact + kPerMillion / 2n) / kPerMillion;
}
