// The plot of a query's answer, as the query says which of its columns make one.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { count, plural, shortCount, shortUsd, usd } from "../../lib/format.ts";
import { Bars } from "../../ui/bars.tsx";
import { Heat, Plot, type Series } from "../../ui/plot.tsx";
import { readable, type StoredQuery } from "../data.tsx";
import type { Cell } from "./result.tsx";

interface DrawnProps {
  query: StoredQuery;
  rows: readonly (readonly Cell[])[];
}

const barsMax = 30;
const stepMs = { hour: 3_600_000, day: 86_400_000 };
const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

export function Drawn({ query, rows }: DrawnProps): JSX.Element | null {
  const { plot, columns } = query;
  if (!plot) return null;
  if (plot.kind === "heatmap") return <Heatmap query={query} rows={rows} />;
  const type = columns.find(({ name }) => name === plot.x)?.type;
  if (type === "time" || type === "date") return <Course query={query} rows={rows} step={type === "time" ? "hour" : "day"} />;
  return <Named query={query} rows={rows} />;
}

const placeOf = ({ columns }: StoredQuery, name: string): number => columns.findIndex((column) => column.name === name);
const isMoney = ({ columns }: StoredQuery, name: string): boolean =>
  columns.find((column) => column.name === name)?.type === "usd";

// Course: the queries leave out times without anything; they are drawn as 0.
function Course({ query, rows, step }: DrawnProps & { step: "hour" | "day" }): JSX.Element {
  const names = query.plot?.y ?? [];
  const { times, series } = useMemo(() => courseOf(query, rows, step), [query, rows, step]);
  const areDollars = names.every((name) => isMoney(query, name));
  return (
    <Plot
      title={names.map(readable).join(", ")}
      unit={areDollars ? "US dollars" : `number by ${step}`}
      times={times}
      series={series}
      write={areDollars ? usd : count}
      step={step}
      kind={query.plot?.kind === "bars" ? "bars" : "line"}
      height={260}
    />
  );
}

function courseOf(query: StoredQuery, rows: DrawnProps["rows"], step: "hour" | "day"): { times: Date[]; series: Series[] } {
  const x = placeOf(query, query.plot?.x ?? "");
  const found = new Map(rows.map((row) => [Date.parse(String(row[x])), row]));
  const first = Math.min(...found.keys());
  const num = Math.round((Math.max(...found.keys()) - first) / stepMs[step]) + 1;
  const times = Array.from({ length: num }, (_, index) => new Date(first + index * stepMs[step]));
  const series = (query.plot?.y ?? []).map((name): Series => {
    const y = placeOf(query, name);
    return { name: readable(name), values: times.map((time) => Number(found.get(time.getTime())?.[y] ?? 0)) };
  });
  return { times, series };
}

function Named({ query, rows }: DrawnProps): JSX.Element {
  const name = query.plot?.y[0] ?? "";
  const x = placeOf(query, query.plot?.x ?? "");
  const y = placeOf(query, name);
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(String(row[x] ?? "–"), (sums.get(String(row[x] ?? "–")) ?? 0) + Number(row[y] ?? 0));
  const all = [...sums].map(([name, value]) => ({ name, value })).sort((a, b) => b.value - a.value);
  return (
    <>
      <Bars
        title={`${readable(name)} by ${readable(query.plot?.x ?? "").toLowerCase()}`}
        rows={all.slice(0, barsMax)}
        write={isMoney(query, name) ? usd : count}
      />
      {all.length > barsMax && (
        <p class="note">
          The first {barsMax} of {plural(all.length, "bar")}; all are in the table.
        </p>
      )}
    </>
  );
}

// Heatmap: numbers by two columns of whole numbers; weekdays and hours of the day are all there, used or not.
function Heatmap({ query, rows }: DrawnProps): JSX.Element | null {
  const plot = query.plot;
  if (!plot?.value) return null;
  const [x, y, value] = [placeOf(query, plot.x), placeOf(query, plot.y[0] ?? ""), placeOf(query, plot.value)];
  const across = plot.x === "hour" ? range(24) : numbersOf(rows, x);
  const down = plot.y[0] === "weekday" ? range(7) : numbersOf(rows, y);
  const found = new Map(rows.map((row) => [`${row[y]} ${row[x]}`, Number(row[value] ?? 0)]));
  return (
    <Heat
      title={`${readable(plot.value)} by ${plot.y[0] ?? ""} and ${plot.x}`}
      write={isMoney(query, plot.value) ? shortUsd : shortCount}
      rows={down.map((one) => (plot.y[0] === "weekday" ? (weekdays[one] ?? "") : String(one)))}
      columns={across.map((one) => String(one).padStart(2, "0"))}
      values={down.map((row) => across.map((column) => found.get(`${row} ${column}`) ?? 0))}
    />
  );
}

const range = (end: number): number[] => Array.from({ length: end }, (_, index) => index);
const numbersOf = (rows: DrawnProps["rows"], place: number): number[] =>
  [...new Set(rows.map((row) => Number(row[place])))].sort((a, b) => a - b);
