// The doing of an act on many licences: with progress, stopped where it fails, gone on with from there; then what happened.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { BulkReport } from "../../api.gen.ts";
import { call, newIdempotencyKey, Problem } from "../../lib/api.ts";
import { count, plural } from "../../lib/format.ts";
import { useWalk, type Walk } from "../../lib/walk.ts";
import { Button, Trouble } from "../../ui/basics.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { announce } from "../../ui/notices.tsx";
import { actOn, actWords, bodyOf, type Act, type Outcome } from "./acts.ts";
import type { Preview } from "./bulk.tsx";
import { isAboutOne, sentenceOf } from "./bulk_picked.ts";
import { OutcomeTable } from "./bulk_tables.tsx";
import { isSame } from "./words.tsx";

export interface BulkRunProps {
  title: string;
  act: Act;
  of: Preview;
  now: number;
  onClose: () => void;
  onDone: () => void;
}

interface Sums {
  changed: number;
  same: number;
  failed: readonly Outcome[];
}

const pastOf = ({ changed, same, failed }: Sums): number => changed + same + failed.length;

interface BulkWalk extends Walk {
  sums: Sums;
  total: number;
  isOver: boolean;
}

// useBulk: the act, one licence or one slice after another.
function useBulk({ act, of, now }: Pick<BulkRunProps, "act" | "of" | "now">): BulkWalk {
  // What the next step counts from; the state is what is seen of it.
  const latest = useRef<Sums>({ changed: 0, same: 0, failed: [] });
  const [sums, setSums] = useState(latest.current);
  const [isOver, setOver] = useState(false);
  const key = useRef(newIdempotencyKey());
  const after = useRef<string | undefined>(undefined);
  const total = "picked" in of ? of.picked.length : of.found.matched;

  const report = (change: Partial<Sums>): boolean => {
    latest.current = { ...latest.current, ...change };
    setSums(latest.current);
    key.current = newIdempotencyKey();
    return pastOf(latest.current) < total;
  };
  const one = async ({ license }: Outcome): Promise<boolean> => {
    try {
      const { after: made } = await actOn(license, act, now, false, key.current);
      const { changed, same } = latest.current;
      return report(made && !isSame(license, made) ? { changed: changed + 1 } : { same: same + 1 });
    } catch (error) {
      if (!isAboutOne(error)) throw error;
      return report({ failed: [...latest.current.failed, { license, error: sentenceOf(error) }] });
    }
  };
  const slice = async (filter: object): Promise<boolean> => {
    const { data } = await call<BulkReport>({
      method: "POST",
      path: "/admin/licenses/bulk",
      idempotencyKey: key.current,
      body: {
        filter,
        ...bodyOf(act),
        expected_count: total - pastOf(latest.current),
        ...(after.current && { after: after.current }),
      },
    });
    after.current = data.next ?? undefined;
    const { changed, same } = latest.current;
    return report({ changed: changed + data.changed, same: same + data.skipped }) && data.next !== null;
  };
  const step = async (): Promise<boolean> => {
    if (!("picked" in of)) return slice(of.filter);
    const next = of.picked[pastOf(latest.current)];
    return next !== undefined && one(next);
  };
  const walk = useWalk(async () => {
    try {
      const goesOn = await step();
      if (!goesOn) setOver(true);
      return goesOn;
    } catch (error) {
      // What was refused did not happen: asked for again it is another request. A lost one may have happened.
      if (error instanceof Problem && error.status < 500) key.current = newIdempotencyKey();
      throw error;
    }
  });

  useEffect(walk.start, []);
  return { ...walk, sums, total, isOver };
}

export function BulkRun({ title, act, of, now, onClose, onDone }: BulkRunProps): JSX.Element {
  const { sums, total, isOver, ...walk } = useBulk({ act, of, now });
  const past = pastOf(sums);
  const words = actWords[act.name];
  const summary = [
    `${plural(sums.changed, "licence")} ${words.done}`,
    sums.same > 0 && `${count(sums.same)} left as they were`,
    sums.failed.length > 0 && `${count(sums.failed.length)} refused`,
  ]
    .filter(Boolean)
    .join(", ");
  useEffect(() => {
    if (!isOver) return;
    announce(`${summary}.`);
    onDone();
  }, [isOver]);

  const leave = (): void => {
    if (walk.isRunning) return walk.stop();
    if (!isOver && past > 0) {
      announce(`Stopped: ${summary}, ${count(total - past)} not looked at.`);
      onDone();
    }
    onClose();
  };
  return (
    <Dialog title={title} onClose={leave}>
      <div class="stack">
        <div class="progress">
          <progress max={Math.max(total, 1)} value={past} aria-label="Progress" />
          <span role="status">
            {isOver ? "Done: " : ""}
            {count(past)} of {count(total)}
          </span>
        </div>
        {past > 0 && <p>{summary}.</p>}
        {sums.failed.length > 0 && <OutcomeTable outcomes={sums.failed} caption="Refused" />}
        <Trouble error={walk.error} />
        <footer>
          {isOver ? (
            <Button kind="primary" onClick={onClose}>
              Done
            </Button>
          ) : (
            <>
              <Button onClick={leave}>{walk.isRunning ? "Stop" : "Leave it at that"}</Button>
              {!walk.isRunning && (
                <Button kind="primary" onClick={walk.start}>
                  Go on
                </Button>
              )}
            </>
          )}
        </footer>
      </div>
    </Dialog>
  );
}
