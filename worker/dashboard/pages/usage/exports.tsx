// The daily export: a row for each day, licence, machine and model, read page by page and saved as one file.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { focus, focusColumns } from "../../../../scripts/lib/focus.mjs";
import type { UsageDaily } from "../../api.gen.ts";
import { call } from "../../lib/api.ts";
import { plural } from "../../lib/format.ts";
import { isId, setQuery } from "../../lib/route.ts";
import { csvRows, fileTypes, saveFile, type FileKind } from "../../lib/save.ts";
import { Button, Section, Trouble } from "../../ui/basics.tsx";
import { Select, Text } from "../../ui/fields.tsx";
import { announce } from "../../ui/notices.tsx";
import type { ViewProps } from "../usage.tsx";
import { Filters } from "./filters.tsx";
import { askedBy, daysOf, spanOf, type Span } from "./span.ts";

const rowsPerPage = 500;
const kinds: readonly (readonly [FileKind, string])[] = [
  ["csv", "CSV, for spreadsheets"],
  ["ndjson", "NDJSON, a row a line"],
  ["json", "JSON, one list"],
];

// Reading: what was read so far, of which question. Kept where the connection is lost, to go on from there.
interface Reading {
  of: string;
  parts: string[];
  rows: number;
  cursor: string | null;
  day: string; // That the last row is of.
}

// partOf: a page's rows as they stand in the file.
function partOf(kind: FileKind, rows: UsageDaily["data"], isFirst: boolean): string {
  const written = rows.map(focus);
  if (kind === "csv") return csvRows(written.map((row) => focusColumns.map((column) => row[column])));
  if (kind === "ndjson") return written.map((row) => `${JSON.stringify(row)}\n`).join("");
  return written.map((row, index) => `${isFirst && index === 0 ? "" : ","}\n${JSON.stringify(row)}`).join("");
}

const beginnings: Record<FileKind, string> = { csv: csvRows([focusColumns]), ndjson: "", json: "[" };
const endings: Record<FileKind, string> = { csv: "", ndjson: "", json: "\n]\n" };

// doneOf: which share of the span is read: pages come in order of days.
const doneOf = (span: Span, day: string): number =>
  day ? Math.min(1, daysOf({ ...span, to: day.slice(0, 10) }) / daysOf(span)) : 0;

export function Exports({ route }: ViewProps): JSX.Element {
  const span = spanOf(route.query);
  const [licence, setLicence] = useState(route.query["licence"] ?? "");
  const kind = kinds.find(([name]) => name === route.query["format"])?.[0] ?? "csv";
  const { reading, error, isBusy, read, stop } = useExport(span, licence, kind);
  return (
    <>
      <Filters route={route} />
      <Section
        title="Daily export"
        note={
          <>
            A row for each day, licence, machine and model, under the names of FOCUS where it has one. The same as{" "}
            <code>latchkey usage export</code>.
          </>
        }>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!isBusy && !span.trouble) void read();
          }}>
          <div class="filters">
            <Select label="Format" value={kind} options={kinds} onChange={(format) => setQuery(route, { format })} />
            <Text
              label="Licence"
              value={licence}
              placeholder="lic_… (empty: all of them)"
              onInput={(text) => {
                const id = text.trim();
                setLicence(id);
                setQuery(route, { licence: isId(id) ? id : undefined });
              }}
            />
          </div>
          <div class="actions">
            <Button
              type="submit"
              kind="primary"
              isBusy={isBusy}
              disabled={span.trouble !== undefined}
              why="Choose the days first.">
              {reading && !isBusy ? "Go on" : "Export"}
            </Button>
            {isBusy && <Button onClick={stop}>Stop</Button>}
          </div>
        </form>
        {reading && <Progress reading={reading} span={span} />}
        <Trouble error={error} retry={() => void read()} />
      </Section>
    </>
  );
}

function Progress({ reading, span }: { reading: Reading; span: Span }): JSX.Element {
  return (
    <div>
      <progress max={1} value={doneOf(span, reading.day)} aria-label="Days read" />
      <p class="note">
        {plural(reading.rows, "row")} read{reading.day && `, up to ${reading.day.slice(0, 10)}`}.
      </p>
    </div>
  );
}

function useExport(span: Span, licence: string, kind: FileKind) {
  const [reading, setReading] = useState<Reading>();
  const [error, setError] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  const abort = useRef<AbortController>(undefined);
  const query = { ...askedBySound(span), license_id: licence };
  const asked = JSON.stringify([query, kind]);
  const stop = (): void => abort.current?.abort();

  // Another question begins anew, and who leaves wants no file any more.
  useEffect(
    () => () => {
      stop();
      setReading(undefined);
      setError(undefined);
    },
    [asked],
  );

  const read = async (): Promise<void> => {
    const { signal } = (abort.current = new AbortController());
    setBusy(true);
    setError(undefined);
    let now: Reading = reading?.of === asked ? reading : { of: asked, parts: [], rows: 0, cursor: null, day: "" };
    try {
      do {
        const asking = { ...query, limit: rowsPerPage, cursor: now.cursor };
        const { data: page } = await call<UsageDaily>({ path: "/admin/usage/daily", query: asking, signal });
        now = {
          of: asked,
          parts: [...now.parts, partOf(kind, page.data, now.rows === 0)],
          rows: now.rows + page.data.length,
          cursor: page.next_cursor,
          day: page.data.at(-1)?.day ?? now.day,
        };
        setReading(now);
      } while (now.cursor);
      const name = `usage_${span.from}_${span.to}.${kind}`;
      saveFile(name, fileTypes[kind], [beginnings[kind], ...now.parts, endings[kind]]);
      setReading(undefined);
      announce(
        now.rows === 0 ? `Nothing was used in this time: ${name} has no row.` : `Saved ${plural(now.rows, "row")} as ${name}.`,
      );
    } catch (reason) {
      if (!signal.aborted) setError(reason as Error);
    }
    setBusy(false);
  };
  return { reading, error, isBusy, read, stop };
}

const askedBySound = (span: Span) => (span.trouble ? {} : askedBy(span));
