// How severities, states and subjects of alerts look.
import type { JSX } from "preact";
import type { Alert } from "../../api.gen.ts";
import { href } from "../../lib/route.ts";
import { Badge, type Tone } from "../../ui/basics.tsx";

export type Severity = Alert["severity"];

export const severities: readonly Severity[] = ["critical", "warning", "info"];

const severityTones: Record<Severity, Tone> = { critical: "bad", warning: "warn", info: "info" };

export function SeverityBadge({ severity }: { severity: Severity }): JSX.Element {
  return <Badge tone={severityTones[severity]}>{severity}</Badge>;
}

const stateTones: Record<Alert["state"], Tone> = { open: "bad", acknowledged: "info", resolved: "good" };

export function AlertState({ of: { state } }: { of: Alert }): JSX.Element {
  return <Badge tone={stateTones[state]}>{state}</Badge>;
}

export const isSnoozed = ({ snoozed_until: until }: Alert): boolean => until !== null && Date.parse(until) > Date.now();

// Subject: what an alert is about, as a link where there is a page of it.
export function Subject({ of: { subject, kind } }: { of: Pick<Alert, "subject" | "kind"> }): JSX.Element {
  if (subject.startsWith("lic_"))
    return (
      <a class="mono" href={href(["licences", subject])}>
        {subject}
      </a>
    );
  if (subject.startsWith("whk_"))
    return (
      <a class="mono" href={href(["alerts", "webhooks", subject])}>
        {subject}
      </a>
    );
  if (kind.startsWith("provider_key_") || kind === "rotation_failed") return <a href={href(["providers"])}>{subject}</a>;
  return <span class="mono">{subject}</span>;
}
