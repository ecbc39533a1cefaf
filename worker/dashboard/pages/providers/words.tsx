// What rotations are called, and how their states and verdicts look.
import type { JSX } from "preact";
import type { Rotation } from "../../api.gen.ts";
import { words } from "../../lib/format.ts";
import { Badge, type Tone } from "../../ui/basics.tsx";

export type Verdict = NonNullable<Rotation["verdict"]>;

export const isOpen = ({ state }: Rotation): boolean => state === "staged" || state === "verified" || state === "published";

const stateTones: Record<Rotation["state"], Tone> = {
  staged: "info",
  verified: "info",
  published: "warn",
  retired: "good",
  failed: "bad",
  cancelled: "quiet",
};

export function StateBadge({ state }: { state: Rotation["state"] }): JSX.Element {
  return <Badge tone={stateTones[state]}>{state === "published" ? "published, in grace" : state}</Badge>;
}

const verdictTones: Record<Verdict, Tone> = { accepted: "good", refused: "bad", could_not_ask: "warn" };

export function VerdictBadge({ verdict }: { verdict: Verdict }): JSX.Element {
  return <Badge tone={verdictTones[verdict]}>{words(verdict)}</Badge>;
}

// says: what the provider says of a key, as a sentence.
export function says({ provider, verdict, verdict_detail: detail }: Rotation): string {
  const by = detail ? ` (${detail})` : "";
  if (verdict === "accepted") return `${provider} takes the new key${by}.`;
  if (verdict === "refused") return `${provider} refuses the new key${by}.`;
  return `${provider} could not be asked about the new key${by}.`;
}

export const versions = ({ from_version: from, to_version: to }: Rotation): string =>
  from === null ? `version ${to}` : `version ${from} → ${to}`;
