// Prices: the table in force or one before it, models without a price, and the versions that were stored.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { PriceTable, PriceVersionList, UnpricedList } from "../../api.gen.ts";
import { count, words } from "../../lib/format.ts";
import { usePages, useResource } from "../../lib/resource.ts";
import { href, setQuery, type Route } from "../../lib/route.ts";
import { saveFile } from "../../lib/save.ts";
import { Badge, Button, Facts, Loaded, Section, Time } from "../../ui/basics.tsx";
import { Pager, Table, type Column } from "../../ui/table.tsx";
import { ImportPrices } from "./price_import.tsx";
import { PriceRows } from "./price_rows.tsx";
import { Reprice } from "./reprice.tsx";

const rowsPerPage = 20;

export function Prices({ route }: { route: Route }): JSX.Element {
  const { version } = route.query;
  const table = useResource<PriceTable>("/admin/prices", { query: { version } });
  const current = useResource<PriceTable>(version === undefined ? null : "/admin/prices");
  const versions = usePages<PriceVersionList>("/admin/prices/versions", {}, rowsPerPage);
  const unpriced = usePages<UnpricedList>("/admin/prices/unpriced", {}, rowsPerPage);
  const [asked, setAsked] = useState<"import" | "reprice">();
  const inForce = version === undefined ? table : current;
  const reload = (): void => {
    setQuery(route, { version: undefined });
    for (const resource of [table, current, versions, unpriced]) resource.reload();
  };
  const actions = (
    <>
      {version !== undefined && <Button onClick={() => setQuery(route, { version: undefined })}>Show the one in force</Button>}
      <Button disabled={!table.data} why="It is still loading." onClick={() => table.data && save(table.data)}>
        Save as JSON
      </Button>
      <Button
        kind="primary"
        scope="prices:write"
        disabled={!inForce.data}
        why="It is still loading."
        onClick={() => setAsked("import")}>
        Import a table
      </Button>
    </>
  );
  return (
    <>
      <Section title={version === undefined ? "Table in force" : `Version ${version}`} actions={actions}>
        <Loaded of={table}>
          {(data) => (
            <div class="stack">
              <Facts
                rows={[
                  ["Version", data.version === 0 ? "0, that of the build" : count(data.version)],
                  ["Rows", count(data.num_rows)],
                  [
                    "Stored",
                    data.created_at ? (
                      <>
                        <Time value={data.created_at} /> by {data.created_by}
                      </>
                    ) : (
                      "With the build"
                    ),
                  ],
                  ["Note", data.note],
                ]}
              />
              <PriceRows of={data} route={route} />
            </div>
          )}
        </Loaded>
      </Section>
      <Section
        title="Models without a price"
        note="Their use is counted but costs nothing in a budget. Import a table that has them, then price past use anew."
        actions={
          <Button scope="prices:write" onClick={() => setAsked("reprice")}>
            Price past use anew
          </Button>
        }>
        <Loaded of={unpriced}>
          {({ data }) => (
            <Table
              caption="Unpriced models"
              columns={unpricedColumns}
              rows={data}
              keyOf={({ provider, model }) => `${provider}/${model}`}
              empty="Every model that was used has a price."
            />
          )}
        </Loaded>
        <Pager of={unpriced} noun="models" />
      </Section>
      <Section title="Versions">
        <Loaded of={versions}>
          {({ data }) => (
            <Table
              caption="Price tables, newest first"
              columns={versionColumns}
              rows={data}
              keyOf={({ version: number }) => number}
              empty="Only the build's table so far. Save it as JSON, change it, and import it."
            />
          )}
        </Loaded>
        <Pager of={versions} noun="versions" />
      </Section>
      {asked === "import" && inForce.data && <ImportPrices of={inForce} onClose={() => setAsked(undefined)} onDone={reload} />}
      {asked === "reprice" && <Reprice onClose={() => setAsked(undefined)} onDone={unpriced.reload} />}
    </>
  );
}

// As latchkey price export prints it.
function save({ version, rows, aliases }: PriceTable): void {
  saveFile(`latchkey-prices-${version}.json`, "application/json", `${JSON.stringify({ rows, aliases }, null, 2)}\n`);
}

const unpricedColumns: Column<UnpricedList["data"][number]>[] = [
  { head: "Model", cell: ({ model }) => <span class="mono">{model}</span> },
  { head: "Provider", cell: ({ provider }) => provider },
  { head: "Requests", isNumber: true, cell: ({ requests }) => count(requests) },
  { head: "Last used", cell: ({ last_used_at: at }) => <Time value={at} /> },
  {
    head: "Why",
    cell: ({ reason }) => (reason ? <Badge tone="warn">{words(reason)}</Badge> : <>It has a price now: price past use anew.</>),
  },
];

const versionColumns: Column<PriceVersionList["data"][number]>[] = [
  {
    head: "Version",
    cell: ({ version }) => <a href={href(["settings", "prices"], { version: String(version) })}>Version {version}</a>,
  },
  { head: "Stored", cell: ({ created_at: at }) => <Time value={at} /> },
  { head: "By", cell: ({ created_by: by }) => by ?? "–" },
  { head: "Rows", isNumber: true, cell: ({ num_rows: rows }) => count(rows) },
  { head: "Note", cell: ({ note }) => note ?? "–" },
];
