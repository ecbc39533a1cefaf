// Each provider's key: where it comes from, what the provider last said of it, and its rotation.
import type { JSX } from "preact";
import type { Overview } from "../../api.gen.ts";
import { count, sentence, usd } from "../../lib/format.ts";
import { href } from "../../lib/route.ts";
import { Badge, Time, type Tone } from "../../ui/basics.tsx";
import { Table, type Column } from "../../ui/table.tsx";

type Provider = Overview["providers"][number];
type Verdict = NonNullable<Provider["verdict"]>;

const tones: Record<Verdict, Tone> = { accepted: "good", could_not_ask: "warn", refused: "bad" };
const keyText = ({ source, version }: Provider): string => `${sources[source]}, version ${version ?? 1}`;
const sources: Record<Provider["source"], string> = { stored: "D1", secret: "Worker secret", none: "none" };
const rotations: Record<NonNullable<Provider["rotation"]>, string> = {
  staged: "Staged",
  verified: "Verified, waits to be published",
  published: "Published, old key in its grace",
};

const none = (text: string): JSX.Element => <span class="none">{text}</span>;

export function ProviderKeys({ of: { providers } }: { of: Overview }): JSX.Element {
  const columns: Column<Provider>[] = [
    { head: "Provider", cell: ({ provider }) => <a href={href(["providers"])}>{provider}</a> },
    { head: "Key", cell: (row) => (row.source === "none" ? <Badge tone="warn">No key</Badge> : keyText(row)) },
    {
      head: "Provider says",
      cell: ({ verdict }) => (verdict ? <Badge tone={tones[verdict]}>{sentence(verdict)}</Badge> : none("never asked")),
    },
    { head: "Asked", cell: ({ checked_at: at }) => <Time value={at} relative /> },
    { head: "Published", cell: ({ published_at: at }) => <Time value={at} /> },
    {
      head: "Rotation",
      cell: ({ rotation }) => (rotation ? <Badge tone="info">{rotations[rotation]}</Badge> : none("none")),
    },
    { head: "Requests today", cell: ({ today }) => count(today.requests), isNumber: true },
    { head: "Cost today", cell: ({ today }) => usd(today.cost), isNumber: true },
  ];
  return (
    <Table caption="The key of each provider" columns={columns} rows={providers} keyOf={({ provider }) => provider} empty="" />
  );
}
