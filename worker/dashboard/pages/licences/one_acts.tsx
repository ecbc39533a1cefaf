// What can be done to one licence: its buttons and their dialogs. Each sends the licence's tag, so nothing is done to
// one that changed meanwhile.
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { License, LicenseReissued } from "../../api.gen.ts";
import type { Call } from "../../lib/api.ts";
import { Button } from "../../ui/basics.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Select, Text } from "../../ui/fields.tsx";
import { actWords, laterBy, offline } from "./acts.ts";
import { Codes } from "./codes.tsx";
import { PlanField } from "./plans.tsx";
import { TermsDialog } from "./terms.tsx";
import { Differences } from "./words.tsx";

export type OneAct = "extend" | "replan" | "terms" | "reissue" | "suspend" | "reinstate" | "revoke" | "note";

const verbs: Record<Exclude<OneAct, "note">, string> = {
  extend: "Extend",
  replan: "Re-plan",
  terms: "Change terms",
  reissue: "New code",
  suspend: "Suspend",
  reinstate: "Reinstate",
  revoke: "Revoke",
};

export function OneActs({ of, open }: { of: License; open: (act: OneAct) => void }): JSX.Element {
  const isRevoked = of.status === "revoked";
  const acts = ["extend", "replan", "terms", "reissue", of.status === "suspended" ? "reinstate" : "suspend", "revoke"] as const;
  return (
    <>
      {acts.map((act) => (
        <Button
          key={act}
          scope="licenses:write"
          disabled={isRevoked}
          why="It is revoked, and stays so."
          onClick={() => open(act)}>
          {verbs[act]}
        </Button>
      ))}
    </>
  );
}

export interface OneDialogProps {
  act: OneAct;
  license: License;
  etag: string | undefined;
  onClose: () => void;
  onDone: () => void;
  onStale: () => void;
}

export type OneProps = Omit<OneDialogProps, "act">;

export function OneDialog({ act, ...props }: OneDialogProps): JSX.Element {
  if (act === "extend") return <ExtendDialog {...props} />;
  if (act === "replan") return <ReplanDialog {...props} />;
  if (act === "terms") return <TermsDialog {...props} />;
  if (act === "reissue") return <ReissueDialog {...props} />;
  if (act === "note") return <NoteDialog {...props} />;
  return <StatusDialog act={act} {...props} />;
}

export interface LicenceChangeProps extends OneProps {
  title: string;
  verb: string;
  done: string; // Said of it: "is suspended".
  request: Call | undefined;
  means?: string;
  isDangerous?: boolean;
  typed?: string;
  children?: ComponentChildren;
}

// LicenceChange: a change whose answer is the licence as it is then.
export function LicenceChange({
  license,
  etag,
  onDone,
  done,
  request,
  means,
  children,
  ...props
}: LicenceChangeProps): JSX.Element {
  return (
    <Change<License>
      {...props}
      request={request && { ...request, ifMatch: etag }}
      describe={(after) => <Differences before={license} after={after} />}
      done={({ code_hint }) => `Licence ${code_hint} ${done}.`}
      onDone={() => onDone()}>
      {means && <p>{means}</p>}
      {children}
    </Change>
  );
}

const pathOf = ({ id }: License): string => `/admin/licenses/${id}`;

function StatusDialog({ act, ...props }: OneProps & { act: "suspend" | "reinstate" | "revoke" }): JSX.Element {
  const [reason, setReason] = useState("");
  const means = {
    suspend: `It is refused from its next request on, until it is reinstated. ${offline}`,
    reinstate: "It is accepted again from its next request on.",
    revoke: `It is refused for good, from its next request on. This can't be taken back. ${offline}`,
  };
  const { verb, isDangerous } = actWords[act];
  return (
    <LicenceChange
      {...props}
      title={`${verb} ${props.license.code_hint}`}
      verb={verb}
      done={`is ${actWords[act].done}`}
      means={means[act]}
      isDangerous={isDangerous}
      {...(act === "revoke" && { typed: "revoke" })}
      request={{ path: `${pathOf(props.license)}/${act}`, body: reason.trim() ? { reason: reason.trim() } : {} }}>
      <Text
        label="Reason"
        value={reason}
        onInput={setReason}
        maxLength={64}
        hint="One word of a-z 0-9 _ - for the audit log. May be left empty."
      />
    </LicenceChange>
  );
}

type End = "days" | "date" | "never" | "plan";

function ExtendDialog(props: OneProps): JSX.Element {
  const { license } = props;
  const [how, setHow] = useState<End>(license.expires_at ? "days" : "date");
  const [days, setDays] = useState("30");
  const [until, setUntil] = useState("");
  const [now] = useState(Date.now);
  const ends: readonly (readonly [End, string])[] = [
    ...(license.expires_at ? [["days", "So many days later"] as const] : []),
    ["date", "On a date"],
    ["never", "Never"],
    ["plan", "As its plan says"],
  ];
  const end = (): string | null | undefined => {
    if (how === "never") return "never";
    if (how === "plan") return null;
    if (how === "date") return until || undefined;
    return license.expires_at && /^[1-9]\d{0,4}$/.test(days) ? laterBy(license.expires_at, Number(days), now) : undefined;
  };
  const expires = end();
  return (
    <LicenceChange
      {...props}
      title={`Extend ${license.code_hint}`}
      verb="Extend"
      done="ends at another time"
      request={expires === undefined ? undefined : { method: "PATCH", path: pathOf(license), body: { expires_at: expires } }}>
      <div class="pair">
        <Select
          label="Ends"
          value={how}
          options={ends}
          onChange={(value) => setHow(ends.find(([name]) => name === value)?.[0] ?? "date")}
        />
        {how === "days" && (
          <Text
            label="Days"
            type="number"
            min={1}
            max={36_500}
            value={days}
            onInput={setDays}
            hint="Counted from its end; from now where that has passed."
          />
        )}
        {how === "date" && (
          <Text label="Date" type="date" value={until} onInput={setUntil} hint="Midnight UTC at its beginning." />
        )}
      </div>
    </LicenceChange>
  );
}

function ReplanDialog(props: OneProps): JSX.Element {
  const [plan, setPlan] = useState("");
  return (
    <LicenceChange
      {...props}
      title={`Re-plan ${props.license.code_hint}`}
      verb="Re-plan"
      done="has moved to the plan"
      means="It moves to the plan's newest version and keeps terms of its own. Machines above a lower number of seats keep theirs."
      request={plan ? { method: "PATCH", path: pathOf(props.license), body: { plan } } : undefined}>
      <PlanField label="To the plan" none="Choose a plan" value={plan} onChange={setPlan} />
    </LicenceChange>
  );
}

function NoteDialog(props: OneProps): JSX.Element {
  const [note, setNote] = useState(props.license.note ?? "");
  return (
    <LicenceChange
      {...props}
      title={`Note on ${props.license.code_hint}`}
      verb="Save"
      done="has another note"
      request={{ method: "PATCH", path: pathOf(props.license), body: { note: note.trim() || null } }}>
      <Text
        label="Note"
        value={note}
        onInput={setNote}
        maxLength={500}
        hint="For admins; its holder never sees it. Empty takes it away."
      />
    </LicenceChange>
  );
}

function ReissueDialog({ license, etag, onClose, onDone, onStale }: OneProps): JSX.Element {
  const [code, setCode] = useState("");
  return (
    <Change<LicenseReissued>
      title={`New code for ${license.code_hint}`}
      verb="Give a new code"
      isDangerous
      onClose={onClose}
      onStale={onStale}
      request={{ path: `${pathOf(license)}/reissue`, ifMatch: etag, body: code.trim() ? { code: code.trim() } : {} }}
      describe={() => (
        <p>
          The code {license.code_hint} is refused from the next request on.{" "}
          {code.trim() ? "The code above" : "A new one, shown once,"} takes its place; seats and history stay.
        </p>
      )}
      done={({ license: after }) => `Licence ${license.code_hint} has a new code: ${after.code_hint}.`}
      onDone={({ data }) => {
        onDone();
        return data.code ? <Codes file="licence.csv" codes={[{ id: data.license.id, code: data.code }]} /> : undefined;
      }}>
      <Text
        label="Code"
        value={code}
        onInput={setCode}
        maxLength={254}
        hint="Empty makes one that can't be guessed. Or an e-mail address, or 4 to 64 of A-Z, 0-9, hyphen, underscore and dot."
      />
    </Change>
  );
}
