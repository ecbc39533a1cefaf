// Licences: the list, the import of a list, and one licence, as the address says.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { LicenseList } from "../api.gen.ts";
import type { PageProps } from "../app.tsx";
import { usePages } from "../lib/resource.ts";
import { filtersOf, hasFilters, queryOf, type Filters } from "./licences/filters.ts";
import { ImportPage } from "./licences/import.tsx";
import { LicenceList } from "./licences/list.tsx";
import { OneLicence } from "./licences/one.tsx";

const perPage = 50;

export default function Licences({ route }: PageProps): JSX.Element {
  const [, name] = route.path;
  const isList = name === undefined;
  // The list stays as it was left while one licence is looked at: filters, page and all.
  const [held, setHeld] = useState<Filters>();
  const [holder, setHolder] = useState("");
  const filters = isList ? filtersOf(route) : held;
  useEffect(() => {
    if (isList) setHeld(filtersOf(route));
  }, [isList, route]);
  const path = filters && (isList || held) ? "/admin/licenses" : null;
  const list = usePages<LicenseList>(path, filters ? queryOf(filters, holder) : {}, perPage);
  const { reload } = list;
  useEffect(() => {
    // Back from a licence, which may have been changed there.
    if (isList && held) reload();
  }, [isList]);

  if (isList) {
    return <LicenceList route={route} filters={filtersOf(route)} holder={holder} setHolder={setHolder} list={list} />;
  }
  const back = held && hasFilters(held) ? held : {};
  if (name === "import") return <ImportPage back={back} />;
  return <OneLicence key={name} id={name} back={back} />;
}
