// One act on many licences: its fields, what will happen, the doing with its progress, what happened.
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import type { BulkReport, License } from "../../api.gen.ts";
import { call } from "../../lib/api.ts";
import { plural } from "../../lib/format.ts";
import { Button, Trouble } from "../../ui/basics.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Text } from "../../ui/fields.tsx";
import { actWords, bodyOf, type Act, type ActName, type Outcome } from "./acts.ts";
import { ActFields, type ActInput } from "./bulk_fields.tsx";
import { BulkRun } from "./bulk_run.tsx";
import { previewPicked } from "./bulk_picked.ts";
import { bulkFilter, inWords, type Filters } from "./filters.ts";
import { OutcomeTable, SampleTable } from "./bulk_tables.tsx";

export type Targets = { picked: readonly License[] } | { filters: Filters };

export interface BulkDialogProps {
  act: ActName;
  of: Targets;
  onClose: () => void;
  onDone: () => void;
}

export type Preview = { picked: readonly Outcome[] } | { filter: ReturnType<typeof bulkFilter>; found: BulkReport };

const namesOf = (of: Targets): string => ("picked" in of ? plural(of.picked.length, "licence") : `all ${inWords(of.filters)}`);

export function BulkDialog({ act: name, of: asOpened, onClose, onDone }: BulkDialogProps): JSX.Element {
  const words = actWords[name];
  const [input, setInput] = useState<ActInput>({
    how: "days",
    days: "30",
    until: "",
    plan: "",
    reason: "",
    expiresBefore: "",
  });
  // What is picked is let go once it is done; here it stays what it was.
  const [of] = useState(asOpened);
  const [now] = useState(Date.now);
  const [preview, setPreview] = useState<{ data: Preview; of: string }>();
  const [error, setError] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  const [word, setWord] = useState("");
  const [isRunning, setRunning] = useState(false);
  const form = useId();

  const act = actOf(name, input);
  const asked = JSON.stringify([act, input.expiresBefore]);
  const shown = preview?.of === asked ? preview.data : undefined;
  const size =
    shown && ("picked" in shown ? shown.picked.filter(({ error: why }) => why === undefined).length : shown.found.matched);
  const typed = words.isDangerous ? name : undefined;

  const look = async (): Promise<void> => {
    if (!act) return;
    setBusy(true);
    setError(undefined);
    try {
      setPreview({
        data: "picked" in of ? { picked: await previewPicked(of.picked, act, now) } : await found(of.filters, act, input),
        of: asked,
      });
    } catch (reason) {
      setError(reason as Error);
    }
    setBusy(false);
  };

  const title = `${words.verb} ${namesOf(of)}`;
  if (isRunning && act && shown)
    return <BulkRun title={title} act={act} of={shown} now={now} onClose={onClose} onDone={onDone} />;
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (isBusy) return;
          if (!shown) void look();
          else if (size && (!typed || word === typed)) setRunning(true);
        }}>
        <p>{words.means}</p>
        <ActFields act={name} of={of} value={input} onChange={setInput} />
        {shown && (
          <div class="preview" role="status">
            <h3>What will happen</h3>
            <WillHappen act={name} of={shown} />
          </div>
        )}
        {shown && typed && size ? <Text label={`Type ${typed} to confirm`} value={word} onInput={setWord} /> : null}
        <Trouble error={error} />
        <footer>
          <Button onClick={onClose}>Cancel</Button>
          {shown ? (
            <Button
              type="submit"
              kind={words.isDangerous ? "danger" : "primary"}
              disabled={!size || (typed !== undefined && word !== typed)}
              why={size ? `Type ${name} first.` : "There is nothing to change."}>
              {words.verb}
            </Button>
          ) : (
            <Button type="submit" kind="primary" isBusy={isBusy} disabled={!act} why="Fill in the fields first.">
              Preview
            </Button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}

function actOf(name: ActName, { how, days, until, plan, reason }: ActInput): Act | undefined {
  const why = reason.trim() === "" ? {} : { reason: reason.trim() };
  if (name === "replan") return plan ? { name, plan, ...why } : undefined;
  if (name !== "extend") return { name, ...why };
  if (how === "until") return until ? { name, expires_at: until, ...why } : undefined;
  return /^[1-9]\d{0,4}$/.test(days) ? { name, days: Number(days), ...why } : undefined;
}

async function found(filters: Filters, act: Act, { expiresBefore }: ActInput): Promise<Preview> {
  const filter = bulkFilter(filters, expiresBefore);
  const { data } = await call<BulkReport>({
    method: "POST",
    path: "/admin/licenses/bulk",
    query: { dry_run: 1 },
    body: { filter, ...bodyOf(act) },
  });
  return { filter, found: data };
}

function WillHappen({ act, of }: { act: ActName; of: Preview }): JSX.Element {
  const { done } = actWords[act];
  if ("picked" in of) return <OutcomeTable outcomes={of.picked} caption={`Each as it would be ${done}`} />;
  const { matched, sample } = of.found;
  if (matched === 0) return <p>No licence is found: nothing would change.</p>;
  return (
    <>
      <p>
        <strong>{plural(matched, "licence")}</strong> {matched === 1 ? "is" : "are"} found and will be {done}, 200 at a time;
        those to which that changes nothing are left as they are.
      </p>
      <SampleTable sample={sample} matched={matched} />
    </>
  );
}
