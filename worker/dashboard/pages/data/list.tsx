// The queries that there are, found by a word of theirs.
import type { JSX } from "preact";
import { words } from "../../lib/format.ts";
import { href, setQuery, type Route } from "../../lib/route.ts";
import { Section } from "../../ui/basics.tsx";
import { Text } from "../../ui/fields.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { readable, type StoredQuery } from "../data.tsx";

export function Queries({ queries, route }: { queries: readonly StoredQuery[]; route: Route }): JSX.Element {
  const word = route.query["find"] ?? "";
  const found = queries.filter((query) => textOf(query).includes(word.trim().toLowerCase()));
  const columns: Column<StoredQuery>[] = [
    { head: "Query", cell: ({ name }) => <a href={href(["data", name])}>{readable(name)}</a> },
    { head: "Answers", cell: ({ title }) => title, isLong: true },
    { head: "Takes", cell: ({ parameters }) => namesOf(parameters) || <span class="none">–</span> },
    { head: "Plot", cell: ({ plot }) => (plot ? words(plot.kind) : <span class="none">–</span>) },
  ];
  return (
    <Section
      title={found.length === queries.length ? `${queries.length} queries` : `${found.length} of ${queries.length} queries`}>
      <div class="filters">
        <Text
          label="Find"
          type="search"
          value={word}
          placeholder="machines, cost, refusals …"
          onInput={(find) => setQuery(route, { find: find || undefined })}
        />
      </div>
      <Table
        caption="Queries"
        columns={columns}
        rows={found}
        keyOf={({ name }) => name}
        empty="No query has this word. Try another one."
      />
    </Section>
  );
}

const namesOf = (parameters: StoredQuery["parameters"]): string =>
  parameters.map(({ name }) => readable(name).toLowerCase()).join(", ");

const textOf = ({ name, title, description, columns }: StoredQuery): string =>
  [readable(name), title, description, ...columns.map((column) => readable(column.name))].join(" ").toLowerCase();
