// What an admin does to an alert: it was seen, keep it quiet, it is over.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Alert } from "../../api.gen.ts";
import { Button, Time } from "../../ui/basics.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Select } from "../../ui/fields.tsx";

type Act = "acknowledge" | "snooze" | "resolve";

const verbs: Record<Act, string> = { acknowledge: "Acknowledge", snooze: "Snooze", resolve: "Resolve" };
const spans = [
  ["60", "1 hour"],
  ["240", "4 hours"],
  ["1440", "1 day"],
  ["4320", "3 days"],
  ["10080", "1 week"],
  ["43200", "30 days"],
] as const;

const actsOf = ({ state }: Alert): readonly Act[] =>
  state === "open" ? ["acknowledge", "snooze", "resolve"] : state === "acknowledged" ? ["snooze", "resolve"] : [];

export function AlertActs({ of, reload }: { of: Alert; reload: () => void }): JSX.Element | null {
  const [act, setAct] = useState<Act>();
  const close = (): void => setAct(undefined);
  return (
    <>
      <div class="row-actions">
        {actsOf(of).map((name) => (
          <Button
            key={name}
            scope="alerts:write"
            label={`${verbs[name]}: ${of.title}, ${of.subject}`}
            onClick={() => setAct(name)}>
            {verbs[name]}
          </Button>
        ))}
      </div>
      {act === "snooze" && <Snooze of={of} onClose={close} onDone={reload} />}
      {(act === "acknowledge" || act === "resolve") && (
        <Change<Alert>
          title={`${verbs[act]}: ${of.title}`}
          verb={verbs[act]}
          onClose={close}
          onDone={reload}
          request={{ path: `/admin/alerts/${of.id}/${act}` }}
          describe={({ state }) => (
            <p>
              {state === "acknowledged" && "It counts as seen. Webhooks hear of it again only if it gets worse."}
              {state === "resolved" &&
                "It counts as over, and webhooks are told. If its cause is seen again, that is another alert."}
            </p>
          )}
          done={({ title, subject, state }) => `${title} (${subject}) is ${state}.`}>
          <p class="note">
            {of.subject}. {of.advice}
          </p>
        </Change>
      )}
    </>
  );
}

function Snooze({ of, onClose, onDone }: { of: Alert; onClose: () => void; onDone: () => void }): JSX.Element {
  const [minutes, setMinutes] = useState("240");
  const span = spans.find(([value]) => value === minutes)?.[1] ?? "a while";
  return (
    <Change<Alert>
      title={`Snooze: ${of.title}`}
      verb="Snooze"
      onClose={onClose}
      onDone={onDone}
      request={{ path: `/admin/alerts/${of.id}/snooze`, body: { minutes: Number(minutes) } }}
      describe={({ snoozed_until: until }) => (
        <p>
          Webhooks hear nothing of it until <Time value={until} />. If it is still open then, they are told again.
        </p>
      )}
      done={({ title, subject }) => `${title} (${subject}) is snoozed for ${span}.`}>
      <Select label="For" value={minutes} onChange={setMinutes} options={spans} />
    </Change>
  );
}
