// Rows of cost exports under the names of FOCUS, the FinOps cost and usage specification; what it has no name for is x_.
// The command line and the dashboard write them.

const dayMs = 86_400_000;

// What each column has of a row of GET /admin/usage/daily, in order.
const columns = {
  ChargePeriodStart: (row) => row.day,
  ChargePeriodEnd: (row) => new Date(Date.parse(row.day) + dayMs).toISOString().replace(".000Z", "Z"),
  BillingCurrency: () => "USD",
  BilledCost: (row) => row.cost,
  EffectiveCost: (row) => row.cost,
  ChargeCategory: () => "Usage",
  ProviderName: (row) => row.provider,
  ServiceCategory: () => "AI and Machine Learning",
  ServiceName: (row) => row.model,
  SubAccountId: (row) => row.license_id,
  ResourceId: (row) => row.machine_id,
  ConsumedQuantity: (row) => row.input_tokens + row.output_tokens,
  ConsumedUnit: () => "Tokens",
  x_Requests: (row) => row.requests,
  x_InputTokens: (row) => row.input_tokens,
  x_CachedInputTokens: (row) => row.cached_input_tokens,
  x_OutputTokens: (row) => row.output_tokens,
  x_ReasoningTokens: (row) => row.reasoning_tokens,
  x_UnpricedRequests: (row) => row.unpriced,
};

export const focusColumns = Object.keys(columns);

export const focus = (row) => Object.fromEntries(focusColumns.map((name) => [name, columns[name](row)]));
