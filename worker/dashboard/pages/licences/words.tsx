// A licence in words: its state, its end, its holder, and what differs between two states of it.
import type { ComponentChildren, JSX } from "preact";
import type { License } from "../../api.gen.ts";
import { plural, sentence, usd, words } from "../../lib/format.ts";
import { Badge, Time, type Tone } from "../../ui/basics.tsx";

const tones: Record<License["status"], Tone> = { active: "good", suspended: "warn", revoked: "bad", expired: "quiet" };

export function Status({ of }: { of: License }): JSX.Element {
  return (
    <>
      <Badge tone={tones[of.status]}>{sentence(of.status)}</Badge>
      {of.trial && (
        <>
          {" "}
          <Badge tone="info">Trial</Badge>
        </>
      )}
      {of.status_reason && (
        <>
          {" "}
          <span class="note">{words(of.status_reason)}</span>
        </>
      )}
    </>
  );
}

export function Ends({ of, isDate = false }: { of: License; isDate?: boolean }): JSX.Element {
  if (of.first_use_days) return <>{plural(of.first_use_days, "day")} after its first use</>;
  return of.expires_at ? <Time value={of.expires_at} isDate={isDate} /> : <>Never</>;
}

export function holderOf({ holder }: License): string | undefined {
  const { name, email } = holder ?? {};
  if (name && email) return `${name} <${email}>`;
  return name ?? email ?? undefined;
}

const spans = { daily: "a day", monthly: "a month", total: "in all" } as const;

export function budgetText({ budget, enforcement }: Pick<License, "budget" | "enforcement">): string {
  const limits = (["daily", "monthly", "total"] as const)
    .filter((span) => budget[span] !== null && budget[span] !== undefined)
    .map((span) => `${usd(budget[span])} ${spans[span]}`);
  return limits.length === 0 ? "No limit" : `${limits.join(", ")} (${enforcement})`;
}

export const deliveriesOf = (license: License): string => license.deliveries.join(", ");
export const providersOf = (license: License): string => license.providers.join(", ");
export const planOf = (license: License): string => `${license.plan} (version ${license.plan_version})`;

interface Side {
  name: string;
  of: (license: License) => unknown;
  show: (license: License) => ComponentChildren;
}

const sides: readonly Side[] = [
  {
    name: "Status",
    of: ({ status, status_reason }) => [status, status_reason],
    show: (license) => <Status of={license} />,
  },
  { name: "Plan", of: planOf, show: planOf },
  {
    name: "Ends",
    of: ({ expires_at, first_use_days }) => [expires_at, first_use_days],
    show: (license) => <Ends of={license} />,
  },
  { name: "Seats", of: ({ max_machines }) => max_machines, show: ({ max_machines }) => max_machines },
  { name: "Providers", of: providersOf, show: providersOf },
  { name: "Deliveries", of: deliveriesOf, show: deliveriesOf },
  { name: "Budget", of: budgetText, show: budgetText },
  { name: "Over budget", of: ({ enforcement }) => enforcement, show: ({ enforcement }) => enforcement },
  { name: "Note", of: ({ note }) => note, show: ({ note }) => note ?? "none" },
];

export const isSame = (before: License, after: License): boolean => differences(before, after).length === 0;

const differences = (before: License, after: License): Side[] =>
  sides.filter(({ of }) => JSON.stringify(of(before)) !== JSON.stringify(of(after)));

// Differences: what another state of a licence has that this one has not.
export function Differences({ before, after }: { before: License; after: License }): JSX.Element {
  const found = differences(before, after);
  if (found.length === 0) return <p>Nothing changes: it is so already.</p>;
  return (
    <dl class="differences">
      {found.map(({ name, show }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <span class="before">
              <span class="hidden">from </span>
              {show(before)}
            </span>{" "}
            <span aria-hidden="true">→</span>{" "}
            <span>
              <span class="hidden">to </span>
              {show(after)}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
