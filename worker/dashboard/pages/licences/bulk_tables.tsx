// Licences in the preview and the report of an act on many.
import type { JSX } from "preact";
import type { License } from "../../api.gen.ts";
import { count } from "../../lib/format.ts";
import { Table } from "../../ui/table.tsx";
import type { Outcome } from "./acts.ts";
import { Differences, Ends, holderOf, Status } from "./words.tsx";

const hint = ({ code_hint }: License): JSX.Element => <span class="mono unbroken">{code_hint}</span>;

export function OutcomeTable({ outcomes, caption }: { outcomes: readonly Outcome[]; caption: string }): JSX.Element {
  return (
    <Table
      caption={caption}
      rows={outcomes}
      keyOf={({ license }) => license.id}
      empty="No licence was picked."
      columns={[
        { head: "Licence", cell: ({ license }) => hint(license) },
        { head: "Holder", cell: ({ license }) => <span class="clip">{holderOf(license) ?? "–"}</span> },
        {
          head: "Change",
          cell: ({ license, after, error }) => error ?? (after ? <Differences before={license} after={after} /> : "–"),
        },
      ]}
    />
  );
}

export function SampleTable({ sample, matched }: { sample: readonly License[]; matched: number }): JSX.Element {
  return (
    <Table
      caption={matched > sample.length ? `The first ${count(sample.length)}, as they would be` : "As they would be"}
      showsCaption
      rows={sample}
      keyOf={({ id }) => id}
      empty="None."
      columns={[
        { head: "Licence", cell: hint },
        { head: "Holder", cell: (row) => <span class="clip">{holderOf(row) ?? "–"}</span> },
        { head: "Status", cell: (row) => <Status of={row} /> },
        { head: "Plan", cell: ({ plan }) => plan },
        { head: "Ends", cell: (row) => <Ends of={row} /> },
      ]}
    />
  );
}
