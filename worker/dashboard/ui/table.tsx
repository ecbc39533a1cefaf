// Tables of data: read by screen readers as tables, scrolled by themselves where they are wider than the page.
import type { ComponentChildren, JSX } from "preact";
import type { Paged } from "../lib/resource.ts";

export interface Column<T> {
  head: string;
  cell: (row: T) => ComponentChildren;
  isNumber?: boolean;
  isLong?: boolean; // Prose: it gets room where the table is narrow.
  isHead?: boolean; // Names the row; the first column where none says so.
}

export interface TableProps<T> {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string | number;
  empty: ComponentChildren; // What to do first.
  showsCaption?: boolean;
  // Rows can be picked: which are, and what changes that.
  picked?: ReadonlySet<string | number>;
  onPick?: (picked: Set<string | number>) => void;
  nameOf?: (row: T) => string; // What a row is called where it is picked; its key where nothing says so.
}

export function Table<T>({
  caption,
  columns,
  rows,
  keyOf,
  empty,
  showsCaption,
  picked,
  onPick,
  nameOf,
}: TableProps<T>): JSX.Element {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  const headAt = Math.max(
    0,
    columns.findIndex((column) => column.isHead),
  );
  const all = rows.map(keyOf);
  const areAllPicked = picked !== undefined && all.every((key) => picked.has(key));
  const pick = (keys: readonly (string | number)[], isPicked: boolean): void => {
    const next = new Set(picked);
    for (const key of keys) isPicked ? next.add(key) : next.delete(key);
    onPick?.(next);
  };
  return (
    <div class="table-box" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption class={showsCaption ? "" : "hidden"}>{caption}</caption>
        <thead>
          <tr>
            {picked && (
              <th scope="col" class="pick">
                <input
                  type="checkbox"
                  aria-label="Select all on this page"
                  checked={areAllPicked}
                  onChange={(event) => pick(all, event.currentTarget.checked)}
                />
              </th>
            )}
            {columns.map((column) => (
              <th key={column.head} scope="col" class={column.isNumber ? "number" : ""}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = keyOf(row);
            return (
              <tr key={key}>
                {picked && (
                  <td class="pick">
                    <input
                      type="checkbox"
                      aria-label={`Select ${nameOf ? nameOf(row) : key}`}
                      checked={picked.has(key)}
                      onChange={(event) => pick([key], event.currentTarget.checked)}
                    />
                  </td>
                )}
                {columns.map((column, index) => {
                  const kind = column.isNumber ? "number" : column.isLong ? "long" : "";
                  return index === headAt ? (
                    <th key={column.head} scope="row" class={kind}>
                      {column.cell(row)}
                    </th>
                  ) : (
                    <td key={column.head} class={kind}>
                      {column.cell(row)}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

// Pager: back and forth in a list that the service hands out by cursors.
export function Pager({ of, noun }: { of: Paged<unknown>; noun: string }): JSX.Element | null {
  if (!of.previous && !of.next) return null;
  return (
    <nav class="pager" aria-label={`Pages of ${noun}`}>
      <button type="button" disabled={!of.previous} onClick={of.previous}>
        Previous
      </button>
      <span>Page {of.number}</span>
      <button type="button" disabled={!of.next} onClick={of.next}>
        Next
      </button>
    </nav>
  );
}
