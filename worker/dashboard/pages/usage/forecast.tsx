// Where the running month is heading: what it has cost, and the service's forecast of its end.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Overview } from "../../api.gen.ts";
import { usd, utcDate } from "../../lib/format.ts";
import { useResource } from "../../lib/resource.ts";
import { Empty, Figure, Loaded, Section } from "../../ui/basics.tsx";
import { Needs } from "../../ui/needs.tsx";
import { Plot } from "../../ui/plot.tsx";

type Costs = Overview["cost"];
type Forecast = NonNullable<Costs["forecast"]>;

const dayMs = 86_400_000;

export function MonthAhead(): JSX.Element {
  return (
    <Section title="This month" note="All licences together, from the first of the month by UTC.">
      <Needs scope="metrics:read">
        <Ahead />
      </Needs>
    </Section>
  );
}

function Ahead(): JSX.Element {
  const overview = useResource<Overview>("/admin/overview");
  return (
    <Loaded of={overview}>
      {({ cost, time }) => (
        <>
          <div class="figures">
            <Figure name="So far" value={usd(cost.month.cost)} />
            {cost.forecast && (
              <Figure
                name={`Expected by ${lastDay(cost.forecast)}`}
                value={usd(cost.forecast.cost)}
                note={rangeOf(cost.forecast)}
              />
            )}
          </div>
          {cost.forecast ? (
            <Band costs={cost} forecast={cost.forecast} now={time} />
          ) : (
            <Empty>A forecast needs seven days with use. It appears here by itself.</Empty>
          )}
        </>
      )}
    </Loaded>
  );
}

// The forecast's moment is the first of the next month: what is known of the last day of this one.
const lastDay = ({ until }: Forecast): string => utcDate(new Date(Date.parse(until) - 1));

const rangeOf = (forecast: Forecast): string => `${usd(forecast.cost_low)} to ${usd(forecast.cost_high)}, four times in five`;

function Band({ costs, forecast, now }: { costs: Costs; forecast: Forecast; now: string }): JSX.Element {
  const { times, series } = useMemo(() => courseOf(costs, forecast, Date.parse(now)), [costs, forecast, now]);
  return (
    <Plot
      title="Cost since the first of the month"
      unit="US dollars"
      times={times}
      series={series}
      write={usd}
      step="day"
      height={260}
    />
  );
}

// courseOf: what is known of each day, and of the forecast no more than it says: today and the month's last day.
function courseOf(costs: Costs, forecast: Forecast, now: number) {
  const end = Date.parse(forecast.until);
  const today = Math.floor(now / dayMs) * dayMs;
  const first = Date.UTC(new Date(today).getUTCFullYear(), new Date(today).getUTCMonth());
  const times = Array.from({ length: Math.round((end - first) / dayMs) }, (_, index) => new Date(first + index * dayMs));
  const costOf = new Map(costs.days.map(({ day, cost }) => [Date.parse(day), Number(cost)]));
  let sum = 0;
  const spent = times.map((time) => {
    sum += costOf.get(time.getTime()) ?? 0;
    return time.getTime() <= today ? sum : null;
  });
  const from = Math.round((today - first) / dayMs);
  const line = (ends: string): (number | null)[] =>
    times.map((_, index) => (index === times.length - 1 ? Number(ends) : index === from ? Number(costs.month.cost) : null));
  return {
    times,
    series: [
      { name: "Spent", values: spent },
      { name: "Expected", values: line(forecast.cost), isDashed: true, spansGaps: true },
      { name: "At most, nine times in ten", values: line(forecast.cost_high), isUpperEdge: true, spansGaps: true },
      { name: "At least, nine times in ten", values: line(forecast.cost_low), isLowerEdge: true, spansGaps: true },
    ],
  };
}
