// New codes: shown once, to be copied or saved, and kept nowhere.
import type { JSX } from "preact";
import { count, plural } from "../../lib/format.ts";
import { csv, saveFile } from "../../lib/save.ts";
import { Button, Copy } from "../../ui/basics.tsx";

export interface NewCode {
  id: string;
  code: string;
  columns?: readonly unknown[]; // What else stands in the file.
}

const shownMax = 100;

export function Codes({
  codes,
  columns = [],
  file,
}: {
  codes: readonly NewCode[];
  columns?: readonly string[];
  file: string;
}): JSX.Element {
  const save = (): void =>
    saveFile(
      file,
      "text/csv",
      csv(
        ["id", "code", ...columns],
        codes.map(({ id, code, columns: rest = [] }) => [id, code, ...rest]),
      ),
    );
  return (
    <div class="stack">
      <p>
        <strong>{codes.length === 1 ? "This code is shown" : `These ${count(codes.length)} codes are shown`} only here.</strong>{" "}
        Copy or save {codes.length === 1 ? "it" : "them"} before you close.
      </p>
      <ul class="codes" aria-label="New codes" tabIndex={codes.length > 6 ? 0 : undefined}>
        {codes.slice(0, shownMax).map(({ id, code }) => (
          <li key={id}>
            <code>{code}</code>
            <Copy text={code} />
          </li>
        ))}
      </ul>
      {codes.length > shownMax && (
        <p class="note">And {plural(codes.length - shownMax, "more code")}: copy all, or save the file.</p>
      )}
      <div class="actions">
        {codes.length > 1 && <Copy text={codes.map(({ code }) => code).join("\n")} label="Copy all" />}
        <Button onClick={save}>Save as CSV</Button>
      </div>
    </div>
  );
}
