// Sums of usage as a table, and as files.
import type { ComponentChildren, JSX } from "preact";
import { count, usd } from "../../lib/format.ts";
import type { Column } from "../../ui/table.tsx";
import { Table } from "../../ui/table.tsx";
import { Share } from "../../ui/basics.tsx";
import type { Sum, Total } from "./span.ts";

export const sumColumns = [
  "requests",
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "reasoning_tokens",
  "cost",
  "unpriced",
] as const;

export interface SumsTableProps {
  caption: string;
  head: string;
  cell: (row: Sum) => ComponentChildren;
  keyOf: (row: Sum) => string;
  rows: readonly Sum[];
  empty: ComponentChildren;
  // Where each row's share of it is shown.
  total?: Total;
}

export function SumsTable({ caption, head, cell, keyOf, rows, empty, total }: SumsTableProps): JSX.Element {
  const all = Number(total?.cost ?? 0);
  const columns: Column<Sum>[] = [
    { head, cell },
    { head: "Requests", cell: ({ requests }) => count(requests), isNumber: true },
    { head: "Input tokens", cell: (row) => count(row.input_tokens), isNumber: true },
    { head: "of these cached", cell: (row) => count(row.cached_input_tokens), isNumber: true },
    { head: "Output tokens", cell: (row) => count(row.output_tokens), isNumber: true },
    { head: "of these reasoning", cell: (row) => count(row.reasoning_tokens), isNumber: true },
    { head: "Cost", cell: ({ cost }) => usd(cost), isNumber: true },
    ...(all > 0 ? [{ head: "Of the cost", cell: (row: Sum) => <Share of={Number(row.cost) / all} name={keyOf(row)} /> }] : []),
    {
      head: "Without price",
      cell: ({ unpriced }) => (unpriced ? count(unpriced) : <span class="none">–</span>),
      isNumber: true,
    },
  ];
  return <Table caption={caption} columns={columns} rows={rows} keyOf={keyOf} empty={empty} />;
}
