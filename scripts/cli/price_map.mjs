// Reads LiteLLM's public price map (model_prices_and_context_window.json) into rows of our price table. Pure.
//
// Prices there are JSON numbers, dollars a token: 2.8e-07. They are taken from the number's own text, never from the
// float it would become, and moved by six places to dollars for a million tokens, exactly.
import { UsageError } from "./errors.mjs";

// Their `litellm_provider` and the provider of ours that it is. Resellers (bedrock, openrouter, azure_ai, ...) have
// prices of their own and are left out. LiteLLM has no prices of Yandex.
export const PROVIDERS = {
  dashscope: "qwen",
  deepseek: "deepseek",
  mistral: "mistral",
  moonshot: "kimi",
  yandex: "yandex",
  zai: "zhipu",
  zhipuai: "zhipu",
};

const MODES = ["chat", "completion", "responses"];
const RATES = {
  input: "input_cost_per_token",
  cached_input: "cache_read_input_token_cost",
  output: "output_cost_per_token",
  reasoning: "output_cost_per_reasoning_token",
};
const PLACES = 6; // a token's price is a millionth of a million's
const FRACTION_DIGITS_MAX = 9;
const PER_MILLION_MAX = 10_000n;
const MODEL_NAME = /^[a-z0-9]([a-z0-9._:-]{0,98}[a-z0-9])?$/;

// perMillion: a JSON number's text, dollars a token, as decimal text, dollars for a million tokens. null where it is
// no price that the table can hold exactly.
export function perMillion(text) {
  const parts = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (!parts) return null;
  const [, whole, fraction = "", exponent = "0"] = parts;
  const point = whole.length + Number(exponent) + PLACES;
  const digits = whole + fraction;
  const before = (point > 0 ? digits.padEnd(point, "0").slice(0, point) : "").replace(/^0+/, "");
  const behind = (point > 0 ? digits.slice(point) : "0".repeat(-point) + digits).replace(/0+$/, "");
  if (behind.length > FRACTION_DIGITS_MAX || before.length > 9) return null;
  const tooMuch = BigInt(before || "0") > PER_MILLION_MAX || (before === "10000" && behind !== "");
  return tooMuch ? null : (before || "0") + (behind && `.${behind}`);
}

class NumberText {
  constructor(text) {
    this.text = text;
  }
}

function parseMap(text) {
  let map;
  try {
    map = JSON.parse(text, (_key, value, { source }) =>
      typeof value === "number" ? new NumberText(source) : value,
    );
  } catch (error) {
    throw new UsageError(`The price map is not readable as JSON: ${error.message}`);
  }
  if (!isObject(map)) throw new UsageError("The price map is not a JSON object of models.");
  return map;
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof NumberText);
}

// ratesOf: {rates} of an entry, or {reason} why it has none that we can take.
function ratesOf(entry) {
  const rates = {};
  for (const [name, field] of Object.entries(RATES)) {
    const value = entry[field];
    if (value === undefined || value === null) continue;
    const rate = value instanceof NumberText ? perMillion(value.text) : null;
    if (rate === null) return { reason: `${field} is not a price that a table can hold` };
    rates[name] = rate;
  }
  for (const name of ["input", "output"]) {
    if (rates[name] === undefined) {
      const reason = "tiered_pricing" in entry ? "its price depends on the prompt's length" : `no ${RATES[name]}`;
      return { reason };
    }
  }
  return { rates };
}

function retiredOn(entry) {
  return typeof entry.deprecation_date === "string" && /^\d{4}-\d{2}-\d{2}$/.test(entry.deprecation_date)
    ? entry.deprecation_date
    : null;
}

// rowOf: {row}, {reason} for a model of ours that can't be mapped, or null for one that is not ours.
function rowOf(name, entry, { effectiveFrom, asOf, source }) {
  const provider = isObject(entry) && Object.hasOwn(PROVIDERS, entry.litellm_provider)
    ? PROVIDERS[entry.litellm_provider]
    : null;
  if (provider === null) return null;
  const prefix = `${entry.litellm_provider}/`;
  const model = (name.startsWith(prefix) ? name.slice(prefix.length) : name).toLowerCase();
  if (!MODES.includes(entry.mode)) return { reason: `its mode is ${entry.mode ?? "not stated"}, which is not text` };
  if (!MODEL_NAME.test(model)) return { reason: "its name is none that a table can hold" };
  const retired = retiredOn(entry);
  if (retired && retired <= effectiveFrom.slice(0, 10)) return { reason: `retired on ${retired}` };
  const { rates, reason } = ratesOf(entry);
  if (reason) return { reason };
  const from = entry.source;
  const isUrl = typeof from === "string" && /^https:\/\/[\x21-\x7e]{1,292}$/.test(from);
  return {
    row: { provider, model, effective_from: effectiveFrom, ...rates, source: isUrl ? from : source, as_of: asOf },
  };
}

// importPriceMap: {rows, skipped} of the map's text. `rows` are of our table, ascending; `skipped` lists {name, reason}
// for what is one of our providers' and could not be mapped. `source` is the map's own URL, for entries without one.
export function importPriceMap(text, { effectiveFrom, asOf, source }) {
  const rows = new Map();
  const skipped = [];
  for (const [name, entry] of Object.entries(parseMap(text))) {
    const found = rowOf(name, entry, { effectiveFrom, asOf, source });
    if (found === null) continue;
    const key = found.row && `${found.row.provider} ${found.row.model}`;
    if (found.reason) skipped.push({ name, reason: found.reason });
    else if (rows.has(key)) skipped.push({ name, reason: `${found.row.model} stands in the map twice` });
    else rows.set(key, found.row);
  }
  const ascending = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  return { rows: ascending, skipped };
}
