// The audit log: what was done, by whom; and its signed head.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AuditList } from "../../api.gen.ts";
import { usePages } from "../../lib/resource.ts";
import { href, setQuery, type Route } from "../../lib/route.ts";
import { hasVerifier } from "../../lib/verifier.ts";
import { Badge, Button, Facts, Loaded, Section, Time } from "../../ui/basics.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Text } from "../../ui/fields.tsx";
import { Pager, Table, type Column } from "../../ui/table.tsx";
import { Checkpoint } from "./checkpoint.tsx";
import { Details } from "./details.tsx";
import { Verify } from "./verify.tsx";

type AuditRecord = AuditList["data"][number];

const rowsPerPage = 50;
const actions = [
  "admin.denied",
  "alert.acknowledged",
  "alert.resolved",
  "alert.rule_set",
  "alert.snoozed",
  "anomaly.cleared",
  "anomaly.raised",
  "backup.begun",
  "backup.made",
  "backup.restored",
  "backup.restoring",
  "bootstrap.off",
  "bootstrap.on",
  "license.changed",
  "license.created",
  "license.imported",
  "license.reinstated",
  "license.reissued",
  "license.revoked",
  "license.started",
  "license.suspended",
  "machine.released",
  "machine.renamed",
  "master.rewrapped",
  "payment.denied",
  "payment.held",
  "payment.no_email",
  "payment.reconcile_asked",
  "payment.reconcile_refused",
  "payment.redelivered",
  "payment.retried",
  "payment.unmapped",
  "plan.set",
  "prices.repriced",
  "prices.set",
  "provider.key_set",
  "provision.denied",
  "provision.granted",
  "release.denied",
  "rotation.cancelled",
  "rotation.failed",
  "rotation.not_verified",
  "rotation.published",
  "rotation.retired",
  "rotation.staged",
  "rotation.verified",
  "sharing.cleared",
  "sharing.eased",
  "sharing.throttled",
  "sharing.warned",
  "status.denied",
  "token.created",
  "token.revoked",
  "trial.denied",
  "trial.started",
  "usage.denied",
  "webhook.changed",
  "webhook.deleted",
  "webhook.secret_rotated",
  "webhook.tested",
];

export function AuditTab({ route }: { route: Route }): JSX.Element {
  return (
    <>
      <Checkpoint />
      <Records route={route} />
    </>
  );
}

function Records({ route }: { route: Route }): JSX.Element {
  const { action, licence, since, until } = route.query;
  const [fields, setFields] = useState({
    action: action ?? "",
    licence: licence ?? "",
    since: since ?? "",
    until: until ?? "",
  });
  const [shown, setShown] = useState<AuditRecord>();
  const records = usePages<AuditList>("/admin/audit", { action, license_id: licence, since, until }, rowsPerPage);
  const set =
    (name: keyof typeof fields) =>
    (value: string): void =>
      setFields({ ...fields, [name]: value });
  const columns: Column<AuditRecord>[] = [
    { head: "No.", isNumber: true, isHead: true, cell: ({ seq }) => seq },
    { head: "Time", cell: ({ at }) => <Time value={at} /> },
    { head: "Action", cell: ({ action: name }) => <span class="mono">{name}</span> },
    {
      head: "Outcome",
      cell: ({ outcome, reason }) => (
        <>
          <Badge tone={outcome === "denied" ? "bad" : "good"}>{outcome}</Badge>
          {reason && (
            <>
              {" "}
              <span class="note">{reason}</span>
            </>
          )}
        </>
      ),
    },
    { head: "By", cell: ({ actor }) => actor },
    {
      head: "Licence",
      cell: ({ license_id: id }) =>
        id ? (
          <a class="mono" href={href(["licences", id])}>
            {id}
          </a>
        ) : (
          <span class="none">–</span>
        ),
    },
    {
      head: "More",
      cell: (record) => (
        <Button label={`Details of record ${record.seq}`} onClick={() => setShown(record)}>
          Details
        </Button>
      ),
    },
  ];
  return (
    <Section title="Records">
      <form
        class="filters"
        role="search"
        aria-label="Filter the records"
        onSubmit={(event) => {
          event.preventDefault();
          setQuery(route, Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.trim() || undefined])));
        }}>
        <Text label="Action" value={fields.action} onInput={set("action")} list={actions} />
        <Text label="Licence" value={fields.licence} onInput={set("licence")} placeholder="lic_…" />
        <Text label="Since" type="date" value={fields.since} onInput={set("since")} />
        <Text label="Until" type="date" value={fields.until} onInput={set("until")} />
        <Button type="submit">Search</Button>
      </form>
      <Loaded of={records}>
        {({ data }) => (
          <Table
            caption="Records, newest first"
            columns={columns}
            rows={data}
            keyOf={({ seq }) => seq}
            empty={
              records.next
                ? "None among the records of this page: look further with Next."
                : "No record is like that. Take a filter away to see more."
            }
          />
        )}
      </Loaded>
      <Pager of={records} noun="records" />
      {shown && <RecordDialog of={shown} onClose={() => setShown(undefined)} />}
    </Section>
  );
}

function RecordDialog({ of, onClose }: { of: AuditRecord; onClose: () => void }): JSX.Element {
  const hash = (text: string | null): JSX.Element | null => (text === null ? null : <span class="mono">{text}</span>);
  return (
    <Dialog title={`Record ${of.seq}`} onClose={onClose}>
      <Facts
        rows={[
          ["Time", <Time value={of.at} />],
          ["Action", <span class="mono">{of.action}</span>],
          ["Outcome", `${of.outcome}${of.reason ? `: ${of.reason}` : ""}`],
          ["By", of.actor],
          ["Licence", hash(of.license_id)],
          ["Machine (hash)", hash(of.machine_hash)],
          ["Address (hash)", hash(of.address_hash)],
          ["Country", of.country],
          ["Client", of.user_agent],
          ["Request", hash(of.request_id)],
        ]}
      />
      <Details title="Details" of={of.details} />
      {hasVerifier && <Verify seq={of.seq} />}
      <footer>
        <Button onClick={onClose}>Close</Button>
      </footer>
    </Dialog>
  );
}
