// The rows of a price table: those that hold now, or with past and future ones.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { PriceRow, PriceTable } from "../../api.gen.ts";
import { plural } from "../../lib/format.ts";
import { setQuery, type Route } from "../../lib/route.ts";
import { Badge, Time } from "../../ui/basics.tsx";
import { Check, Select, Text } from "../../ui/fields.tsx";
import { Table, type Column } from "../../ui/table.tsx";

type When = "past" | "now" | "future";

const placeOf = ({ provider, model }: { provider: string; model: string }): string => `${provider}/${model}`;

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

// statesOf: a row holds from its beginning until the model's next row, or its end.
function statesOf(rows: readonly PriceRow[], now: number): Map<PriceRow, When> {
  const states = new Map<PriceRow, When>();
  for (const group of grouped(rows, placeOf).values()) {
    const begun = group.map((row) => Date.parse(row.effective_from)).filter((from) => from <= now);
    const latest = Math.max(...begun);
    for (const row of group) {
      const from = Date.parse(row.effective_from);
      const hasEnded = typeof row.effective_to === "string" && Date.parse(row.effective_to) <= now;
      states.set(row, from > now ? "future" : from < latest || hasEnded ? "past" : "now");
    }
  }
  return states;
}

const rate = (amount: string | null | undefined): JSX.Element | string => (amount ? `$${amount}` : <span class="none">–</span>);

export function PriceRows({ of, route }: { of: PriceTable; route: Route }): JSX.Element {
  const { provider = "", model = "", all } = route.query;
  const states = useMemo(() => statesOf(of.rows, Date.now()), [of]);
  const aliases = useMemo(() => grouped(of.aliases, placeOf), [of]);
  const namesOf = (row: PriceRow): string => (aliases.get(placeOf(row)) ?? []).map(({ alias }) => alias).join(", ");
  const rows = of.rows.filter(
    (row) =>
      (provider === "" || row.provider === provider) &&
      (all !== undefined || states.get(row) === "now") &&
      (model === "" || row.model.includes(model) || namesOf(row).includes(model)),
  );
  const columns: Column<PriceRow>[] = [
    {
      head: "Model",
      cell: (row) => (
        <>
          <span class="mono">{row.model}</span>
          {states.get(row) !== "now" && (
            <>
              {" "}
              <Badge>{states.get(row)}</Badge>
            </>
          )}
          {namesOf(row) && <div class="note">also {namesOf(row)}</div>}
        </>
      ),
    },
    { head: "Provider", cell: (row) => row.provider },
    { head: "Input", isNumber: true, cell: (row) => rate(row.input) },
    { head: "Cached", isNumber: true, cell: (row) => rate(row.cached_input) },
    { head: "Output", isNumber: true, cell: (row) => rate(row.output) },
    { head: "Reasoning", isNumber: true, cell: (row) => rate(row.reasoning) },
    { head: "Since", cell: (row) => <Time value={row.effective_from} /> },
    { head: "Where it was read", cell: (row) => <Source of={row} /> },
  ];
  return (
    <>
      <div class="filters" role="search" aria-label="Filter the prices">
        <Select
          label="Provider"
          value={provider}
          onChange={(value) => setQuery(route, { provider: value || undefined })}
          options={[["", "All"], ...[...new Set(of.rows.map((row) => row.provider))].map((name) => [name, name] as const)]}
        />
        <Text
          label="Model"
          type="search"
          value={model}
          onInput={(value) => setQuery(route, { model: value.trim().toLowerCase() || undefined })}
        />
        <Check
          label="Past and future prices too"
          value={all !== undefined}
          onChange={(isOn) => setQuery(route, { all: isOn ? "1" : undefined })}
        />
      </div>
      <p class="note" role="status">
        {plural(rows.length, "price")}, in US dollars for 1,000,000 tokens. Where cached input or reasoning has none, input and
        output hold.
      </p>
      <Table
        caption="Prices"
        columns={columns}
        rows={rows}
        keyOf={(row) => `${placeOf(row)}/${row.effective_from}`}
        empty="No price is like that. Take a filter away to see more."
      />
    </>
  );
}

function Source({ of: { source, as_of: asOf, note } }: { of: PriceRow }): JSX.Element {
  const host = source && URL.canParse(source) ? new URL(source).host : undefined;
  return (
    <>
      {source && host ? (
        <a href={source} target="_blank" rel="noopener noreferrer">
          {host}
        </a>
      ) : (
        <span class="none">–</span>
      )}
      {asOf && (
        <>
          {" "}
          <time class="note">{asOf}</time>
        </>
      )}
      {note && <div class="note">{note}</div>}
    </>
  );
}
