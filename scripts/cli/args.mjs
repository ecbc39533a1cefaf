// Arguments: finds the verb, then reads its flags strictly. An unknown flag names the nearest one.
import { parseArgs } from "node:util";

import { UsageError } from "./errors.mjs";

export const GLOBAL_OPTIONS = {
  url: { type: "string", value: "URL", help: "address of the service (or LATCHKEY_URL)" },
  token: {
    type: "string",
    value: "TOKEN",
    help: "admin token (or LATCHKEY_ADMIN_TOKEN, which stays out of the process list)",
  },
  json: { type: "boolean", help: "print JSON: one document, for lists one object a line" },
  help: { type: "boolean", short: "h", help: "show help for the verb" },
  version: { type: "boolean", help: "print the version of this program" },
};

// distance: how many single-character edits make a from b.
function distance(a, b) {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(previous[j] + 1, current[j - 1] + 1, change);
    }
    previous = current;
  }
  return previous[b.length];
}

// nearest: the candidate most like the text, or null where none is.
export function nearest(text, candidates) {
  let best = null;
  let bestDistance = Math.max(2, Math.ceil(text.length / 2));
  for (const candidate of candidates) {
    const d = candidate.startsWith(text) ? 1 : distance(text, candidate);
    if (d < bestDistance || (d === bestDistance && best === null)) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}

function didYouMean(text, candidates, prefix = "") {
  const near = nearest(text, candidates);
  return near === null ? "" : ` Did you mean ${prefix}${near}?`;
}

// findVerb: the verb's words stand first among the arguments, global flags aside.
// Returns {verb, rest}: rest is args without the verb's words. verb is null when no word was given.
export function findVerb(args, verbs) {
  const words = [];
  const rest = [...args];
  let index = 0;
  while (index < rest.length) {
    const arg = rest[index];
    if (arg === "--") break;
    if (arg.startsWith("-")) {
      index += arg === "--url" || arg === "--token" ? 2 : 1;
      continue;
    }
    words.push(arg);
    rest.splice(index, 1);
    const name = words.join(" ");
    const exact = verbs.find((verb) => verb.name === name);
    // "backup" is a verb, and so is "backup verify": the longer one counts.
    const next = rest[index];
    const isLonger = verbs.some((verb) => verb.name === `${name} ${next}`);
    if (exact && !isLonger) return { verb: exact, rest };
    if (words.length === 2 || !verbs.some((verb) => verb.name.startsWith(`${name} `))) break;
  }
  if (words.length === 0) return { verb: null, rest, group: null };
  const [first, second] = words;
  const group = verbs.filter((verb) => verb.name.startsWith(`${first} `));
  if (group.length > 0) {
    const names = group.map((verb) => verb.name.slice(first.length + 1));
    if (second === undefined) return { verb: null, rest, group: first };
    throw new UsageError(
      `'${first} ${second}' is not a verb of latchkey.${didYouMean(second, names, `${first} `)}`,
      [`Known: ${names.map((name) => `${first} ${name}`).join(", ")}`],
    );
  }
  const firsts = [...new Set(verbs.map((verb) => verb.name.split(" ")[0]))];
  throw new UsageError(`'${first}' is not a verb of latchkey.${didYouMean(first, firsts)}`, [
    `Known: ${firsts.join(", ")}. See: latchkey help`,
  ]);
}

// readFlags: {values, positionals} of the arguments, or a UsageError. A flag that may be `multiple` is a list.
export function readFlags(args, options) {
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  const values = {};
  const positionals = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const known = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (!known) {
      const names = Object.keys(options);
      throw new UsageError(`Unknown flag ${token.rawName}.${didYouMean(token.name, names, "--")}`);
    }
    if (Object.hasOwn(values, token.name) && !known.multiple) throw new UsageError(`--${token.name} is given twice.`);
    if (known.type === "boolean") {
      if (token.value !== undefined) throw new UsageError(`--${token.name} takes no value.`);
      values[token.name] = true;
      continue;
    }
    if (token.value === undefined) throw new UsageError(`--${token.name} needs a value.`);
    if (!token.inlineValue && /^-./.test(token.value)) {
      throw new UsageError(
        `--${token.name} needs a value. If '${token.value}' is the value: --${token.name}=${token.value}`,
      );
    }
    if (known.multiple) values[token.name] = [...(values[token.name] ?? []), token.value];
    else values[token.name] = token.value;
  }
  return { values, positionals };
}

// wholeNumber: the flag's value as an integer within bounds.
export function wholeNumber(name, text, min, max) {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new UsageError(`--${name} must be a whole number from ${min} to ${max}.`);
  }
  return value;
}
