// What can be done to many licences at once: in words, and as requests.
import type { License } from "../../api.gen.ts";
import { call, newIdempotencyKey, type Call } from "../../lib/api.ts";

export type ActName = "extend" | "replan" | "suspend" | "reinstate" | "revoke";
export const actNames: readonly ActName[] = ["extend", "replan", "suspend", "reinstate", "revoke"];

export interface ActWords {
  verb: string;
  done: string; // "3 licences ... "
  means: string; // What it means for who holds one.
  isDangerous: boolean;
}

export const offline = "What a client holds stays valid offline until its receipt ends.";

export const actWords: Record<ActName, ActWords> = {
  extend: {
    verb: "Extend",
    done: "extended",
    means: "They end later. One that never ends, or whose days have not begun, is left as it is.",
    isDangerous: false,
  },
  replan: {
    verb: "Re-plan",
    done: "moved to the plan",
    isDangerous: false,
    means:
      "They move to the plan's newest version and keep terms of their own. Machines above a lower number of seats keep theirs.",
  },
  suspend: {
    verb: "Suspend",
    done: "suspended",
    isDangerous: true,
    means: `They are refused from the next request on, until they are reinstated. ${offline}`,
  },
  reinstate: {
    verb: "Reinstate",
    done: "reinstated",
    means: "Suspended ones are accepted again. Revoked ones stay revoked.",
    isDangerous: false,
  },
  revoke: {
    verb: "Revoke",
    done: "revoked",
    isDangerous: true,
    means: `They are refused for good, from the next request on. This can't be taken back. ${offline}`,
  },
};

export interface Act {
  name: ActName;
  days?: number;
  expires_at?: string;
  plan?: string;
  reason?: string;
}

// bodyOf: an act as the service's bulk request names it.
export function bodyOf({ name, days, expires_at, plan, reason }: Act): Record<string, unknown> {
  return {
    act: name,
    ...(days && { days }),
    ...(expires_at && { expires_at }),
    ...(plan && { plan }),
    ...(reason && { reason }),
  };
}

const dayMs = 86_400_000;

// laterBy: an end so many days later, counted from now where it has passed: as the service's bulk act counts.
export function laterBy(expiresAt: string, days: number, now: number): string {
  const end = Math.max(Date.parse(expiresAt), now) + days * dayMs;
  return `${new Date(Math.min(end, Date.parse("9999-12-31T23:59:59Z"))).toISOString().slice(0, 19)}Z`;
}

// requestFor: the act on this one licence, as it was seen; undefined where it has no end to move.
export function requestFor(license: License, act: Act, now: number): Call | undefined {
  const path = `/admin/licenses/${license.id}`;
  const ifMatch = `"${license.version}"`;
  if (act.name === "replan") return { method: "PATCH", path, ifMatch, body: { plan: act.plan } };
  if (act.name !== "extend")
    return { method: "POST", path: `${path}/${act.name}`, ifMatch, body: act.reason ? { reason: act.reason } : {} };
  if (license.expires_at === null) return undefined;
  const end = act.days ? laterBy(license.expires_at, act.days, now) : act.expires_at;
  return { method: "PATCH", path, ifMatch, body: { expires_at: end } };
}

// Outcome: what became of one licence, or would.
export interface Outcome {
  license: License;
  after?: License;
  error?: string;
}

// tryOn: one act on one licence. Throws only what is no answer about this licence: Lost, 401 and the like.
export async function actOn(
  license: License,
  act: Act,
  now: number,
  isDry: boolean,
  key = newIdempotencyKey(),
): Promise<Outcome> {
  const request = requestFor(license, act, now);
  if (!request) return { license, after: license };
  const isPost = request.method === "POST";
  const { data } = await call<License>({
    ...request,
    ...(isDry && { query: { dry_run: 1 } }),
    ...(isPost && !isDry && { idempotencyKey: key }),
  });
  return { license, after: data };
}
