// The terms of a webhook, as fields; and its secret, once.
import type { JSX } from "preact";
import type { Webhook, WebhookCreate, WebhookCreated } from "../../api.gen.ts";
import { words } from "../../lib/format.ts";
import { Badge, Copy, type Tone } from "../../ui/basics.tsx";
import { Checks } from "../../ui/choices.tsx";
import { Check, Select, Text } from "../../ui/fields.tsx";
import { severities } from "./words.tsx";

type Event = Webhook["events"][number];

const kinds: readonly Event[] = [
  "audit_broken",
  "budget_threshold",
  "cron_failed",
  "guessing_address",
  "license_anomaly",
  "license_shared",
  "payment_unmapped",
  "price_unknown_model",
  "provider_key_refused",
  "provider_key_unreachable",
  "rotation_failed",
  "webhook_failing",
];

export interface Terms {
  name: string;
  url: string;
  wantsAll: boolean;
  events: string[];
  wantsHeads: boolean;
  severity: string;
}

export const noTerms: Terms = { name: "", url: "", wantsAll: true, events: [], wantsHeads: false, severity: "info" };

export const termsOf = ({ name, events, min_severity: severity }: Webhook): Terms => ({
  name,
  severity,
  url: "",
  wantsAll: events.includes("*"),
  events: kinds.filter((kind) => events.includes(kind)),
  wantsHeads: events.includes("audit_checkpoint"),
});

// bodyOf: undefined while something is missing. An address that is left empty stays as it is.
export function bodyOf({ name, url, wantsAll, events, wantsHeads, severity }: Terms): Partial<WebhookCreate> | undefined {
  const wanted = [...(wantsAll ? ["*"] : events), ...(wantsHeads ? ["audit_checkpoint"] : [])] as Event[];
  if (name.trim() === "" || wanted.length === 0) return undefined;
  const min_severity = severity as NonNullable<WebhookCreate["min_severity"]>;
  return { name: name.trim(), events: wanted, min_severity, ...(url !== "" && { url: url.trim() }) };
}

export function TermFields({
  value,
  onChange,
  isNew,
}: {
  value: Terms;
  onChange: (value: Terms) => void;
  isNew?: boolean;
}): JSX.Element {
  const set = (changes: Partial<Terms>): void => onChange({ ...value, ...changes });
  return (
    <>
      <Text label="Name" value={value.name} onInput={(name) => set({ name })} required maxLength={100} />
      <Text
        label={isNew ? "Address" : "Another address"}
        type="url"
        value={value.url}
        onInput={(url) => set({ url })}
        placeholder="https://hooks.example/alerts"
        hint={
          isNew ? "https, to a name of the public DNS. Only its host is shown again." : "Leave it empty to keep the one it has."
        }
      />
      <Select
        label="From severity"
        value={value.severity}
        onChange={(severity) => set({ severity })}
        options={[...severities].reverse().map((name) => [name, name] as const)}
      />
      <Check label="Every kind of alert" value={value.wantsAll} onChange={(wantsAll) => set({ wantsAll })} />
      {!value.wantsAll && (
        <Checks
          legend="Kinds of alerts"
          options={kinds.map((kind) => [kind, words(kind)] as const)}
          value={value.events}
          onChange={(events) => set({ events })}
        />
      )}
      <Check
        label="Signed heads of the audit log, too"
        value={value.wantsHeads}
        onChange={(wantsHeads) => set({ wantsHeads })}
        hint="Keep these messages elsewhere: they prove later that the log only grew."
      />
    </>
  );
}

const stateTones: Record<Webhook["state"], Tone> = { active: "good", paused: "quiet", disabled: "bad" };

export function WebhookState({ of: { state, failures } }: { of: Webhook }): JSX.Element {
  return (
    <>
      <Badge tone={stateTones[state]}>{state}</Badge>
      {failures > 0 && (
        <>
          {" "}
          <Badge tone="warn">{failures} failed in a row</Badge>
        </>
      )}
    </>
  );
}

export const wanted = ({ events }: Webhook): string =>
  events
    .map((event) => (event === "*" ? "every alert" : event === "audit_checkpoint" ? "signed heads" : words(event)))
    .join(", ");

// Secret: shown in place of the form, and gone when the dialog closes.
export function Secret({ of }: { of: WebhookCreated }): JSX.Element {
  return (
    <div class="once">
      <p>
        This is the secret of <strong>{of.name}</strong>. Give it to the receiver now: it is shown only here.
      </p>
      <p class="secret">
        <code>{of.secret}</code> <Copy text={of.secret ?? ""} label="Copy the secret" />
      </p>
    </div>
  );
}
