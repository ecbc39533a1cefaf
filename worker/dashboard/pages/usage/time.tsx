// Usage over time: what it came to, its course, and where the month is heading.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { count, shortCount, usd, utcMonth } from "../../lib/format.ts";
import { href } from "../../lib/route.ts";
import { Day, Empty, Figure, Loaded, Section, Time } from "../../ui/basics.tsx";
import { Plot } from "../../ui/plot.tsx";
import { Save } from "../../ui/save.tsx";
import type { ViewProps } from "../usage.tsx";
import { Filters, useSums } from "./filters.tsx";
import { MonthAhead } from "./forecast.tsx";
import { measureOf, type Measure } from "./measure.ts";
import { spanOf, stepOf, timeOf, timesOf, type Span, type Step, type Sum, type Total } from "./span.ts";
import { sumColumns, SumsTable } from "./sums_table.tsx";

export function OverTime({ route }: ViewProps): JSX.Element {
  const span = spanOf(route.query);
  const step = stepOf(span, route.query["step"]);
  const sums = useSums(route, span, step);
  const measure = measureOf(route.query["show"]);
  return (
    <>
      <Filters route={route} dimensions step measure />
      <Loaded of={sums}>
        {({ data, total }) => (
          <>
            <Totals total={total} />
            <Section
              title={`${measure.title} by ${step}`}
              actions={<Save name={`usage-by-${step}_${span.from}_${span.to}`} columns={[step, ...sumColumns]} rows={data} />}>
              {data.length === 0 ? (
                <NoUse />
              ) : (
                <>
                  <Course rows={data} span={span} step={step} measure={measure} />
                  <Rows rows={data} step={step} />
                </>
              )}
            </Section>
          </>
        )}
      </Loaded>
      <MonthAhead />
    </>
  );
}

export function NoUse(): JSX.Element {
  return (
    <Empty>
      Nothing was used in this time. Clients report what they use with <code>POST /usage/report</code>; look at another time, or
      take filters away.
    </Empty>
  );
}

export function Totals({ total }: { total: Total }): JSX.Element {
  return (
    <div class="figures">
      <Figure name="Cost" value={usd(total.cost)} />
      <Figure name="Requests" value={count(total.requests)} />
      <Figure
        name="Input tokens"
        value={shortCount(total.input_tokens)}
        note={`${shortCount(total.cached_input_tokens)} of them cached`}
      />
      <Figure
        name="Output tokens"
        value={shortCount(total.output_tokens)}
        note={`${shortCount(total.reasoning_tokens)} of them reasoning`}
      />
      {total.unpriced > 0 && (
        <Figure
          name="Without a price"
          value={count(total.unpriced)}
          tone="warn"
          note={
            <>
              Count as nothing. <a href={href(["settings", "prices"])}>Bring a price</a>
            </>
          }
        />
      )}
    </div>
  );
}

function Course({
  rows,
  span,
  step,
  measure,
}: {
  rows: readonly Sum[];
  span: Span;
  step: Step;
  measure: Measure;
}): JSX.Element {
  const { times, series } = useMemo(() => {
    const times = timesOf(span, step);
    const found = new Map(rows.map((row) => [Date.parse(timeOf(row)), measure.of(row)]));
    return { times, series: [{ name: measure.title, values: times.map((time) => found.get(time.getTime()) ?? 0) }] };
  }, [rows, span.from, span.to, step, measure]);
  return (
    <Plot
      title={measure.title}
      unit={measure.unit}
      times={times}
      series={series}
      write={measure.write}
      step={step}
      kind={step === "hour" ? "line" : "bars"}
      height={260}
    />
  );
}

function Rows({ rows, step }: { rows: readonly Sum[]; step: Step }): JSX.Element {
  const newestFirst = useMemo(() => [...rows].reverse(), [rows]);
  return (
    <SumsTable
      caption={`Usage by ${step}, newest first`}
      head={step === "hour" ? "Hour from" : step === "day" ? "Day" : "Month"}
      cell={(row) => <Cut at={timeOf(row)} step={step} />}
      keyOf={timeOf}
      rows={newestFirst}
      empty=""
    />
  );
}

function Cut({ at, step }: { at: string; step: Step }): JSX.Element {
  if (step === "hour") return <Time value={at} />;
  return step === "day" ? (
    <Day value={at} />
  ) : (
    <time dateTime={at.slice(0, 7)} title="A month in UTC">
      {utcMonth(new Date(at))}
    </time>
  );
}
