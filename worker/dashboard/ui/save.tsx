// Buttons that save what a table shows, as the service gave it: times in UTC, amounts to the last digit.
import type { JSX } from "preact";
import { fileText, fileTypes, saveFile, type FileKind, type Row } from "../lib/save.ts";
import { plural } from "../lib/format.ts";
import { announce } from "./notices.tsx";

const kinds = Object.keys(fileTypes) as FileKind[];

export interface SaveProps {
  name: string; // Of the file, without its ending.
  columns: readonly string[];
  rows: readonly Row[];
}

export function Save({ name, columns, rows }: SaveProps): JSX.Element {
  const save = (kind: FileKind): void => {
    const members = rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column]])));
    saveFile(`${name}.${kind}`, fileTypes[kind], fileText(kind, columns, members));
    announce(`Saved ${plural(rows.length, "row")} as ${name}.${kind}.`);
  };
  return (
    <div class="save" role="group" aria-label="Save what is shown">
      {kinds.map((kind) => (
        <button
          key={kind}
          type="button"
          class="plain small"
          disabled={rows.length === 0}
          aria-label={`Save as ${kind.toUpperCase()}`}
          onClick={() => save(kind)}>
          {kind.toUpperCase()}
        </button>
      ))}
    </div>
  );
}
