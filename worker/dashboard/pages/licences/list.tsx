// The list of licences: find, narrow, pick, and act on what was picked or on all that was found.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { License, LicenseList } from "../../api.gen.ts";
import { count, plural, sentence } from "../../lib/format.ts";
import type { Paged } from "../../lib/resource.ts";
import { href, setQuery, type Route } from "../../lib/route.ts";
import { Badge, Button, Loaded, Page, Time } from "../../ui/basics.tsx";
import { Check, Select, Text } from "../../ui/fields.tsx";
import { Pager, Table, type Column } from "../../ui/table.tsx";
import { actNames, actWords, type ActName } from "./acts.ts";
import { BulkDialog } from "./bulk.tsx";
import { CreateDialog } from "./create.tsx";
import { hasFilters, inWords, statuses, type Filters } from "./filters.ts";
import { PlanField } from "./plans.tsx";
import { Tabs } from "./tabs.tsx";
import { Ends, holderOf, Status } from "./words.tsx";

export interface LicenceListProps {
  route: Route;
  filters: Filters;
  holder: string;
  setHolder: (holder: string) => void;
  list: Paged<LicenseList>;
}

const columns: readonly Column<License>[] = [
  { head: "Licence", cell: (row) => <Name of={row} /> },
  { head: "Holder", cell: (row) => <span class="clip">{holderOf(row) ?? <span class="none">–</span>}</span> },
  { head: "Status", cell: (row) => <Status of={row} /> },
  { head: "Plan", cell: ({ plan }) => plan },
  { head: "Ends", cell: (row) => <Ends of={row} isDate /> },
  { head: "Seats", isNumber: true, cell: (row) => <Seats of={row} /> },
  {
    head: "Last used",
    cell: ({ last_provision_at }) =>
      last_provision_at ? <Time value={last_provision_at} relative /> : <span class="none">Never</span>,
  },
  { head: "Created", cell: ({ created_at }) => <Time value={created_at} isDate /> },
];

function Name({ of }: { of: License }): JSX.Element {
  return (
    <a class="mono unbroken" href={href(["licences", of.id])} title={of.id}>
      {of.code_hint}
    </a>
  );
}

function Seats({ of: { machines_used, max_machines } }: { of: License }): JSX.Element {
  return (
    <>
      {machines_used >= max_machines && (
        <>
          <Badge tone="warn">Full</Badge>{" "}
        </>
      )}
      {machines_used} / {max_machines}
    </>
  );
}

type Target = "picked" | "all";

export function LicenceList({ route, filters, holder, setHolder, list }: LicenceListProps): JSX.Element {
  const [picked, setPicked] = useState<ReadonlyMap<string, License>>(new Map());
  const [target, setTarget] = useState<Target>("picked");
  const [open, setOpen] = useState<ActName | "create">();
  const rows = list.data?.data ?? [];
  const key = JSON.stringify([filters, holder]);
  useEffect(() => setPicked(new Map()), [key]);

  const close = (): void => setOpen(undefined);
  const changed = (): void => {
    setPicked(new Map());
    list.reload();
  };
  const pick = (keys: ReadonlySet<string | number>): void => {
    const found = new Map([...picked, ...rows.map((row) => [row.id, row] as const)]);
    setPicked(new Map([...found].filter(([id]) => keys.has(id))));
  };
  const isEmptyService = rows.length === 0 && !hasFilters(filters) && holder === "" && list.number === 1;
  return (
    <>
      <Page
        title="Licences"
        lead="Who may fetch provider keys, on how many machines, and until when."
        actions={
          <Button kind="primary" scope="licenses:write" onClick={() => setOpen("create")}>
            Create licences
          </Button>
        }
      />
      <Tabs current="list" back={filters} />
      <section class="card" aria-label="Licences found">
        <Finder route={route} filters={filters} holder={holder} setHolder={setHolder} />
        <ActBar
          target={target}
          setTarget={setTarget}
          numPicked={picked.size}
          filters={filters}
          isByHolder={holder !== ""}
          isHidden={rows.length === 0}
          open={setOpen}
        />
        <Loaded of={list}>
          {({ data }) => (
            <Table
              caption="Licences"
              columns={columns}
              rows={data}
              keyOf={({ id }) => id}
              picked={new Set(picked.keys())}
              onPick={pick}
              nameOf={(row) => [row.code_hint, holderOf(row)].filter(Boolean).join(", ")}
              empty={
                isEmptyService ? (
                  <>
                    There is no licence yet. Create the first one, or <a href={href(["licences", "import"])}>import a list</a>.
                  </>
                ) : (
                  "No licence is like that. A holder is found by the whole name or e-mail address; take a filter away to find more."
                )
              }
            />
          )}
        </Loaded>
        <Pager of={list} noun="licences" />
      </section>
      {open === "create" && <CreateDialog onClose={close} onDone={changed} />}
      {open !== undefined && open !== "create" && (
        <BulkDialog
          act={open}
          onClose={close}
          onDone={changed}
          of={target === "picked" ? { picked: [...picked.values()] } : { filters }}
        />
      )}
    </>
  );
}

// Finder: one box for an id or a holder, and the filters.
function Finder({ route, filters, holder, setHolder }: Omit<LicenceListProps, "list">): JSX.Element {
  const [text, setText] = useState(holder);
  const wanted = text.trim();
  const isCode = /^wf-/i.test(wanted);
  const find = (event: Event): void => {
    event.preventDefault();
    if (isCode) return;
    if (/^lic_[0-9a-z]+$/i.test(wanted)) location.hash = href(["licences", wanted]);
    else setHolder(wanted);
  };
  return (
    <form class="filters" role="search" onSubmit={find}>
      <div class="finder">
        <Text
          label="Find"
          type="search"
          value={text}
          maxLength={254}
          placeholder="lic_…, a name or an e-mail address"
          onInput={(value) => {
            setText(value);
            if (value === "") setHolder("");
          }}
        />
        <button type="submit">Find</button>
      </div>
      <Select
        label="Status"
        value={filters.status ?? ""}
        onChange={(status) => setQuery(route, { status })}
        options={[["", "Any"], ...statuses.map((status) => [status, sentence(status)] as const)]}
      />
      <PlanField label="Plan" none="Any" value={filters.plan ?? ""} onChange={(plan) => setQuery(route, { plan })} />
      <Check
        label="Never used"
        value={filters.unused === "1"}
        onChange={(isOn) => setQuery(route, { unused: isOn ? "1" : undefined })}
      />
      {isCode && (
        <p class="hint wide" role="status">
          Codes can't be searched for: only a hash of each is kept. Find the licence by its id or its holder.
        </p>
      )}
    </form>
  );
}

interface ActBarProps {
  target: Target;
  setTarget: (target: Target) => void;
  numPicked: number;
  filters: Filters;
  isByHolder: boolean;
  isHidden: boolean;
  open: (act: ActName) => void;
}

function ActBar({ target, setTarget, numPicked, filters, isByHolder, isHidden, open }: ActBarProps): JSX.Element | null {
  if (isHidden && numPicked === 0) return null;
  const why =
    target === "picked" ? "Pick licences in the table first." : "An act on all can't go by holder: pick them in the table.";
  const isOff = target === "picked" ? numPicked === 0 : isByHolder;
  return (
    <div class="act-bar" role="group" aria-label="Change many">
      <Select
        label="Act on"
        value={target}
        onChange={(value) => setTarget(value === "all" ? "all" : "picked")}
        options={[
          ["picked", numPicked === 0 ? "Those picked below" : `The ${count(numPicked)} picked`],
          ["all", hasFilters(filters) ? `All ${inWords(filters)}` : "All licences"],
        ]}
      />
      <div class="actions">
        {actNames.map((act) => (
          <Button key={act} scope="licenses:write" disabled={isOff} why={why} onClick={() => open(act)}>
            {actWords[act].verb}
          </Button>
        ))}
      </div>
      <span class="note" role="status">
        {target === "picked" && numPicked > 0 ? `${plural(numPicked, "licence")} picked` : ""}
      </span>
    </div>
  );
}
