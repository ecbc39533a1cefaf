// A price table from a file: read, compared with the one in force, and brought in whole.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { PriceRow, PricesSet, PriceTable } from "../../api.gen.ts";
import { count, plural } from "../../lib/format.ts";
import type { Resource } from "../../lib/resource.ts";
import { FileText } from "../../ui/choices.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Text } from "../../ui/fields.tsx";
import { Table, type Column } from "../../ui/table.tsx";

interface Read {
  name: string;
  rows?: unknown[];
  aliases?: unknown;
  trouble?: string;
}

function read(text: string, name: string): Read {
  try {
    const table = JSON.parse(text) as unknown;
    const { rows, aliases } = Object(table) as { rows?: unknown; aliases?: unknown };
    return Array.isArray(rows) ? { name, rows, aliases } : { name, trouble: `${name} has no rows: it is no price table.` };
  } catch {
    return { name, trouble: `${name} cannot be read as JSON.` };
  }
}

export function ImportPrices({
  of,
  onClose,
  onDone,
}: {
  of: Resource<PriceTable>;
  onClose: () => void;
  onDone: () => void;
}): JSX.Element {
  const [file, setFile] = useState<Read>();
  const [note, setNote] = useState("");
  const body = file?.rows && {
    rows: file.rows,
    ...(file.aliases !== undefined && { aliases: file.aliases }),
    ...(note.trim() && { note: note.trim() }),
  };
  const version = of.data?.version ?? 0;
  return (
    <Change<PricesSet>
      title="Import a price table"
      verb="Bring it into force"
      onClose={onClose}
      onDone={onDone}
      onStale={of.reload}
      request={body && { method: "PUT", path: "/admin/prices", body, ifMatch: of.etag }}
      describe={(preview) => <WhatBecomes preview={preview} version={version} />}
      done={({ version: made }) =>
        made === version ? `Version ${made} holds these prices already.` : `Version ${made} of the prices is in force.`
      }>
      <p class="note">
        JSON as Save as JSON and <code>latchkey price export</code> write it. It takes the place of version {version}, whole.
      </p>
      <FileText label="File" accept=".json,application/json" onText={(text, name) => setFile(read(text, name))} />
      {file?.trouble && (
        <p class="trouble" role="alert">
          {file.trouble}
        </p>
      )}
      {file?.rows && (
        <p class="note">
          {file.name}: {plural(file.rows.length, "row")}.
        </p>
      )}
      <Text label="Note" value={note} onInput={setNote} maxLength={500} hint="Kept with the version, for people." />
    </Change>
  );
}

type Row = PricesSet["difference"]["rows"][number];

function ratesOf(row: PriceRow | null): string {
  if (!row) return "–";
  const rates = [
    [row.input, "in"],
    [row.cached_input, "cached"],
    [row.output, "out"],
    [row.reasoning, "reasoning"],
  ];
  return rates
    .filter(([amount]) => amount)
    .map(([amount, of]) => `$${amount ?? ""} ${of ?? ""}`)
    .join(", ");
}

const keyOf = ({ before, after }: Row): string => {
  const row = after ?? before;
  return `${row?.provider ?? ""} ${row?.model ?? ""} ${row?.effective_from ?? ""}`;
};

const columns: Column<Row>[] = [
  {
    head: "Model",
    cell: ({ before, after }) => (
      <>
        <span class="mono">{(after ?? before)?.model}</span>
        <div class="note">{(after ?? before)?.effective_from}</div>
      </>
    ),
  },
  { head: "Change", cell: ({ change }) => change },
  { head: "Before", cell: ({ before }) => ratesOf(before) },
  { head: "After", cell: ({ after }) => ratesOf(after) },
];

function WhatBecomes({ preview, version }: { preview: PricesSet; version: number }): JSX.Element {
  const { added, changed, removed, aliases_added: aliasesAdded, aliases_removed: aliasesRemoved, rows } = preview.difference;
  if (preview.version === version) return <p>Nothing would change: version {version} holds these prices already.</p>;
  return (
    <>
      <p>
        Version {preview.version} comes into force with the next report: {plural(added, "price")} added, {count(changed)}{" "}
        changed, {count(removed)} removed; {plural(aliasesAdded, "alias", "aliases")} added, {count(aliasesRemoved)} removed.
      </p>
      <p>What was used before keeps its cost until it is priced anew.</p>
      {preview.warnings.length > 0 && (
        <ul>
          {preview.warnings.map(({ location, message }) => (
            <li key={location + message}>
              <code>{location}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {rows.length > 0 && (
        <Table caption={`The first ${rows.length} that differ`} columns={columns} rows={rows} keyOf={keyOf} empty="" />
      )}
    </>
  );
}
