// A licence's machines: who holds its seats, with names and release.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { License, Machine, MachineList } from "../../api.gen.ts";
import { count } from "../../lib/format.ts";
import { useResource } from "../../lib/resource.ts";
import { Badge, Button, Loaded, Section, Time } from "../../ui/basics.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Text } from "../../ui/fields.tsx";
import { Table } from "../../ui/table.tsx";

const shownMax = 25;

type Open = { act: "rename" | "release"; machine: Machine };

const nameOf = ({ name, id }: Machine): string => name ?? id;
const tagOf = ({ version }: Machine): string => `"${version}"`;

// Those that hold a seat first, then those last seen.
const inOrder = (machines: readonly Machine[]): Machine[] =>
  [...machines].sort(
    (a, b) => Number(a.released_at !== null) - Number(b.released_at !== null) || b.last_seen_at.localeCompare(a.last_seen_at),
  );

export function Machines({ license, turn, onChange }: { license: License; turn: number; onChange: () => void }): JSX.Element {
  const list = useResource<MachineList>(`/admin/licenses/${license.id}/machines`);
  const [open, setOpen] = useState<Open>();
  const [isWhole, setWhole] = useState(false);
  const { reload } = list;
  useEffect(() => {
    if (turn > 0) reload();
  }, [turn]);
  const close = (): void => setOpen(undefined);
  // The newest of what is known of it, so that after a reload its tag is the new one.
  const machine = open && (list.data?.data.find(({ id }) => id === open.machine.id) ?? open.machine);
  return (
    <Section title="Machines" wide note={`${license.machines_used} of ${license.max_machines} seats are taken.`}>
      <Loaded of={list}>
        {({ data }) => (
          <>
            <Table
              caption="Machines of this licence"
              rows={inOrder(data).slice(0, isWhole ? undefined : shownMax)}
              keyOf={({ id }) => id}
              empty="No machine has used this licence yet. The first one takes a seat when its client provisions with the code."
              columns={[
                { head: "Machine", cell: (row) => <MachineName of={row} /> },
                { head: "Seat", cell: (row) => <Seat of={row} /> },
                { head: "Last seen", cell: ({ last_seen_at }) => <Time value={last_seen_at} relative /> },
                { head: "First seen", cell: ({ first_seen_at }) => <Time value={first_seen_at} /> },
                { head: "Country", cell: ({ country }) => country ?? "–" },
                { head: "App", cell: ({ app_version }) => <span class="clip">{app_version ?? "–"}</span> },
                {
                  head: "Actions",
                  cell: (row) => (
                    <div class="actions">
                      <Button
                        scope="licenses:write"
                        label={`Rename ${nameOf(row)}`}
                        onClick={() => setOpen({ act: "rename", machine: row })}>
                        Rename
                      </Button>
                      <Button
                        scope="licenses:write"
                        label={`Release ${nameOf(row)}`}
                        disabled={isFree(row)}
                        why="It holds no seat."
                        onClick={() => setOpen({ act: "release", machine: row })}>
                        Release
                      </Button>
                    </div>
                  ),
                },
              ]}
            />
            {data.length > shownMax && !isWhole && (
              <Button onClick={() => setWhole(true)}>Show all {count(data.length)}</Button>
            )}
          </>
        )}
      </Loaded>
      {machine && open.act === "rename" && (
        <RenameDialog machine={machine} onClose={close} onDone={onChange} onStale={reload} />
      )}
      {machine && open.act === "release" && (
        <Change<Machine>
          title={`Release ${nameOf(machine)}`}
          verb="Release"
          isDangerous
          onClose={close}
          onStale={reload}
          request={{ path: `/admin/machines/${machine.id}/release`, ifMatch: tagOf(machine) }}
          describe={() => (
            <p>
              Its seat is free at once for another machine. It keeps what it was given until its receipt ends, and takes a seat
              again where one is free.
            </p>
          )}
          done={(after) => `The seat of ${nameOf(after)} is free.`}
          onDone={() => onChange()}>
          <p>
            Last seen <Time value={machine.last_seen_at} />.
          </p>
        </Change>
      )}
    </Section>
  );
}

const isHeld = ({ seat_held_until }: Machine): boolean => seat_held_until !== null && Date.parse(seat_held_until) > Date.now();
const isFree = (machine: Machine): boolean => machine.released_at !== null && !isHeld(machine);

function MachineName({ of: { id, name } }: { of: Machine }): JSX.Element {
  return (
    <>
      {name ? <span class="clip">{name}</span> : <span class="none">No name</span>}
      <br />
      <code class="note unbroken">{id}</code>
    </>
  );
}

function Seat({ of }: { of: Machine }): JSX.Element {
  if (of.released_at === null) return <Badge tone="good">Holds one</Badge>;
  if (isHeld(of))
    return (
      <>
        <Badge tone="warn">Cools down</Badge>{" "}
        <span class="note">
          until <Time value={of.seat_held_until} />
        </span>
      </>
    );
  return (
    <>
      <Badge>Released</Badge>{" "}
      <span class="note">
        <Time value={of.released_at} />
      </span>
    </>
  );
}

function RenameDialog({
  machine,
  onClose,
  onDone,
  onStale,
}: {
  machine: Machine;
  onClose: () => void;
  onDone: () => void;
  onStale: () => void;
}): JSX.Element {
  const [name, setName] = useState(machine.name ?? "");
  const wanted = name.trim() || null;
  return (
    <Change<Machine>
      title={`Rename ${nameOf(machine)}`}
      verb="Rename"
      onClose={onClose}
      onStale={onStale}
      request={{
        method: "PATCH",
        path: `/admin/machines/${machine.id}`,
        ifMatch: tagOf(machine),
        body: { name: wanted },
      }}
      describe={(after) =>
        after.name === machine.name ? (
          <p>Nothing changes: it is so already.</p>
        ) : (
          <p>
            The machine {machine.name ? <>“{machine.name}”</> : "without a name"}{" "}
            {after.name ? <>will be called “{after.name}”</> : "will have no name"}. Its holder sees that name too.
          </p>
        )
      }
      done={(after) => (after.name ? `The machine is called ${after.name}.` : "The machine has no name any more.")}
      onDone={() => onDone()}>
      <Text label="Name" value={name} onInput={setName} maxLength={64} hint="Empty takes it away." />
    </Change>
  );
}
