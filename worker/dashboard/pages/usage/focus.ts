// A row of the daily sums under the names of FOCUS, the FinOps cost and usage specification; what it has no name for is
// x_. The same as `latchkey usage export` writes: tests/dashboard/usage.test.mjs compares them.
import type { UsageDaily } from "../../api.gen.ts";
import type { Row } from "../../lib/save.ts";

export type DailySum = UsageDaily["data"][number];

const dayMs = 86_400_000;

export function focus(row: DailySum): Row {
  return {
    ChargePeriodStart: row.day,
    ChargePeriodEnd: new Date(Date.parse(row.day) + dayMs).toISOString().replace(".000Z", "Z"),
    BillingCurrency: "USD",
    BilledCost: row.cost,
    EffectiveCost: row.cost,
    ChargeCategory: "Usage",
    ProviderName: row.provider,
    ServiceCategory: "AI and Machine Learning",
    ServiceName: row.model,
    SubAccountId: row.license_id,
    ResourceId: row.machine_id,
    ConsumedQuantity: row.input_tokens + row.output_tokens,
    ConsumedUnit: "Tokens",
    x_Requests: row.requests,
    x_InputTokens: row.input_tokens,
    x_CachedInputTokens: row.cached_input_tokens,
    x_OutputTokens: row.output_tokens,
    x_ReasoningTokens: row.reasoning_tokens,
    x_UnpricedRequests: row.unpriced,
  };
}

export const focusColumns = [
  "ChargePeriodStart",
  "ChargePeriodEnd",
  "BillingCurrency",
  "BilledCost",
  "EffectiveCost",
  "ChargeCategory",
  "ProviderName",
  "ServiceCategory",
  "ServiceName",
  "SubAccountId",
  "ResourceId",
  "ConsumedQuantity",
  "ConsumedUnit",
  "x_Requests",
  "x_InputTokens",
  "x_CachedInputTokens",
  "x_OutputTokens",
  "x_ReasoningTokens",
  "x_UnpricedRequests",
] as const;
