// Grants and refusals over time: of the last two days by hour, or of the last thirty by day.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { QueryAnswer } from "../../api.gen.ts";
import { count, plural } from "../../lib/format.ts";
import { useResource } from "../../lib/resource.ts";
import { href, setQuery, type Route } from "../../lib/route.ts";
import { Empty, Loaded, Section } from "../../ui/basics.tsx";
import { Select } from "../../ui/fields.tsx";
import { Needs } from "../../ui/needs.tsx";
import { Plot, type Series } from "../../ui/plot.tsx";

// It reads many rows of the audit log: less often than the rest.
const everyMs = 300_000;
const cuts = {
  hours: {
    query: "grants_per_hour",
    parameters: { hours: 48 },
    num: 48,
    step: "hour",
    stepMs: 3_600_000,
    text: "Last 48 hours",
  },
  days: {
    query: "grants_per_day",
    parameters: { days: 30 },
    num: 30,
    step: "day",
    stepMs: 86_400_000,
    text: "Last 30 days",
  },
} as const;
type CutName = keyof typeof cuts;

const lines = [
  ["granted", "Granted"],
  ["denied", "Denied"],
  ["outage", "Granted while D1 was away"],
] as const;

export function Provisions({ route }: { route: Route }): JSX.Element {
  const name: CutName = route.query["provisions"] === "days" ? "days" : "hours";
  return (
    <Section
      title="Provisions"
      actions={
        <Select
          label="Time"
          value={name}
          options={Object.entries(cuts).map(([name, { text }]) => [name, text] as const)}
          onChange={(value) => setQuery(route, { provisions: value === "days" ? value : undefined })}
        />
      }>
      <Needs scope="queries:read">
        <Answered name={name} />
      </Needs>
    </Section>
  );
}

function Answered({ name }: { name: CutName }): JSX.Element {
  const { query, parameters } = cuts[name];
  const answer = useResource<QueryAnswer>(`/admin/queries/${query}`, { body: { parameters }, everyMs });
  return <Loaded of={answer}>{(data) => <Course answer={data} name={name} />}</Loaded>;
}

function Course({ answer, name }: { answer: QueryAnswer; name: CutName }): JSX.Element {
  const { step } = cuts[name];
  const { times, series } = useMemo(() => courseOf(answer, name), [answer, name]);
  if (answer.rows.length === 0) {
    return (
      <Empty>
        No machine asked for keys in this time. <a href={href(["licences"])}>Create a licence</a> and try it in the app.
      </Empty>
    );
  }
  const [granted = 0, denied = 0] = series.map(({ values }) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0));
  return (
    <>
      <Plot
        title="Granted and denied"
        unit={`requests by ${step}`}
        times={times}
        series={series}
        write={count}
        step={step}
        kind={step === "day" ? "bars" : "line"}
        height={240}
      />
      <p class="note">
        {count(granted)} granted, {count(denied)} denied. <a href={href(["data", "refusals_by_reason"])}>Why refused?</a>
        {answer.truncated && ` Of the first ${plural(answer.rows.length, "row")}.`}
      </p>
    </>
  );
}

// courseOf: each hour or day up to now; those without a row had none.
function courseOf({ columns, rows }: QueryAnswer, name: CutName): { times: Date[]; series: Series[] } {
  const { num, stepMs } = cuts[name];
  const last = Math.floor(Date.now() / stepMs) * stepMs;
  const times = Array.from({ length: num }, (_, index) => new Date(last - (num - 1 - index) * stepMs));
  const found = new Map(rows.map((row) => [Date.parse(String(row[0])), row]));
  const all = lines.map(([column, name]) => {
    const place = columns.indexOf(column);
    return { name, values: times.map((time) => Number(found.get(time.getTime())?.[place] ?? 0)) };
  });
  // D1 is seldom away: the third line is only there when it was.
  return { times, series: all.filter(({ values }, index) => index < 2 || values.some((value) => value > 0)) };
}
