// Every provider with its key, what is being rotated, and what was.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Provider, ProviderList, Rotation, RotationList } from "../../api.gen.ts";
import { usePages, useResource } from "../../lib/resource.ts";
import { href } from "../../lib/route.ts";
import { useMissingScope } from "../../lib/session.ts";
import { Badge, Button, Loaded, Page, Section, Time } from "../../ui/basics.tsx";
import { Needs } from "../../ui/needs.tsx";
import { Pager, Table, type Column } from "../../ui/table.tsx";
import { BeginRotation, Emergency, SetKey } from "./begin.tsx";
import { LiveRotation } from "./rotation.tsx";
import { isOpen, StateBadge, VerdictBadge } from "./words.tsx";

const openMax = 100;
const pastPerPage = 20;
const pollMs = 5_000;
const idlePollMs = 60_000;

const dialogs = { rotate: BeginRotation, emergency: Emergency, set: SetKey };

export function ProvidersPage(): JSX.Element {
  const cannotSeeRotations = useMissingScope("rotation:read") !== undefined;
  const cannotSeeKeys = useMissingScope("providers:read") !== undefined;
  const [isAnyOpen, setAnyOpen] = useState(false);
  const keys = useResource<ProviderList>(cannotSeeKeys ? null : "/admin/providers", { everyMs: idlePollMs });
  const newest = useResource<RotationList>(cannotSeeRotations ? null : "/admin/rotations", {
    query: { limit: openMax },
    everyMs: isAnyOpen ? pollMs : idlePollMs,
  });
  const past = usePages<RotationList>(cannotSeeRotations ? null : "/admin/rotations", {}, pastPerPage);
  const [asked, setAsked] = useState<{ what: keyof typeof dialogs; of: Provider }>();
  const open = newest.data?.data.filter(isOpen) ?? [];
  useEffect(() => setAnyOpen(open.length > 0), [open.length]);
  const reload = (): void => {
    keys.reload();
    newest.reload();
    past.reload();
  };
  const Asked = asked && dialogs[asked.what];
  return (
    <Page title="Providers" lead="The key that clients get of each provider, and how it is replaced while they go on.">
      <Section title="Keys" note="Each provider is asked now and then whether it still takes its key.">
        <Needs scope="providers:read">
          <Loaded of={keys}>{({ data }) => <Keys rows={data} open={open} ask={(what, of) => setAsked({ what, of })} />}</Loaded>
        </Needs>
      </Section>
      {open.map(({ id }) => id && <LiveRotation key={id} id={id} onChange={reload} />)}
      <Section title="Rotations" wide>
        <Needs scope="rotation:read">
          <Loaded of={past}>{({ data }) => <Rotations rows={data} />}</Loaded>
          <Pager of={past} noun="rotations" />
        </Needs>
      </Section>
      {asked && Asked && <Asked of={asked.of} onClose={() => setAsked(undefined)} onDone={reload} />}
    </Page>
  );
}

const sources: Record<Provider["source"], string> = {
  stored: "Stored here, sealed",
  secret: "Worker secret",
  none: "None",
};

interface KeysProps {
  rows: readonly Provider[];
  open: readonly Rotation[];
  ask: (what: keyof typeof dialogs, of: Provider) => void;
}

function Keys({ rows, open, ask }: KeysProps): JSX.Element {
  const columns: Column<Provider>[] = [
    { head: "Provider", cell: ({ provider }) => provider },
    {
      head: "Key",
      cell: ({ source, version }) =>
        source === "none" ? (
          <Badge tone="warn">no key</Badge>
        ) : (
          <>
            Version {version} <span class="note">{sources[source]}</span>
          </>
        ),
    },
    {
      head: "Since",
      cell: ({ updated_at: since, rotation_due: isDue }) => (
        <>
          <Time value={since} />
          {isDue && (
            <>
              {" "}
              <Badge tone="warn">due for rotation</Badge>
            </>
          )}
        </>
      ),
    },
    {
      head: "Last check",
      cell: ({ key_check: check }) =>
        check ? (
          <>
            <VerdictBadge verdict={check.verdict} />{" "}
            <span class="note">
              {check.detail}, <Time value={check.checked_at} relative />
            </span>
          </>
        ) : (
          <span class="none">Not asked yet</span>
        ),
    },
    {
      head: "Change",
      cell: (row) => {
        const current = open.find(({ provider }) => provider === row.provider);
        const why = current && `A rotation of ${row.provider} is open: end it first.`;
        const off = { disabled: current !== undefined, ...(why !== undefined && { why }) };
        const isStaged = current !== undefined && current.state !== "published";
        return (
          <div class="row-actions">
            <Button scope="rotation:write" label={`Rotate ${row.provider}`} onClick={() => ask("rotate", row)} {...off}>
              Rotate
            </Button>
            <Button
              scope="rotation:write"
              label={`Emergency rotation of ${row.provider}`}
              onClick={() => ask("emergency", row)}
              {...off}>
              Emergency
            </Button>
            <Button
              scope="providers:write"
              label={`Set key of ${row.provider}`}
              onClick={() => ask("set", row)}
              {...(isStaged ? off : {})}>
              Set key
            </Button>
          </div>
        );
      },
    },
  ];
  return (
    <Table
      caption="Providers and their keys"
      columns={columns}
      rows={rows}
      keyOf={({ provider }) => provider}
      empty="No provider is known."
    />
  );
}

function Rotations({ rows }: { rows: readonly Rotation[] }): JSX.Element {
  const columns: Column<Rotation>[] = [
    {
      head: "Provider",
      cell: ({ id, provider }) => (id ? <a href={href(["providers", id])}>{provider}</a> : provider),
    },
    {
      head: "State",
      cell: ({ state, emergency }) => (
        <>
          <StateBadge state={state} />
          {emergency && (
            <>
              {" "}
              <Badge tone="bad">emergency</Badge>
            </>
          )}
        </>
      ),
    },
    { head: "Versions", cell: ({ from_version: from, to_version: to }) => (from === null ? to : `${from} → ${to}`) },
    { head: "Begun", cell: ({ created_at: at }) => <Time value={at} /> },
    { head: "Ended", cell: ({ ended_at: at }) => <Time value={at} /> },
    { head: "By", cell: ({ actor }) => actor },
    { head: "Outcome", cell: ({ message }) => message },
  ];
  return (
    <Table
      caption="Rotations, newest first"
      columns={columns}
      rows={rows}
      keyOf={({ id }) => id ?? ""}
      empty="No key was rotated yet. Make a second key at a provider, then choose Rotate beside it."
    />
  );
}
