// The licences that cost most, and those that are near the limits of their budgets.
import type { JSX } from "preact";
import type { Alert, AlertList, UsageLicenses } from "../../api.gen.ts";
import { count, percent, sentence, usd } from "../../lib/format.ts";
import { useResource } from "../../lib/resource.ts";
import { href, setQuery } from "../../lib/route.ts";
import { Bar, Empty, Loaded, Section, Time } from "../../ui/basics.tsx";
import { Select } from "../../ui/fields.tsx";
import { Needs } from "../../ui/needs.tsx";
import { Save } from "../../ui/save.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import type { ViewProps } from "../usage.tsx";
import { Filters } from "./filters.tsx";
import { askedBy, spanOf } from "./span.ts";

type LicenceCost = UsageLicenses["data"][number];

const limits = ["20", "50", "100", "500"] as const;
const alertsMax = 100;

export function ByLicence({ route }: ViewProps): JSX.Element {
  const span = spanOf(route.query);
  const limit = limits.find((one) => one === route.query["top"]) ?? limits[0];
  const dearest = useResource<UsageLicenses>(span.trouble ? null : "/admin/usage/licenses", {
    query: { ...askedBy(span), limit },
  });
  return (
    <>
      <Filters route={route} />
      <div class="grid">
        <Section
          wide
          title="Dearest licences"
          actions={
            <>
              <Select
                label="Show"
                value={limit}
                onChange={(top) => setQuery(route, { top })}
                options={limits.map((one) => [one, `${one} licences`])}
              />
              <Save
                name={`dearest-licences_${span.from}_${span.to}`}
                rows={dearest.data?.data ?? []}
                columns={["license_id", "code_hint", "plan", "requests", "cost", "unpriced"]}
              />
            </>
          }>
          <Loaded of={dearest}>{({ data }) => <Dearest rows={data} />}</Loaded>
        </Section>
        <Section wide title="Near their limits" note="Licences with an open alert of their budget, as the alert last saw them.">
          <Needs scope="alerts:read">
            <Budgets />
          </Needs>
        </Section>
      </div>
    </>
  );
}

function Dearest({ rows }: { rows: readonly LicenceCost[] }): JSX.Element {
  const columns: Column<LicenceCost>[] = [
    {
      head: "Licence",
      cell: ({ license_id: id, code_hint: hint }) => (
        <a class="id" href={href(["licences", id])}>
          {hint}
        </a>
      ),
    },
    { head: "Plan", cell: ({ plan }) => plan },
    { head: "Requests", cell: ({ requests }) => count(requests), isNumber: true },
    { head: "Cost", cell: ({ cost }) => usd(cost), isNumber: true },
    {
      head: "Without price",
      cell: ({ unpriced }) => (unpriced ? count(unpriced) : <span class="none">–</span>),
      isNumber: true,
    },
    { head: "Id", cell: ({ license_id: id }) => <code class="id">{id}</code> },
  ];
  return (
    <Table
      caption="Licences by cost, dearest first"
      columns={columns}
      rows={rows}
      keyOf={({ license_id: id }) => id}
      empty="No licence was used in this time. Clients report what they use with POST /usage/report; or look at another time."
    />
  );
}

interface Budget {
  alert: Alert;
  licence: string;
  period: string;
  cost: string;
  limit: string;
  share: number;
}

// budgetOf: what an alert of a budget says of it; undefined where it does not.
function budgetOf(alert: Alert): Budget | undefined {
  const { license_id: licence, period, cost, limit } = alert.details;
  if (typeof licence !== "string" || typeof period !== "string" || typeof cost !== "string" || typeof limit !== "string")
    return undefined;
  return { alert, licence, period, cost, limit, share: Number(limit) > 0 ? Number(cost) / Number(limit) : 1 };
}

function Budgets(): JSX.Element {
  const query = { kind: "budget_threshold", limit: alertsMax };
  const open = useResource<AlertList>("/admin/alerts", { query: { ...query, state: "open" } });
  const seen = useResource<AlertList>("/admin/alerts", { query: { ...query, state: "acknowledged" } });
  return (
    <Loaded of={open}>
      {({ data, next_cursor: more }) => {
        const found = [...data, ...(seen.data?.data ?? [])].map(budgetOf).filter((one) => one !== undefined);
        const budgets = found.sort((a, b) => b.share - a.share);
        if (budgets.length === 0) {
          const plans = <a href={href(["settings", "plans"])}>plans</a>;
          return <Empty>No licence is near a limit. Limits of cost stand in {plans} and in licences.</Empty>;
        }
        return (
          <div class="bars">
            {budgets.map((one) => (
              <BudgetBar key={one.alert.id} budget={one} />
            ))}
            {more && (
              <p class="note">
                Of the newest {alertsMax} alerts. All of them: <a href={href(["alerts"])}>alerts</a>.
              </p>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}

function BudgetBar({ budget: { alert, licence, period, cost, limit, share } }: { budget: Budget }): JSX.Element {
  return (
    <Bar
      name={`${sentence(period)} budget of ${licence}`}
      share={share}
      shown={
        <>
          <a href={href(["licences", licence])}>
            <code>{licence}</code>
          </a>{" "}
          <span class="note">{period}</span>
        </>
      }
      text={
        <>
          {percent(share)} · {usd(cost)} of {usd(limit)} · <Time value={alert.last_at} relative />
        </>
      }
    />
  );
}
