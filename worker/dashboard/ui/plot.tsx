// Plots over time. Each is also a table, for those who would rather read, or can't see.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

export interface Series {
  name: string;
  values: readonly (number | null)[];
  // A band between this and the next series, which is its lower edge.
  isUpperEdge?: boolean;
  isLowerEdge?: boolean;
  isDashed?: boolean;
  // Its line goes on over times that have no value.
  spansGaps?: boolean;
}

export interface PlotProps {
  title: string;
  // Points in time, ascending; of days and months those at which they begin by UTC.
  times: readonly Date[];
  series: readonly Series[];
  // How a value is written, unit and all: in the legend, the table, and on the axis.
  write: (value: number) => string;
  unit: string;
  kind?: "line" | "bars";
  height?: number;
  // The step between two points decides how times are written.
  step: "hour" | "day" | "month";
}

const colours = ["--plot-1", "--plot-2", "--plot-3", "--plot-4", "--plot-5", "--plot-6"];
// Hours are written in the viewer's zone. Days and months are sums by UTC: elsewhere they would be written as those before.
const timeFormats = {
  hour: new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  }),
  day: new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }),
  month: new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" }),
};
const hourTicks = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayTicks = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

const hourS = 3600;
const dayS = 24 * hourS;
const stepSeconds = { hour: hourS, day: dayS, month: 30 * dayS };
// What may be between two ticks: never less than a step, which would be written twice.
const tickSeconds = {
  hour: [1, 2, 3, 4, 6, 8, 12].map((hours) => hours * hourS).concat([1, 2, 3, 7, 14, 30].map((days) => days * dayS)),
  day: [1, 2, 3, 4, 5, 7, 10, 14, 30, 60, 90, 180, 365].map((days) => days * dayS),
  month: [30, 60, 90, 120, 180, 365, 730].map((days) => days * dayS),
};
const wholeTicks = [1, 2, 5]
  .flatMap((digit) => Array.from({ length: 13 }, (_, power) => digit * 10 ** power))
  .sort((a, b) => a - b);

export function Plot(props: PlotProps): JSX.Element {
  const { title, times, series, write, unit, step } = props;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => draw(box.current, props), [times, series, props.kind, props.height, step]);
  const written = timeFormats[step];
  return (
    <figure class="plot">
      <figcaption>
        {title} <span class="note">({unit})</span>
      </figcaption>
      <div ref={box} role="img" aria-label={`${title}: a plot; the same as a table is below.`} />
      <details>
        <summary>Show as a table</summary>
        <div class="table-box" role="region" aria-label={`${title}, as a table`} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col" class="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {times.map((time, index) => (
                <tr key={time.getTime()}>
                  <th scope="row">{written.format(time)}</th>
                  {series.map(({ name, values }) => (
                    <td key={name} class="number">
                      {text(values[index], write)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

const text = (value: number | null | undefined, write: (value: number) => string): string =>
  value === null || value === undefined ? "–" : write(value);

// draw: gives what takes the plot away again. Drawn anew with other colours when the theme changes.
function draw(box: HTMLDivElement | null, props: PlotProps): (() => void) | undefined {
  if (!box) return undefined;
  let plot: uPlot | undefined;
  const redraw = (): void => {
    plot?.destroy();
    plot = new uPlot(optionsOf(box, props), dataOf(props), box);
  };
  const sized = new ResizeObserver(() => plot?.setSize({ width: box.clientWidth, height: props.height ?? 220 }));
  const theme = matchMedia("(prefers-color-scheme: dark)");
  const themed = new MutationObserver(redraw);
  redraw();
  sized.observe(box);
  theme.addEventListener("change", redraw);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => {
    sized.disconnect();
    themed.disconnect();
    theme.removeEventListener("change", redraw);
    plot?.destroy();
  };
}

function dataOf({ times, series }: PlotProps): uPlot.AlignedData {
  return [times.map((time) => time.getTime() / 1000), ...series.map(({ values }) => [...values])] as uPlot.AlignedData;
}

type Axis = NonNullable<uPlot.Options["axes"]>[number];
type Colour = (name: string) => string;

function optionsOf(box: HTMLElement, props: PlotProps): uPlot.Options {
  const { series, kind = "line", height = 220, step } = props;
  const style = getComputedStyle(document.documentElement);
  const colour: Colour = (name) => style.getPropertyValue(name).trim();
  const font = `12px ${style.getPropertyValue("--font") || "system-ui"}`;
  const edges = series.map(({ isUpperEdge }, index) => ({ isUpperEdge, index })).filter(({ isUpperEdge }) => isUpperEdge);
  return {
    width: box.clientWidth || 600,
    height,
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    legend: { live: true },
    padding: [8, 8, 0, 0],
    ...(step !== "hour" && { tzDate: (at: number) => uPlot.tzDate(new Date(at * 1000), "UTC") }),
    scales: {
      x: {
        time: true,
        ...(kind === "bars" && { range: (_plot, low, high) => barRange(low, high, stepSeconds[step]) }),
      },
      y: { range: (_plot, low, high) => [Math.min(0, low), high > 0 ? high * 1.08 : 1] },
    },
    axes: axesOf(props, {
      stroke: colour("--muted"),
      font,
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
    }),
    bands: edges.map(({ index }) => ({ series: [index + 1, index + 2], fill: `${colour(colours[0] ?? "")}26` })),
    series: [
      { label: "Time", value: (_plot, at) => (at === null ? "–" : timeFormats[step].format(new Date(at * 1000))) },
      ...series.map((one, index) => lineOf(props, one, index, colour)),
    ],
  };
}

function axesOf({ series, write, step }: PlotProps, axis: Axis): Axis[] {
  const isWhole = series.every(({ values }) => values.every((value) => value === null || Number.isInteger(value)));
  return [
    {
      ...axis,
      space: 72,
      size: 32,
      incrs: tickSeconds[step],
      values: (_plot, splits, _at, _space, gap) => splits.map((split) => tick(split, step, gap)),
    },
    {
      ...axis,
      size: 72,
      ...(isWhole && { incrs: wholeTicks }),
      values: (_plot, splits) => splits.map((split) => write(split)),
    },
  ];
}

function tick(at: number, step: PlotProps["step"], gap: number): string {
  const time = new Date(at * 1000);
  if (step !== "hour") return timeFormats[step].format(time);
  return gap >= dayS || time.getHours() + time.getMinutes() === 0 ? dayTicks.format(time) : hourTicks.format(time);
}

function lineOf({ series, write, kind, step }: PlotProps, one: Series, index: number, colour: Colour): uPlot.Series {
  const isEdge = one.isUpperEdge === true || one.isLowerEdge === true;
  const stroke = colour(colours[isEdge ? 0 : index % colours.length] ?? "");
  const bars = kind === "bars" && !isEdge && barsOf(index, series.length, stepSeconds[step]);
  return {
    label: one.name,
    stroke,
    width: isEdge ? 0 : 2,
    points: { show: isOnePoint(series) },
    value: (_plot, value) => text(value, write),
    spanGaps: one.spansGaps === true,
    ...(one.isDashed && { dash: [6, 4] }),
    ...(bars && { paths: bars, fill: `${stroke}b3`, width: 0, points: { show: false } }),
  };
}

// barRange: room for the first and the last bar, and not so little that one alone fills the plot.
const barRange = (low: number, high: number, step: number): [number, number] => [
  Math.min(low - step * 0.6, high - step * 7.5),
  high + step * 0.6,
];

// barsOf: bars of several series stand beside one another.
function barsOf(index: number, number: number, step: number): uPlot.Series.PathBuilder | undefined {
  const width = (step * 0.74) / number;
  const shift = width * (index - number / 2);
  return uPlot.paths.bars?.({
    disp: {
      x0: { unit: 1, values: (plot) => [...plot.data[0]].map((at) => at + shift) },
      size: { unit: 1, values: () => [width] },
    },
  });
}

// A line of one point would not be seen.
const isOnePoint = (series: readonly Series[]): boolean => series.every(({ values }) => values.length < 2);

export interface HeatProps {
  title: string;
  rows: readonly string[];
  columns: readonly string[];
  values: readonly (readonly number[])[]; // By row, then column.
  write: (value: number) => string;
}

// Heat: a table whose cells are shaded; the numbers are in it, so nothing is said by colour alone.
export function Heat({ title, rows, columns, values, write }: HeatProps): JSX.Element {
  const most = Math.max(0, ...values.flat()) || 1;
  const level = (value: number): number => (value === 0 ? 0 : Math.max(1, Math.ceil((value / most) * 6)));
  return (
    <figure class="plot">
      <figcaption>{title}</figcaption>
      <div class="table-box" role="region" aria-label={title} tabIndex={0}>
        <table class="heat">
          <thead>
            <tr>
              <td />
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={row}>
                <th scope="row">{row}</th>
                {columns.map((column, index) => {
                  const value = values[at]?.[index] ?? 0;
                  return (
                    <td key={column} class={`heat-${level(value)}`} title={`${row} ${column}: ${write(value)}`}>
                      {value ? write(value) : "·"}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
