// What a query answered: as a plot where it makes one, as a table, and as files.
import type { ComponentChildren, JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { QueryAnswer } from "../../api.gen.ts";
import { count, plural, usd } from "../../lib/format.ts";
import { href } from "../../lib/route.ts";
import type { Row } from "../../lib/save.ts";
import { Badge, Day, Section, Time } from "../../ui/basics.tsx";
import { Save } from "../../ui/save.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { readable, type StoredQuery } from "../data.tsx";
import { Drawn } from "./drawn.tsx";

export type Cell = string | number | null;
type QueryColumn = StoredQuery["columns"][number];

interface Line {
  at: number;
  cells: readonly Cell[];
}

export function Result({ query, answer }: { query: StoredQuery; answer: QueryAnswer }): JSX.Element {
  const { columns: names, rows, truncated, rows_read: read, duration_ms: took } = answer;
  const columns = useMemo(() => query.columns.map(columnOf), [query]);
  const lines = useMemo(() => rows.map((cells, at): Line => ({ at, cells })), [rows]);
  const saved = useMemo(() => {
    return rows.map((cells): Row => Object.fromEntries(names.map((name, index) => [name, cells[index]])));
  }, [rows, names]);
  return (
    <Section
      title={plural(rows.length, "row")}
      note={`D1 read ${plural(read, "row")} in ${count(took)} ms.`}
      actions={
        <>
          {truncated && <Badge tone="warn">There are more rows</Badge>}
          <Save name={query.name} columns={names} rows={saved} />
        </>
      }>
      {truncated && (
        <p class="note">Only the first {count(rows.length)} are shown, and saved. Ask for less, such as fewer days.</p>
      )}
      {rows.length > 0 && <Drawn query={query} rows={rows} />}
      <Table
        caption="Rows of the answer"
        columns={columns}
        rows={lines}
        keyOf={({ at }) => at}
        empty="No rows: there is nothing of the kind, or not in that time."
      />
    </Section>
  );
}

function columnOf({ name, type }: QueryColumn, index: number): Column<Line> {
  return {
    head: readable(name),
    cell: ({ cells }) => cellOf(cells[index] ?? null, type),
    isNumber: type === "integer" || type === "usd",
  };
}

// Ids that have a page of their own.
const pages: Readonly<Record<string, readonly string[]>> = {
  lic: ["licences"],
  alr: ["alerts"],
  rot: ["providers"],
  whk: ["alerts", "webhooks"],
};

function cellOf(value: Cell, type: QueryColumn["type"]): ComponentChildren {
  if (value === null || value === "") return <span class="none">–</span>;
  if (type === "integer") return count(Number(value));
  if (type === "usd") return usd(value);
  const text = String(value);
  if (type === "time") return <Time value={text} />;
  if (type === "date") return <Day value={text} />;
  const page = pages[/^([a-z]{3})_[0-9A-Za-z]+$/.exec(text)?.[1] ?? ""];
  if (page)
    return (
      <a href={href([...page, text])}>
        <code class="id">{text}</code>
      </a>
    );
  return /^[[{]/.test(text) ? <code>{text}</code> : text;
}
