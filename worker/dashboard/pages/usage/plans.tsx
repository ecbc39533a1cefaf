// Usage by plan, and what a licence of each plan costs and brings in a month.
import type { JSX } from "preact";
import type { UsagePlans } from "../../api.gen.ts";
import { count, percent, usd, utcMonth } from "../../lib/format.ts";
import { useResource } from "../../lib/resource.ts";
import { href, setQuery, type Route } from "../../lib/route.ts";
import { Badge, Loaded, Section } from "../../ui/basics.tsx";
import { Select } from "../../ui/fields.tsx";
import { Save } from "../../ui/save.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import type { ViewProps } from "../usage.tsx";
import { ByName } from "./by_name.tsx";

type PlanCost = UsagePlans["data"][number];

const monthsShown = 13; // As many as the API can tell of.
const savedColumns = [
  "plan",
  "licenses",
  "cost",
  "median",
  "p90",
  "p99",
  "max",
  "monthly_price",
  "revenue",
  "margin",
  "losing",
  "unpriced_licenses",
] as const;

export function ByPlan({ route }: ViewProps): JSX.Element {
  return (
    <>
      <ByName key="plan" route={route} by="plan" />
      <PlanMonth route={route} />
    </>
  );
}

function monthsBack(now = new Date()): string[] {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return Array.from({ length: monthsShown }, (_, back) => new Date(Date.UTC(year, month - back)).toISOString().slice(0, 7));
}

function PlanMonth({ route }: { route: Route }): JSX.Element {
  const months = monthsBack();
  const month = months.find((one) => one === route.query["month"]) ?? months[0] ?? "";
  const plans = useResource<UsagePlans>("/admin/usage/plans", { query: { month } });
  return (
    <Section
      title="What a licence costs and brings"
      note="Of the licences with use in the month. A licence brings the price of its plan, in the running month for the days gone."
      actions={
        <>
          <Select
            label="Month"
            value={month}
            onChange={(value) => setQuery(route, { month: value })}
            options={months.map((one) => [one, utcMonth(new Date(`${one}-01`))])}
          />
          <Save name={`plans_${month}`} columns={savedColumns} rows={plans.data?.data ?? []} />
        </>
      }>
      <Loaded of={plans}>{(answer) => <Plans answer={answer} />}</Loaded>
    </Section>
  );
}

function Plans({ answer }: { answer: UsagePlans }): JSX.Element {
  const { data, days, days_gone } = answer;
  const columns: Column<PlanCost>[] = [
    { head: "Plan", cell: ({ plan }) => <a href={href(["settings", "plans", plan])}>{plan}</a> },
    { head: "Licences", cell: ({ licenses }) => count(licenses), isNumber: true },
    { head: "Cost", cell: ({ cost }) => usd(cost), isNumber: true },
    { head: "Median", cell: ({ median }) => usd(median), isNumber: true },
    { head: "p90", cell: ({ p90 }) => usd(p90), isNumber: true },
    { head: "p99", cell: ({ p99 }) => usd(p99), isNumber: true },
    { head: "Dearest", cell: ({ max }) => usd(max), isNumber: true },
    { head: "Price a month", cell: ({ monthly_price: price }) => usd(price), isNumber: true },
    { head: "Margin", cell: (row) => <Margin row={row} />, isNumber: true },
    {
      head: "Losing",
      isNumber: true,
      cell: ({ losing }) => (losing ? <Badge tone="bad">{count(losing)}</Badge> : <span class="none">–</span>),
    },
  ];
  return (
    <>
      {days_gone < days && data.length > 0 && (
        <p class="note">
          {days_gone} of {days} days of the month are gone.
        </p>
      )}
      <Table
        caption="Plans in the month"
        columns={columns}
        rows={data}
        keyOf={({ plan }) => plan}
        empty="No licence was used in this month. Choose another one above."
      />
      {data.some((row) => row.unpriced_licenses > 0) && (
        <p class="note">
          Where a plan says no price there is no margin. Say one: <a href={href(["settings", "plans"])}>plans</a>, then move its
          licences.
        </p>
      )}
    </>
  );
}

function Margin({ row: { margin, revenue } }: { row: PlanCost }): JSX.Element {
  if (margin === null) return <span class="none">–</span>;
  const share = Number(revenue) > 0 ? ` (${percent(Number(margin) / Number(revenue))})` : "";
  return (
    <span class={Number(margin) < 0 ? "loss" : ""}>
      {usd(margin)}
      {share}
    </span>
  );
}
