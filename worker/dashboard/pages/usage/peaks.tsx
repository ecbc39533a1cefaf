// Peak hours: when in the week the models are used.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { setQuery } from "../../lib/route.ts";
import { Figure, Loaded, Section } from "../../ui/basics.tsx";
import { Select } from "../../ui/fields.tsx";
import { Heat } from "../../ui/plot.tsx";
import { Save } from "../../ui/save.tsx";
import type { ViewProps } from "../usage.tsx";
import { Filters, useSums } from "./filters.tsx";
import { measureOf, type Measure } from "./measure.ts";
import { daysOf, hoursKeptDays, spanOf, type Sum } from "./span.ts";
import { NoUse } from "./time.tsx";

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
const decimalsMax = 9; // Amounts have so many decimals; sums of numbers would show more.
const viewersZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function PeakHours({ route }: ViewProps): JSX.Element {
  const span = spanOf(route.query);
  const isKept = daysOf(span) <= hoursKeptDays;
  const sums = useSums(route, span, isKept || span.trouble ? "hour" : null);
  const measure = measureOf(route.query["show"]);
  const isLocal = route.query["zone"] === "local";
  return (
    <>
      <Filters route={route} dimensions measure />
      <Section
        title={`${measure.title} by weekday and hour`}
        note={`${isLocal ? viewersZone : "UTC"}. Each cell is the sum of that hour over the whole time; the stronger its colour, the more.`}
        actions={
          <Select
            label="Zone"
            value={isLocal ? "local" : "utc"}
            options={[
              ["utc", "UTC"],
              ["local", `Here (${viewersZone})`],
            ]}
            onChange={(zone) => setQuery(route, { zone: zone === "local" ? zone : undefined })}
          />
        }>
        {isKept || span.trouble ? (
          <Loaded of={sums}>
            {({ data }) => (data.length === 0 ? <NoUse /> : <Week rows={data} measure={measure} isLocal={isLocal} />)}
          </Loaded>
        ) : (
          <p class="empty">Hours are kept {hoursKeptDays} days. Ask for less time.</p>
        )}
      </Section>
    </>
  );
}

function placeOf(at: string, isLocal: boolean): [weekday: number, hour: number] {
  const time = new Date(at);
  const [day, hour] = isLocal ? [time.getDay(), time.getHours()] : [time.getUTCDay(), time.getUTCHours()];
  return [(day + 6) % 7, hour];
}

function Week({ rows, measure, isLocal }: { rows: readonly Sum[]; measure: Measure; isLocal: boolean }): JSX.Element {
  const values = useMemo(() => {
    const week = weekdays.map(() => hours.map(() => 0));
    for (const row of rows) {
      const [weekday, hour] = placeOf(row.hour ?? "", isLocal);
      const day = week[weekday];
      if (day) day[hour] = (day[hour] ?? 0) + measure.of(row);
    }
    return week;
  }, [rows, measure, isLocal]);
  const cells = values.flatMap((day, weekday) => day.map((value, hour) => ({ weekday, hour, value })));
  const busiest = cells.reduce((most, cell) => (cell.value > most.value ? cell : most));
  const all = cells.reduce((sum, { value }) => sum + value, 0);
  const saved = cells.map(({ weekday, hour, value }) => {
    return { weekday: weekdays[weekday], hour, [measure.name]: Number(value.toFixed(decimalsMax)) };
  });
  return (
    <>
      <div class="figures">
        <Figure
          name="Busiest hour"
          value={`${weekdays[busiest.weekday]} ${hours[busiest.hour]}:00`}
          note={measure.write(busiest.value)}
        />
        <Figure
          name="Quiet hours"
          value={`${cells.filter(({ value }) => value === 0).length} of ${cells.length}`}
          note="without any use"
        />
        <Figure name="In all" value={measure.write(all)} />
      </div>
      <Heat title={measure.title} rows={weekdays} columns={hours} values={values} write={measure.writeShort} />
      <Save name={`peak-hours-${measure.name}`} columns={["weekday", "hour", measure.name]} rows={saved} />
    </>
  );
}
