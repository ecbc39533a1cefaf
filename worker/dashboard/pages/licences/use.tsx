// What a licence uses and costs: where it stands in its budget, when that ends, and its days.
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { LicenseUsage } from "../../api.gen.ts";
import { count, percent, shortCount, usd } from "../../lib/format.ts";
import { useResource } from "../../lib/resource.ts";
import { useMissingScope } from "../../lib/session.ts";
import { Badge, Bar, Empty, Loaded, Section, Time } from "../../ui/basics.tsx";
import { Plot } from "../../ui/plot.tsx";

const dayMs = 86_400_000;
const daysShownMax = 90;
const daysShownMin = 14;
const names = { daily: "Today", monthly: "This month", total: "In all" } as const;

type Limit = LicenseUsage["limits"][number];

export function Use({ id, turn, created }: { id: string; turn: number; created: string }): JSX.Element {
  const missing = useMissingScope("usage:read");
  const usage = useResource<LicenseUsage>(missing ? null : `/admin/licenses/${id}/usage`);
  const { reload } = usage;
  useEffect(() => {
    if (turn > 0) reload();
  }, [turn]);
  return (
    <Section title="Use and cost" wide note="Up to the last report of its clients. Days and months are UTC's.">
      {missing ? <Empty>{missing}</Empty> : <Loaded of={usage}>{(data) => <Shown of={data} created={created} />}</Loaded>}
    </Section>
  );
}

function Shown({ of, created }: { of: LicenseUsage; created: string }): JSX.Element {
  const { times, costs, requests, unpriced } = useMemo(() => daysOf(of, created), [of, created]);
  const limits = of.limits.filter(({ usage }) => usage.limit !== null);
  return (
    <div class="stack">
      {of.blocked && (
        <p>
          <Badge tone="bad">Blocked</Badge> Its budget is used up: provision and status are refused with 402.
        </p>
      )}
      <dl class="inline-facts">
        {(["daily", "monthly", "total"] as const).map((span) => (
          <div key={span}>
            <dt>{names[span]}</dt>
            <dd>{usd(of.spent[span] ?? "0")}</dd>
          </div>
        ))}
      </dl>
      {limits.map((limit) => (
        <Budget key={limit.usage.period} of={limit} enforcement={of.enforcement} />
      ))}
      {limits.length === 0 && <p class="note">It has no budget: what it uses is counted, and refused never.</p>}
      {of.days.length === 0 ? (
        <Empty>Its clients have reported no use yet. They do with POST /usage/report.</Empty>
      ) : (
        <div class="grid">
          <Plot title="Cost" unit="US dollars a day" times={times} step="day" kind="bars" write={usd} series={costs} />
          <Plot title="Requests" unit="a day" times={times} step="day" kind="bars" write={shortCount} series={requests} />
        </div>
      )}
      {unpriced > 0 && <p class="note">{count(unpriced)} requests have a model without a price: they count as nothing.</p>}
    </div>
  );
}

// daysOf: a point for each day up to today, those without use too.
function daysOf({ days }: LicenseUsage, created: string) {
  const today = Math.floor(Date.now() / dayMs);
  const byDay = new Map(days.map((one) => [Math.floor(Date.parse(one.day) / dayMs), one]));
  const begin = Math.min(Math.floor(Date.parse(created) / dayMs), ...byDay.keys());
  const from = Math.min(Math.max(begin, today - daysShownMax + 1), today - daysShownMin + 1);
  const numbers = Array.from({ length: today - from + 1 }, (_, at) => from + at);
  return {
    times: numbers.map((day) => new Date(day * dayMs)),
    costs: [{ name: "Cost", values: numbers.map((day) => Number(byDay.get(day)?.cost ?? 0)) }],
    requests: [{ name: "Requests", values: numbers.map((day) => byDay.get(day)?.requests ?? 0) }],
    unpriced: days.reduce((sum, one) => sum + one.unpriced, 0),
  };
}

function Budget({
  of: { usage, forecast },
  enforcement,
}: {
  of: Limit;
  enforcement: LicenseUsage["enforcement"];
}): JSX.Element {
  const share = shareOf(usage.cost, usage.limit);
  return (
    <div class="budget">
      <Bar
        name={names[usage.period]}
        share={share}
        text={
          <>
            {usd(usage.cost)} of {usd(usage.limit)} ({percent(share)})
          </>
        }
      />
      <p class="note">
        {usage.resets_at && (
          <>
            Starts over <Time value={usage.resets_at} />.{" "}
          </>
        )}
        {forecast ? <Forecast of={forecast} enforcement={enforcement} /> : "A forecast needs seven days of history."}
      </p>
    </div>
  );
}

function shareOf(cost: string, limit: string | null): number {
  const most = Number(limit);
  return most > 0 ? Number(cost) / most : 1;
}

const consequence = { track: "", warn: "; its clients are warned from 80 % on", block: "; then it is refused" };

function Forecast({
  of,
  enforcement,
}: {
  of: NonNullable<Limit["forecast"]>;
  enforcement: LicenseUsage["enforcement"];
}): JSX.Element {
  return (
    <>
      {of.reached_at ? (
        <>
          The limit is likely reached <Time value={of.reached_at} />
          {of.earliest && (
            <>
              {" "}
              (from <Time value={of.earliest} />
              {of.latest ? (
                <>
                  {" "}
                  to <Time value={of.latest} />
                </>
              ) : (
                ", or not at all"
              )}
              , eight times in ten)
            </>
          )}
          {consequence[enforcement]}.{" "}
        </>
      ) : (
        <>
          The limit is likely not reached before <Time value={of.until} />.{" "}
        </>
      )}
      Cost at <Time value={of.until} />: about {usd(of.cost)}, eight times in ten {usd(of.cost_low)} to {usd(of.cost_high)}.
    </>
  );
}
