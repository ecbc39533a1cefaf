// Pricing past use anew: slice after slice, first as a dry run that says what it comes to, then in earnest.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { RepriceSlice } from "../../api.gen.ts";
import { call, newIdempotencyKey, Problem } from "../../lib/api.ts";
import { count, plural, usd } from "../../lib/format.ts";
import { Button, Trouble } from "../../ui/basics.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Text } from "../../ui/fields.tsx";
import { announce } from "../../ui/notices.tsx";

interface Total {
  version: number | undefined;
  walked: number;
  changed: number;
  difference: number;
}

const conflictsMax = 5;
const nothing: Total = { version: undefined, walked: 0, changed: 0, difference: 0 };

const anotherCost = ({ version, difference }: Total): string =>
  `another cost by version ${version ?? 0}: ${usd(difference)} in all.`;

// nextSlice: one that another change overtook did nothing, and is asked for again.
async function nextSlice(isDry: boolean, body: object, signal: AbortSignal): Promise<RepriceSlice> {
  for (let attempt = 1; ; attempt++) {
    try {
      const query = isDry ? { dry_run: 1 } : {};
      const idempotencyKey = newIdempotencyKey();
      return (await call<RepriceSlice>({ method: "POST", path: "/admin/prices/reprice", query, body, idempotencyKey, signal }))
        .data;
    } catch (error) {
      if (!(error instanceof Problem && error.code === "conflict") || attempt === conflictsMax) throw error;
    }
  }
}

// walk: every event once by one table; where another comes into force meanwhile, from the beginning again.
async function walk(isDry: boolean, since: string, signal: AbortSignal, show: (total: Total) => void): Promise<Total> {
  let total = nothing;
  let cursor: string | null = null;
  do {
    const slice: RepriceSlice = await nextSlice(isDry, { cursor, ...(since && { since: `${since}T00:00:00Z` }) }, signal);
    const isOther = total.version !== undefined && total.version !== slice.version;
    total = isOther
      ? { ...nothing, version: slice.version }
      : {
          version: slice.version,
          walked: total.walked + slice.walked,
          changed: total.changed + slice.changed,
          difference: total.difference + Number(slice.difference),
        };
    cursor = slice.next_cursor;
    show(total);
    if (isOther) {
      cursor = null;
      continue;
    }
    if (cursor === null) return total;
  } while (!signal.aborted);
  return total;
}

export function Reprice({ onClose, onDone }: { onClose: () => void; onDone: () => void }): JSX.Element {
  const [since, setSince] = useState("");
  const [total, setTotal] = useState<Total>();
  const [previewOf, setPreviewOf] = useState<string>();
  const [running, setRunning] = useState<"preview" | "act">();
  const [error, setError] = useState<Error>();
  const abort = useRef(new AbortController());
  useEffect(() => () => abort.current.abort(), []);
  const isPreviewed = previewOf === since && running === undefined && total !== undefined;

  const run = async (isDry: boolean): Promise<void> => {
    setRunning(isDry ? "preview" : "act");
    setError(undefined);
    setTotal(nothing);
    try {
      const done = await walk(isDry, since, abort.current.signal, setTotal);
      if (isDry) {
        setPreviewOf(since);
      } else {
        announce(`${plural(done.changed, "event")} of ${count(done.walked)} got ${anotherCost(done)}`);
        onDone();
        onClose();
        return;
      }
    } catch (reason) {
      if (abort.current.signal.aborted) return;
      setTotal(undefined);
      setPreviewOf(undefined);
      setError(reason as Error);
    }
    setRunning(undefined);
  };

  return (
    <Dialog title="Price past use anew" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (running === undefined) void run(!isPreviewed);
        }}>
        <p class="note">
          Every event is priced by the table in force, 1,000 at a time, with the sums and budgets that it counts in. It may be
          broken off and done again.
        </p>
        <Text label="Used since" type="date" value={since} onInput={setSince} hint="Empty: all that is kept." />
        {running !== undefined && total && (
          <div role="status">
            <progress aria-label={running === "preview" ? "Looking" : "Pricing"} />
            <p>
              {plural(total.walked, "event")} walked, {count(total.changed)} with another cost.
            </p>
          </div>
        )}
        {isPreviewed && (
          <div class="preview" role="status">
            <h3>What will happen</h3>
            <p>
              {total.changed === 0
                ? `Nothing: all ${count(total.walked)} events have their right cost by version ${total.version ?? 0}.`
                : `${count(total.changed)} of ${plural(total.walked, "event")} get ${anotherCost(total)}`}
            </p>
          </div>
        )}
        <Trouble error={error} />
        {error && <p class="note">What is done already stays, and is passed by the next time.</p>}
        <footer>
          <Button onClick={onClose}>{running === "act" ? "Break off" : "Cancel"}</Button>
          <Button type="submit" kind="primary" isBusy={running !== undefined}>
            {isPreviewed || running === "act" ? "Price anew" : "Preview"}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
