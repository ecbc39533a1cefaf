// The alerts that a filter finds: the open ones where it says nothing.
import type { JSX } from "preact";
import type { Alert, AlertList as Answer, AlertRuleList } from "../../api.gen.ts";
import { count, words } from "../../lib/format.ts";
import { usePages, useResource } from "../../lib/resource.ts";
import { href, setQuery, type Route } from "../../lib/route.ts";
import { Badge, Loaded, Section, Time } from "../../ui/basics.tsx";
import { Select } from "../../ui/fields.tsx";
import { Pager, Table, type Column } from "../../ui/table.tsx";
import { AlertActs } from "./acts.tsx";
import { AlertState, isSnoozed, severities, SeverityBadge, Subject } from "./words.tsx";

const rowsPerPage = 50;
const states = [
  ["open", "Open"],
  ["acknowledged", "Acknowledged"],
  ["resolved", "Resolved"],
  ["all", "All"],
] as const;

export function AlertList({ route }: { route: Route }): JSX.Element {
  const { state = "open", severity, kind } = route.query;
  const alerts = usePages<Answer>("/admin/alerts", { state: state === "all" ? undefined : state, severity, kind }, rowsPerPage);
  const rules = useResource<AlertRuleList>("/admin/alert-rules");
  const kinds = rules.data?.data.map((rule) => [rule.kind, rule.title] as const) ?? [];
  const hasFilter = state !== "open" || severity !== undefined || kind !== undefined;
  return (
    <Section title="Open and past alerts">
      <div class="filters" role="search" aria-label="Filter the alerts">
        <Select
          label="State"
          value={state}
          options={states}
          onChange={(value) => setQuery(route, { state: value === "open" ? undefined : value })}
        />
        <Select
          label="Severity"
          value={severity ?? ""}
          options={[["", "Any"], ...severities.map((name) => [name, name] as const)]}
          onChange={(value) => setQuery(route, { severity: value || undefined })}
        />
        <Select
          label="Kind"
          value={kind ?? ""}
          options={[["", "Any"], ...kinds]}
          onChange={(value) => setQuery(route, { kind: value || undefined })}
        />
      </div>
      <Loaded of={alerts}>
        {({ data }) => (
          <Table
            caption="Alerts, newest first"
            columns={columns(alerts.reload)}
            rows={data}
            keyOf={({ id }) => id}
            empty={
              hasFilter
                ? "No alert is like that. Take a filter away to see more."
                : "Nothing is open: all is well. Choose another state to see what was."
            }
          />
        )}
      </Loaded>
      <Pager of={alerts} noun="alerts" />
    </Section>
  );
}

const columns = (reload: () => void): Column<Alert>[] => [
  { head: "Severity", cell: ({ severity }) => <SeverityBadge severity={severity} /> },
  {
    head: "Alert",
    isHead: true,
    cell: (alert) => (
      <>
        <a href={href(["alerts", alert.id])}>{alert.title}</a>
        <div class="note">
          <span class="hidden">{words(alert.kind)}: </span>
          <Subject of={alert} />
        </div>
      </>
    ),
  },
  {
    head: "State",
    cell: (alert) => (
      <>
        <AlertState of={alert} />
        {isSnoozed(alert) && alert.state !== "resolved" && (
          <>
            {" "}
            <Badge>snoozed</Badge>
          </>
        )}
      </>
    ),
  },
  { head: "Seen", isNumber: true, cell: (alert) => `${count(alert.count)} ×` },
  { head: "First", cell: ({ first_at: at }) => <Time value={at} /> },
  { head: "Last", cell: ({ last_at: at }) => <Time value={at} relative /> },
  { head: "Change", cell: (alert) => <AlertActs of={alert} reload={reload} /> },
];
