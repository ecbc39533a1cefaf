// LiteLLM's price map into rows of our table: exact numbers, our providers alone, and a reason for what is left out.
import assert from "node:assert/strict";
import test from "node:test";

import fc from "fast-check";

import { UsageError } from "../../scripts/cli/errors.mjs";
import { importPriceMap, perMillion, PROVIDERS } from "../../scripts/cli/price_map.mjs";

const OPTIONS = {
  effectiveFrom: "2026-11-21T00:00:00Z",
  asOf: "2026-11-21",
  source: "https://map.example/prices.json",
};

// An entry in the map's format: JSON text, so that the numbers' own text counts.
function entry(provider, prices, more = "") {
  return `{"litellm_provider":"${provider}","mode":"chat","max_tokens":8192${prices && `,${prices}`}${more}}`;
}

const PRICED = '"input_cost_per_token":2.8e-07,"output_cost_per_token":4.2e-07';

function run(entries, options = OPTIONS) {
  const text = Object.entries(entries).map(([name, value]) => `${JSON.stringify(name)}:${value}`);
  return importPriceMap(`{${text.join(",")}}`, options);
}

test("dollars a token become dollars for a million tokens, digit for digit", () => {
  for (const [text, expected] of [
    ["2.8e-07", "0.28"],
    ["2.8E-7", "0.28"],
    ["0.00000028", "0.28"],
    ["1e-06", "1"],
    ["1.5e-05", "15"],
    ["0.0006", "600"],
    ["5.46875e-07", "0.546875"],
    ["3.625e-09", "0.003625"],
    ["1e-15", "0.000000001"],
    ["0", "0"],
    ["0.0", "0"],
    ["0e0", "0"],
    ["0.01", "10000"],
    ["1e-2", "10000"],
    // The float nearest to this is another number: only its text is exact.
    ["1.234567890123456e-06", null],
    ["0.123456789012345e-06", null],
    ["9.000000001e-07", null],
    ["0.900000001e-06", "0.900000001"],
    ["9007.199254740993e-06", null],
    ["9007.199254741e-06", "9007.199254741"],
    ["1e-16", null],
    ["0.0100000001", null],
    ["0.011", null],
    ["1", null],
    ["1e999", null],
    ["-1e-07", null],
  ]) {
    assert.equal(perMillion(text), expected, text);
  }
});

test("no price is changed on its way through, whatever its form", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 13n }), fc.integer({ min: -3, max: 18 }), (nanos, shift) => {
      // nanos for a million tokens, written as dollars a token: nanos * 10^-15 with the point anywhere.
      const digits = nanos.toString();
      const text =
        shift <= 0
          ? `${digits}${"0".repeat(-shift)}e${-15 + shift}`
          : `${digits.padStart(shift + 1, "0").slice(0, -shift)}.${digits.padStart(shift + 1, "0").slice(-shift)}e${-15 + shift}`;
      const [whole, fraction = ""] = perMillion(text).split(".");
      assert.equal(BigInt(whole + fraction.padEnd(9, "0")), nanos, text);
      assert.doesNotMatch(perMillion(text), /\.$|\..*0$|^0\d/);
    }),
    { numRuns: 2000 },
  );
});

test("each of our providers' entries becomes a row, by the name without its prefix", () => {
  const { rows, skipped } = run({
    sample_spec: '{"litellm_provider":"one of many","mode":"one of: chat","input_cost_per_token":0.0}',
    "dashscope/qwen-turbo": entry(
      "dashscope",
      '"input_cost_per_token":5e-08,"output_cost_per_token":2e-07,"output_cost_per_reasoning_token":5e-07',
    ),
    "deepseek-chat": entry("deepseek", `"cache_read_input_token_cost":2.8e-08,${PRICED}`),
    "mistral/mistral-large-latest": entry("mistral", PRICED, ',"source":"https://docs.mistral.ai/models"'),
    "moonshot/kimi-k2.5": entry("moonshot", PRICED),
    "zai/glm-4.6": entry("zai", PRICED),
    "zai/GLM-4.5-Flash": entry("zai", '"input_cost_per_token":0,"output_cost_per_token":0'),
  });
  assert.deepEqual(skipped, []);
  const common = { effective_from: OPTIONS.effectiveFrom, source: OPTIONS.source, as_of: OPTIONS.asOf };
  assert.deepEqual(rows, [
    { provider: "deepseek", model: "deepseek-chat", ...common, cached_input: "0.028", input: "0.28", output: "0.42" },
    { provider: "kimi", model: "kimi-k2.5", ...common, input: "0.28", output: "0.42" },
    {
      provider: "mistral",
      model: "mistral-large-latest",
      ...common,
      input: "0.28",
      output: "0.42",
      source: "https://docs.mistral.ai/models",
    },
    { provider: "qwen", model: "qwen-turbo", ...common, input: "0.05", output: "0.2", reasoning: "0.5" },
    { provider: "zhipu", model: "glm-4.5-flash", ...common, input: "0", output: "0" },
    { provider: "zhipu", model: "glm-4.6", ...common, input: "0.28", output: "0.42" },
  ]);
});

test("resellers' entries are no rows and no findings: their prices are others", () => {
  const { rows, skipped } = run({
    "openrouter/deepseek/deepseek-chat": entry("openrouter", PRICED),
    "bedrock/mistral.mistral-large": entry("bedrock", PRICED),
    "azure_ai/deepseek-v3": entry("azure_ai", PRICED),
    "gpt-4o": entry("openai", PRICED),
    "x/constructor": entry("constructor", PRICED),
    "x/nothing": "null",
    "x/list": "[]",
    "x/number": "1e-06",
  });
  assert.deepEqual({ rows, skipped }, { rows: [], skipped: [] });
  assert.deepEqual(new Set(Object.values(PROVIDERS)), new Set(["deepseek", "kimi", "mistral", "qwen", "yandex", "zhipu"]));
});

test("what can't be mapped is listed with its reason", () => {
  const cases = {
    "mistral/mistral-embed": ['{"litellm_provider":"mistral","mode":"embedding"}', /mode is embedding/],
    "mistral/no-mode": ['{"litellm_provider":"mistral"}', /mode is not stated/],
    "dashscope/qwen3-max": [entry("dashscope", '"tiered_pricing":[{"input_cost_per_token":1.2e-06}]'), /prompt's length/],
    "dashscope/no-output": [entry("dashscope", '"input_cost_per_token":1e-06'), /no output_cost_per_token/],
    "dashscope/no-input": [entry("dashscope", '"output_cost_per_token":1e-06'), /no input_cost_per_token/],
    "deepseek/negative": [entry("deepseek", '"input_cost_per_token":-1e-06'), /input_cost_per_token is not a price/],
    "deepseek/text": [entry("deepseek", '"input_cost_per_token":"1e-06"'), /input_cost_per_token is not a price/],
    "deepseek/fine": [
      entry("deepseek", `"cache_read_input_token_cost":1.2345678901e-07,${PRICED}`),
      /cache_read_input_token_cost is not a price/,
    ],
    "deepseek/absurd": [entry("deepseek", '"input_cost_per_token":1,"output_cost_per_token":1'), /not a price/],
    "moonshot/a/b": [entry("moonshot", PRICED), /name/],
    "moonshot/old": [entry("moonshot", PRICED, ',"deprecation_date":"2026-05-25"'), /retired on 2026-05-25/],
    "zai/ ": [entry("zai", PRICED), /name/],
  };
  const { rows, skipped } = run(Object.fromEntries(Object.entries(cases).map(([name, [text]]) => [name, text])));
  assert.deepEqual(rows, []);
  assert.deepEqual(
    skipped.map(({ name }) => name),
    Object.keys(cases),
  );
  for (const { name, reason } of skipped) assert.match(reason, cases[name][1], name);
});

test("a model that stands twice is taken once, and one that is still to retire is taken", () => {
  const { rows, skipped } = run({
    "deepseek-chat": entry("deepseek", PRICED),
    "deepseek/deepseek-chat": entry("deepseek", '"input_cost_per_token":1,"output_cost_per_token":1'),
    "deepseek/DeepSeek-Chat": entry("deepseek", PRICED),
    "moonshot/soon": entry("moonshot", PRICED, ',"deprecation_date":"2027-01-01"'),
  });
  assert.deepEqual(
    rows.map(({ model }) => model),
    ["deepseek-chat", "soon"],
  );
  assert.deepEqual(
    skipped.map(({ name }) => name),
    ["deepseek/deepseek-chat", "deepseek/DeepSeek-Chat"],
  );
});

test("a map that is no JSON object is an error, not an empty table", () => {
  for (const text of ["", "{", "[]", "null", "7", '"x"']) {
    assert.throws(() => importPriceMap(text, OPTIONS), UsageError, text);
  }
});
