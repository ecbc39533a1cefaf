// Usage by provider, model or plan: who of them, and how that went.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { sentence } from "../../lib/format.ts";
import { href, type Route } from "../../lib/route.ts";
import { Loaded, Section } from "../../ui/basics.tsx";
import { Plot, type Series } from "../../ui/plot.tsx";
import { Save } from "../../ui/save.tsx";
import { Filters, useSums, type Dimension } from "./filters.tsx";
import { measureOf, type Measure } from "./measure.ts";
import { spanOf, stepOf, timeOf, timesOf, type Span, type Step, type Sum } from "./span.ts";
import { sumColumns, SumsTable } from "./sums_table.tsx";
import { NoUse, Totals } from "./time.tsx";

// More lines than this can't be told apart.
const linesMax = 5;

export function ByName({ route, by }: { route: Route; by: Dimension }): JSX.Element {
  const span = spanOf(route.query);
  const step = stepOf(span, route.query["step"]);
  const measure = measureOf(route.query["show"]);
  const sums = useSums(route, span, by);
  const course = useSums(route, span, `${step},${by}`);
  const nameOf = (row: Sum): string => row[by] ?? "";
  return (
    <>
      <Filters route={route} dimensions step measure />
      <Loaded of={sums}>
        {({ data, total }) => {
          const rows = [...data].sort((a, b) => measure.of(b) - measure.of(a));
          return (
            <>
              <Totals total={total} />
              <Section
                title={`${measure.title} by ${by}`}
                actions={<Save name={`usage-by-${by}_${span.from}_${span.to}`} columns={[by, ...sumColumns]} rows={rows} />}>
                {rows.length === 0 ? (
                  <NoUse />
                ) : (
                  <>
                    <Loaded of={course}>
                      {({ data }) => (
                        <Lines rows={data} order={rows.map(nameOf)} nameOf={nameOf} span={span} step={step} measure={measure} />
                      )}
                    </Loaded>
                    <SumsTable
                      caption={`Usage by ${by}`}
                      head={sentence(by)}
                      keyOf={nameOf}
                      rows={rows}
                      total={total}
                      empty=""
                      cell={(row) => <a href={href(["usage"], { ...route.query, [by]: nameOf(row) })}>{nameOf(row)}</a>}
                    />
                  </>
                )}
              </Section>
            </>
          );
        }}
      </Loaded>
    </>
  );
}

interface LinesProps {
  rows: readonly Sum[];
  order: readonly string[]; // Most first.
  nameOf: (row: Sum) => string;
  span: Span;
  step: Step;
  measure: Measure;
}

function Lines(props: LinesProps): JSX.Element {
  const { rows, order, span, step, measure } = props;
  const { times, series } = useMemo(() => {
    const times = timesOf(span, step);
    return { times, series: linesOf(props, times) };
  }, [rows, order.join(), span.from, span.to, step, measure]);
  return (
    <Plot
      title={measure.title}
      unit={measure.unit}
      times={times}
      series={series}
      write={measure.write}
      step={step}
      height={260}
    />
  );
}

// linesOf: of those that come first, and one for all others together.
function linesOf({ rows, order, nameOf, measure }: LinesProps, times: readonly Date[]): Series[] {
  const own = order.slice(0, order.length > linesMax + 1 ? linesMax : linesMax + 1);
  const others = `${order.length - own.length} others`;
  const names = own.length < order.length ? [...own, others] : own;
  const places = new Map(times.map((time, index) => [time.getTime(), index]));
  const values = new Map(names.map((name) => [name, times.map(() => 0)]));
  for (const row of rows) {
    const line = values.get(nameOf(row)) ?? values.get(others);
    const place = places.get(Date.parse(timeOf(row)));
    if (line && place !== undefined) line[place] = (line[place] ?? 0) + measure.of(row);
  }
  return names.map((name) => ({ name, values: values.get(name) ?? [] }));
}
