// How a licence looks: shared by many, or used unlike before; each with what that is made of.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Anomaly, License, Sharing } from "../../api.gen.ts";
import { plural } from "../../lib/format.ts";
import { useResource, type Resource } from "../../lib/resource.ts";
import { href } from "../../lib/route.ts";
import { Badge, Button, Facts, Loaded, Section, Time, type Tone } from "../../ui/basics.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Text } from "../../ui/fields.tsx";
import { Table } from "../../ui/table.tsx";

const alarmScore = 60;
const levels: Record<Sharing["level"], readonly [Tone, string]> = {
  none: ["good", "Looks fine"],
  warn: ["warn", "Warned"],
  throttle: ["bad", "Throttled"],
  suspend: ["bad", "Suspended"],
};

function useOf<T>(path: string, turn: number): Resource<T> {
  const resource = useResource<T>(path);
  const { reload } = resource;
  useEffect(() => {
    if (turn > 0) reload();
  }, [turn]);
  return resource;
}

export interface SharingSectionProps {
  license: License;
  etag: string | undefined;
  turn: number;
  onChange: () => void;
}

export function SharingSection({ license, etag, turn, onChange }: SharingSectionProps): JSX.Element {
  const sharing = useOf<Sharing>(`/admin/licenses/${license.id}/sharing`, turn);
  const [isOpen, setOpen] = useState(false);
  return (
    <Section
      title="Sharing"
      note="How much it looks as if many people used it."
      actions={
        <Button
          scope="licenses:write"
          disabled={!sharing.data?.scored_at}
          why="It has no score yet."
          onClick={() => setOpen(true)}>
          Clear
        </Button>
      }>
      <Loaded of={sharing}>{(data) => <SharingShown of={data} />}</Loaded>
      {isOpen && <ClearDialog license={license} etag={etag} onClose={() => setOpen(false)} onDone={onChange} />}
    </Section>
  );
}

function SharingShown({ of }: { of: Sharing }): JSX.Element {
  if (of.scored_at === null)
    return <p class="empty">It was never used, so there is no score. The first one is made within a minute of a use.</p>;
  const [tone, word] = levels[of.level];
  const { seen, policy } = of;
  return (
    <div class="stack">
      <Score score={of.score} tone={tone} word={word} />
      <p class="note">{steps(policy)}</p>
      <Reasons of={of.reasons} none="Nothing speaks for sharing." />
      <Facts
        rows={[
          ["In the last 30 days", `${plural(seen.machines, "machine")}, ${seen.refused} of them refused`],
          ["From", `${plural(seen.countries, "country", "countries")}, ${plural(seen.networks, "network")}`],
          ["Days with use", seen.days],
          ["Score made", <Time value={of.scored_at} relative />],
          ...(of.requests_per_hour === null
            ? []
            : [["Throttled to", `${plural(of.requests_per_hour, "request")} an hour`] as const]),
          ...(of.ignored_until === null ? [] : [["Looked away until", <Time value={of.ignored_until} />] as const]),
        ]}
      />
    </div>
  );
}

function steps({ warn, throttle, suspend }: Sharing["policy"]): string {
  const said = [
    warn !== null && `warns from ${warn} on`,
    throttle !== null && `throttles from ${throttle}`,
    suspend !== null && `suspends from ${suspend}`,
  ].filter(Boolean);
  return said.length === 0 ? "Its plan takes no steps, whatever the score." : `Its plan ${said.join(", ")}.`;
}

export function AnomalySection({ license, turn }: { license: License; turn: number }): JSX.Element {
  const anomaly = useOf<Anomaly>(`/admin/licenses/${license.id}/anomaly`, turn);
  return (
    <Section title="Anomaly" note="How unlike before it was used in the last hour with use.">
      <Loaded of={anomaly}>{(data) => <AnomalyShown of={data} />}</Loaded>
    </Section>
  );
}

function AnomalyShown({ of }: { of: Anomaly }): JSX.Element {
  if (of.hour === null) return <p class="empty">No hour of use was scored yet. The first one is ten minutes after its end.</p>;
  const { baseline, last_alarm: alarm } = of;
  return (
    <div class="stack">
      <Score
        score={of.score}
        tone={of.score >= alarmScore ? "bad" : "good"}
        word={of.score >= alarmScore ? "Alarm" : "As usual"}
      />
      <p class="note">
        Of the hour <Time value={of.hour} />; an alarm from {alarmScore} on.
        {!of.has_baseline && " Too little is known of it to say what is usual: only what is odd of any licence counted."}
      </p>
      {of.alert && (
        <p>
          An alert is {of.alert.state} since <Time value={of.alert.since} />: <a href={href(["alerts"])}>to the alerts</a>.
        </p>
      )}
      <Reasons of={of.reasons} none="Nothing was odd." />
      {alarm && alarm.hour !== of.hour && (
        <>
          <h3>
            Last alarm: {alarm.score}, <Time value={alarm.hour} />
          </h3>
          <Reasons of={alarm.reasons} none="" />
        </>
      )}
      <Facts
        rows={[
          ["Days it is known by", baseline.days],
          ["Usual requests", `${baseline.requests_per_day} a day, at most ${baseline.peak_requests} an hour`],
          ["Usual hours (UTC)", baseline.usual_hours.length > 0 ? rangesOf(baseline.usual_hours) : undefined],
          ["Models", namesOf(baseline.models)],
          ["Countries", namesOf(baseline.countries)],
        ]}
      />
    </div>
  );
}

// rangesOf: 0, 1, 2, 7 as 0–2, 7.
function rangesOf(hours: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const hour of [...hours].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && last[1] === hour - 1) last[1] = hour;
    else ranges.push([hour, hour]);
  }
  return ranges.map(([first, last]) => (first === last ? first : `${first}–${last}`)).join(", ");
}

const namesOf = (list: readonly { name: string }[]): string | undefined =>
  list.length > 0 ? list.map(({ name }) => name).join(", ") : undefined;

function Score({ score, tone, word }: { score: number; tone: Tone; word: string }): JSX.Element {
  return (
    <p class="score">
      <span class="figure-value">{score}</span> <span class="note">of 100</span> <Badge tone={tone}>{word}</Badge>
    </p>
  );
}

interface Reason {
  signal: string;
  sentence: string;
  points: number;
}

function Reasons({ of, none }: { of: readonly Reason[]; none: string }): JSX.Element | null {
  if (of.length === 0) return none ? <p>{none}</p> : null;
  return (
    <Table
      caption="What the score is made of"
      rows={of}
      keyOf={({ signal }) => signal}
      empty={none}
      columns={[
        { head: "Why", cell: ({ sentence }) => sentence },
        { head: "Points", isNumber: true, cell: ({ points }) => points },
      ]}
    />
  );
}

function ClearDialog({
  license,
  etag,
  onClose,
  onDone,
}: {
  license: License;
  etag: string | undefined;
  onClose: () => void;
  onDone: () => void;
}): JSX.Element {
  const [days, setDays] = useState("0");
  return (
    <Change<Sharing>
      title={`Clear what was seen of ${license.code_hint}`}
      verb="Clear"
      onClose={onClose}
      onStale={onDone}
      request={
        /^\d{1,3}$/.test(days)
          ? { path: `/admin/licenses/${license.id}/sharing/clear`, ifMatch: etag, body: { ignore_days: Number(days) } }
          : undefined
      }
      describe={(after) => (
        <p>
          Its score begins anew at {after.score}, and its throttle is lifted.{" "}
          {after.ignored_until ? (
            <>
              What is seen until <Time value={after.ignored_until} /> counts for nothing.
            </>
          ) : (
            "What is seen from now on counts."
          )}{" "}
          A suspended licence stays suspended.
        </p>
      )}
      done={() => `What was seen of ${license.code_hint} is forgotten.`}
      onDone={() => onDone()}>
      <Text
        label="Look away for so many days"
        type="number"
        min={0}
        max={365}
        value={days}
        onInput={setDays}
        hint="0: look again at once."
      />
    </Change>
  );
}
