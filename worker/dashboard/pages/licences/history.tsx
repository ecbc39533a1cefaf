// What was done to a licence, newest first.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { LicenseHistory } from "../../api.gen.ts";
import { sentence, words } from "../../lib/format.ts";
import { usePages } from "../../lib/resource.ts";
import { Badge, Loaded, Section, Time } from "../../ui/basics.tsx";
import { Pager, Table } from "../../ui/table.tsx";

type Entry = LicenseHistory["data"][number];

const perPage = 10;

export function History({ id, turn }: { id: string; turn: number }): JSX.Element {
  const pages = usePages<LicenseHistory>(`/admin/licenses/${id}/history`, {}, perPage);
  const { reload } = pages;
  useEffect(() => {
    if (turn > 0) reload();
  }, [turn]);
  return (
    <Section title="History" wide note="What admins and the service did to it. Grants and denials stand in the audit log.">
      <Loaded of={pages}>
        {({ data }) => (
          <Table
            caption="What was done, newest first"
            rows={data}
            keyOf={(row) => `${row.request_id} ${row.at} ${row.action}`}
            empty="Nothing was done to it yet."
            columns={[
              { head: "When", cell: ({ at }) => <Time value={at} /> },
              { head: "What", cell: (row) => <What of={row} /> },
              { head: "Who", cell: ({ actor }) => actor },
              { head: "Details", cell: ({ details }) => <Details of={details} /> },
              { head: "Request", cell: ({ request_id }) => <code class="note">{request_id}</code> },
            ]}
          />
        )}
      </Loaded>
      <Pager of={pages} noun="history" />
    </Section>
  );
}

function What({ of: { action, status, reason } }: { of: Entry }): JSX.Element {
  return (
    <>
      {sentence(action.replace(/^license\./, ""))}
      {status && (
        <>
          {" "}
          <Badge>{status}</Badge>
        </>
      )}
      {reason && (
        <>
          {" "}
          <span class="note">{words(reason)}</span>
        </>
      )}
    </>
  );
}

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

// pairsOf: its members in words; of a state before and after, those that differ.
function pairsOf(details: Record<string, unknown>): [string, string][] {
  const { before, after, ...rest } = details;
  if (!isObject(before) || !isObject(after)) return Object.entries(details).map(([name, value]) => [name, text(value)]);
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const other = names
    .map((name): [string, string, string] => [name, text(before[name] ?? null), text(after[name] ?? null)])
    .filter(([, was, is]) => was !== is);
  return [
    ...Object.entries(rest).map(([name, value]): [string, string] => [name, text(value)]),
    ...other.map(([name, was, is]): [string, string] => [name, `${was} → ${is}`]),
  ];
}

function Details({ of }: { of: Entry["details"] }): JSX.Element {
  const pairs = pairsOf(of ?? {});
  if (pairs.length === 0) return <span class="none">–</span>;
  return (
    <details>
      <summary>{pairs.map(([name]) => words(name)).join(", ")}</summary>
      <dl class="pairs">
        {pairs.map(([name, value]) => (
          <div key={name}>
            <dt>{words(name)}</dt>
            <dd class="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
