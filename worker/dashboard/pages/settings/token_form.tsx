// A new admin token: its scopes as check boxes, by what they are about; shown once.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AdminTokenCreated } from "../../api.gen.ts";
import { useSession } from "../../lib/session.ts";
import { Copy, Time } from "../../ui/basics.tsx";
import { Checks } from "../../ui/choices.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Check, Text } from "../../ui/fields.tsx";

const about: Readonly<Record<string, string>> = {
  "alerts:read": "alerts and their rules",
  "alerts:write": "acknowledge, snooze and resolve alerts, set rules",
  "audit:read": "the audit log, its heads and proofs",
  "backup:read": "make and verify a backup",
  "backup:write": "restore a backup into an empty database",
  "config:read": "settings and doctor",
  "licenses:read": "licences and their machines",
  "licenses:write": "create, change, suspend, revoke; free seats",
  "master:read": "which master keys there are",
  "master:write": "seal what is stored under the first of them",
  "metrics:read": "figures and the overview",
  "payments:read": "what was sold, with buyers' addresses",
  "payments:write": "settle anew, hand a code over again",
  "plans:read": "what plans allow",
  "plans:write": "make a plan or its next version",
  "prices:read": "price tables, models without a price",
  "prices:write": "bring prices into force, price past use anew",
  "providers:read": "where provider keys come from",
  "providers:write": "set a provider's key",
  "queries:read": "run the queries of the cookbook",
  "rotation:read": "rotations and how far they are",
  "rotation:write": "replace a provider's key",
  "tokens:read": "tokens and the bootstrap switch",
  "tokens:write": "make and revoke tokens, the bootstrap switch",
  "usage:read": "use and cost",
  "webhooks:read": "webhooks and their messages",
  "webhooks:write": "make, change, test and delete webhooks",
};

const groups: readonly (readonly [string, readonly string[]])[] = [
  ["Licences and money", ["licenses", "plans", "prices", "payments", "usage"]],
  ["Keys and access", ["providers", "rotation", "master", "tokens"]],
  ["Watching", ["alerts", "webhooks", "audit", "metrics", "queries", "config"]],
];

// grouped: each scope in the group of its name, and what has none in the last.
function grouped(scopes: readonly string[]): (readonly [string, string[]])[] {
  const areaOf = (scope: string): string => scope.split(":", 1)[0] ?? "";
  const known = groups.flatMap(([, areas]) => areas);
  const named = groups.map(([title, areas]) => [title, scopes.filter((scope) => areas.includes(areaOf(scope)))] as const);
  const rest = scopes.filter((scope) => !known.includes(areaOf(scope)));
  return [...named, ["Backups and others", rest] as const].filter(([, list]) => list.length > 0);
}

const daysByDefault = 90;
const dayMs = 86_400_000;

export function NewToken({ onClose, onDone }: { onClose: () => void; onDone: () => void }): JSX.Element {
  const { scopes: held, known_scopes: known } = useSession();
  const holdsAll = known.every((scope) => held.includes(scope));
  const [name, setName] = useState("");
  const [isAll, setAll] = useState(false);
  const [scopes, setScopes] = useState<string[]>([]);
  const [ends, setEnds] = useState(() => new Date(Date.now() + daysByDefault * dayMs).toISOString().slice(0, 10));
  const given = isAll ? ["*"] : scopes;
  const body = { name: name.trim(), scopes: given, ...(ends && { expires_at: ends }) };
  return (
    <Change<AdminTokenCreated>
      title="New token"
      verb="Make the token"
      onClose={onClose}
      request={body.name !== "" && given.length > 0 ? { path: "/admin/tokens", body } : undefined}
      describe={({ name: made, scopes: allowed, expires_at: at }) => (
        <p>
          {made} may use {allowed.includes("*") ? "everything, what is added later too" : allowed.join(", ")}
          {at ? (
            <>
              {" "}
              until <Time value={at} />
            </>
          ) : (
            ", and never ends"
          )}
          . The token is shown once.
        </p>
      )}
      done={({ name: made }) => `The token ${made} is made.`}
      onDone={({ data }) => {
        onDone();
        return (
          <div class="once">
            <p>
              This is the token of <strong>{data.name}</strong>. It is shown only here.
            </p>
            <p class="secret">
              <code>{data.token}</code> <Copy text={data.token ?? ""} label="Copy the token" />
            </p>
          </div>
        );
      }}>
      <Text
        label="Name"
        value={name}
        onInput={setName}
        required
        maxLength={64}
        hint="One word, such as support or ann. What it does stands in the audit log under it."
      />
      <Text label="Ends on" type="date" value={ends} onInput={setEnds} hint="Empty: never." />
      {holdsAll && <Check label="Everything, what is added later too" value={isAll} onChange={setAll} />}
      {!isAll &&
        grouped(held).map(([title, list]) => (
          <Checks
            key={title}
            legend={title}
            options={list.map((scope) => [scope, scope, about[scope] ?? ""] as const)}
            value={scopes.filter((scope) => list.includes(scope))}
            onChange={(value) => setScopes([...scopes.filter((scope) => !list.includes(scope)), ...value])}
          />
        ))}
      {!holdsAll && <p class="note">A token gives only scopes that yours has.</p>}
    </Change>
  );
}
