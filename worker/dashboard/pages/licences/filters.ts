// What the list of licences is narrowed to. It stands in the address, all but the holder: an e-mail address may be a
// licence's code, and codes don't belong there.
import type { LicenseBulk } from "../../api.gen.ts";
import type { Query } from "../../lib/api.ts";
import { words } from "../../lib/format.ts";
import type { Route } from "../../lib/route.ts";

export interface Filters {
  status?: string;
  plan?: string;
  unused?: string; // "1"
}

export const statuses = ["active", "suspended", "revoked", "expired"] as const;

const isStatus = (text: string | undefined): text is (typeof statuses)[number] => statuses.some((status) => status === text);

export function filtersOf({ query }: Route): Filters {
  const { status, plan, unused } = query;
  return { ...(isStatus(status) && { status }), ...(plan && { plan }), ...(unused === "1" && { unused }) };
}

export const hasFilters = ({ status, plan, unused }: Filters): boolean => Boolean(status ?? plan ?? unused);

export function queryOf({ status, plan, unused }: Filters, holder: string): Query {
  return { status, plan, never_provisioned: unused, holder };
}

// bulkFilter: the same for an act on all that it finds.
export function bulkFilter({ status, plan, unused }: Filters, expiresBefore: string): LicenseBulk["filter"] {
  return {
    ...(isStatus(status) && { status }),
    ...(plan && { plan }),
    ...(unused && { never_provisioned: true }),
    ...(expiresBefore && { expires_before: expiresBefore }),
  };
}

// inWords: "active licences of plan pro that were never used".
export function inWords({ status, plan, unused }: Filters): string {
  return [`${status ? `${words(status)} ` : ""}licences`, plan && `of plan ${plan}`, unused && "that were never used"]
    .filter(Boolean)
    .join(" ");
}
