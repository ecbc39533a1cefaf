// What the models cost, day by day.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Overview } from "../../api.gen.ts";
import { usd } from "../../lib/format.ts";
import { href } from "../../lib/route.ts";
import { Empty } from "../../ui/basics.tsx";
import { Plot } from "../../ui/plot.tsx";

const dayMs = 86_400_000;
const daysShown = 30;

export function CostByDay({ of: { cost, time } }: { of: Overview }): JSX.Element {
  const key = JSON.stringify(cost.days);
  const { times, series } = useMemo(() => {
    const today = Math.floor(Date.parse(time) / dayMs) * dayMs;
    const times = Array.from({ length: daysShown }, (_, index) => new Date(today - (daysShown - 1 - index) * dayMs));
    const found = new Map(cost.days.map(({ day, cost }) => [Date.parse(day), Number(cost)]));
    return { times, series: [{ name: "Cost", values: times.map((at) => found.get(at.getTime()) ?? 0) }] };
  }, [key]);
  if (cost.days.length === 0) {
    return (
      <Empty>
        Nothing was used yet. Clients report what they use with <code>POST /usage/report</code>.
      </Empty>
    );
  }
  return (
    <>
      <Plot
        title="Cost"
        unit="US dollars by day, UTC"
        times={times}
        series={series}
        write={usd}
        step="day"
        kind="bars"
        height={200}
      />
      <p>
        <a href={href(["usage"])}>Usage and cost</a>
      </p>
    </>
  );
}
