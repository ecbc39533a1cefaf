// Data: the cookbook's queries, run in D1 from here. They only read; the list comes from the service.
import type { JSX } from "preact";
import type { QueryList } from "../api.gen.ts";
import type { PageProps } from "../app.tsx";
import { sentence } from "../lib/format.ts";
import { useResource } from "../lib/resource.ts";
import { href } from "../lib/route.ts";
import { Empty, Loaded, Page } from "../ui/basics.tsx";
import { Needs } from "../ui/needs.tsx";
import { Queries } from "./data/list.tsx";
import { Run } from "./data/run.tsx";

// readable: names of SQL as people write them here.
export const readable = (name: string): string =>
  sentence(name)
    .replaceAll("icense", "icence")
    .replace(/ usd$/, "")
    .replace(/\bkv\b/i, "KV");

export type StoredQuery = QueryList["data"][number];

export default function Data({ route }: PageProps): JSX.Element {
  const name = route.path[1];
  return (
    <Page
      title={name ? readable(name) : "Data"}
      lead={
        name ? (
          <a href={href(["data"])}>All queries</a>
        ) : (
          "Questions that D1 answers: choose one, fill in what it takes, run it. Queries only read."
        )
      }>
      <Needs scope="queries:read">
        <Choice name={name} route={route} />
      </Needs>
    </Page>
  );
}

function Choice({ name, route }: PageProps & { name: string | undefined }): JSX.Element {
  const queries = useResource<QueryList>("/admin/queries");
  return (
    <Loaded of={queries}>
      {({ data }) => {
        if (!name) return <Queries queries={data} route={route} />;
        const query = data.find((one) => one.name === name);
        return query ? (
          <Run key={name} query={query} route={route} />
        ) : (
          <Empty>
            This build has no query of that name. See <a href={href(["data"])}>all of them</a>.
          </Empty>
        );
      }}
    </Loaded>
  );
}
