// The check or the import of a list, slice by slice, and what became of each line.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ImportReport } from "../../api.gen.ts";
import { call, newIdempotencyKey, Problem } from "../../lib/api.ts";
import { count, plural } from "../../lib/format.ts";
import { csv, saveFile } from "../../lib/save.ts";
import { useWalk } from "../../lib/walk.ts";
import { Badge, Button, Section, Trouble, type Tone } from "../../ui/basics.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Select } from "../../ui/fields.tsx";
import { announce } from "../../ui/notices.tsx";
import { Table } from "../../ui/table.tsx";
import { Codes, type NewCode } from "./codes.tsx";
import { slicesOf, type ImportList, type Row, type RowReport } from "./import_rows.ts";

const perPage = 100;

export interface ImportRunProps {
  list: ImportList;
  isDry: boolean;
  name: string;
}

// isAboutSlice: a refused slice says nothing of the next one; a service that is gone, or refuses us, does.
const isAboutSlice = (error: unknown): error is Problem => error instanceof Problem && [400, 413, 422].includes(error.status);

export function ImportRun({ list, isDry, name }: ImportRunProps): JSX.Element {
  const slices = useMemo(() => slicesOf(list.rows), [list]);
  const [report, setReport] = useState<readonly RowReport[]>(list.problems);
  const [numSlices, setNumSlices] = useState(0);
  const [codes, setCodes] = useState<readonly NewCode[]>([]);
  const [showsCodes, setShowsCodes] = useState(false);
  const at = useRef(0);
  const key = useRef(newIdempotencyKey());

  const send = async (rows: readonly Row[]): Promise<readonly RowReport[]> => {
    try {
      const { data } = await call<ImportReport>({
        method: "POST",
        path: "/admin/licenses/import",
        body: { rows },
        ...(isDry ? { query: { dry_run: 1 } } : { idempotencyKey: key.current }),
      });
      return data.rows;
    } catch (error) {
      if (!isAboutSlice(error)) throw error;
      return rows.map(({ line = 0 }) => ({ line, status: "error", error: error.code, message: error.message }));
    }
  };
  const walk = useWalk(async () => {
    const slice = slices[at.current];
    if (!slice) return false;
    const found = await send(slice);
    at.current++;
    key.current = newIdempotencyKey();
    setNumSlices(at.current);
    // Codes go apart: they are shown once.
    const made = found.flatMap(({ id = "", code, line }) => (code === undefined ? [] : [{ id, code, columns: [line] }]));
    if (!isDry && made.length > 0) setCodes((old) => [...old, ...made]);
    setReport((old) => [...old, ...found.map(({ code: _code, ...rest }) => rest)]);
    return at.current < slices.length;
  });
  useEffect(walk.start, []);

  const isOver = numSlices === slices.length;
  const num = (status: RowReport["status"]): number => report.filter((row) => row.status === status).length;
  const made = `${count(num("created"))} ${isDry ? "would be created" : "created"}`;
  const sums = `${made}, ${count(num("exists"))} exist already, ${count(num("error"))} failed.`;
  useEffect(() => {
    if (!isOver) return;
    announce(`${isDry ? "Checked; nothing was changed" : "Imported"}: ${sums}`);
    if (codes.length > 0) setShowsCodes(true);
  }, [isOver]);

  const done = slices.slice(0, numSlices).reduce((sum, slice) => sum + slice.length, 0);
  return (
    <Section
      title={isDry ? "Check" : "Import"}
      note={isDry ? "Nothing is changed by the check." : undefined}
      actions={
        <>
          {walk.isRunning && <Button onClick={walk.stop}>Stop</Button>}
          {!walk.isRunning && !isOver && (
            <Button kind="primary" onClick={walk.start}>
              Go on
            </Button>
          )}
          {codes.length > 0 && !walk.isRunning && (
            <Button kind="primary" onClick={() => setShowsCodes(true)}>
              Show {plural(codes.length, "new code")}
            </Button>
          )}
          <Button disabled={report.length === 0} onClick={() => saveReport(name, isDry, report)}>
            Save the report
          </Button>
        </>
      }>
      <div class="progress">
        <progress max={Math.max(list.rows.length, 1)} value={done} aria-label="Progress" />
        <span>
          {count(done)} of {plural(list.rows.length, "row")}
        </span>
      </div>
      <p role="status">{isOver ? sums : walk.isRunning ? "Under way…" : "Stopped. It goes on where it stopped."}</p>
      <Trouble error={walk.error} />
      <Lines report={report} isDry={isDry} />
      {showsCodes && (
        <Dialog title="New codes" onClose={() => setShowsCodes(false)}>
          <Codes codes={codes} columns={["line"]} file={`codes of ${name}`} />
          <footer>
            <Button
              kind="primary"
              onClick={() => {
                setShowsCodes(false);
                setCodes([]);
              }}>
              I have stored them
            </Button>
          </footer>
        </Dialog>
      )}
    </Section>
  );
}

function saveReport(name: string, isDry: boolean, report: readonly RowReport[]): void {
  const rows = [...report]
    .sort((a, b) => a.line - b.line)
    .map(({ line, status, id, error, message }) => [line, status, id, error, message]);
  saveFile(`${isDry ? "check" : "report"} of ${name}`, "text/csv", csv(["line", "status", "id", "error", "message"], rows));
}

const tones: Record<RowReport["status"], Tone> = { created: "good", exists: "info", error: "bad" };

function Lines({ report, isDry }: { report: readonly RowReport[]; isDry: boolean }): JSX.Element {
  const [status, setStatus] = useState("");
  const [page, setPage] = useState(0);
  const words = { created: isDry ? "Would be created" : "Created", exists: "Exists", error: "Failed" } as const;
  const sorted = useMemo(() => [...report].sort((a, b) => a.line - b.line), [report]);
  const found = status ? sorted.filter((row) => row.status === status) : sorted;
  const last = Math.max(0, Math.ceil(found.length / perPage) - 1);
  const current = Math.min(page, last);
  return (
    <>
      <div class="filters">
        <Select
          label="Lines"
          value={status}
          onChange={setStatus}
          options={[
            ["", `All (${count(report.length)})`],
            ...(["created", "exists", "error"] as const).map(
              (one) => [one, `${words[one]} (${count(report.filter((row) => row.status === one).length)})`] as const,
            ),
          ]}
        />
      </div>
      <Table
        caption="What became of each line"
        rows={found.slice(current * perPage, (current + 1) * perPage)}
        keyOf={({ line }) => line}
        empty="No line is like that."
        columns={[
          { head: "Line", isNumber: true, cell: ({ line }) => count(line) },
          { head: "Result", cell: (row) => <Badge tone={tones[row.status]}>{words[row.status]}</Badge> },
          {
            head: "Licence",
            cell: ({ id }) =>
              id && !isDry ? (
                <a class="mono" href={`#/licences/${id}`}>
                  {id}
                </a>
              ) : (
                "–"
              ),
          },
          { head: "Message", cell: ({ message, error }) => message ?? error ?? "–" },
        ]}
      />
      {last > 0 && (
        <nav class="pager" aria-label="Pages of lines">
          <button type="button" disabled={current === 0} onClick={() => setPage(current - 1)}>
            Previous
          </button>
          <span>
            Page {current + 1} of {last + 1}
          </span>
          <button type="button" disabled={current === last} onClick={() => setPage(current + 1)}>
            Next
          </button>
        </nav>
      )}
    </>
  );
}
