// Kinds of alerts: on or off, and how bad.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AlertRule, AlertRuleList } from "../../api.gen.ts";
import { useResource } from "../../lib/resource.ts";
import { Badge, Button, Loaded, Section, Time } from "../../ui/basics.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Check, Select } from "../../ui/fields.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { severities, SeverityBadge } from "./words.tsx";

export function RuleList(): JSX.Element {
  const rules = useResource<AlertRuleList>("/admin/alert-rules");
  const [asked, setAsked] = useState<AlertRule>();
  const columns: Column<AlertRule>[] = [
    {
      head: "Kind",
      cell: ({ kind, title }) => (
        <>
          {title}
          <div class="note mono">{kind}</div>
        </>
      ),
    },
    { head: "State", cell: ({ enabled }) => (enabled ? <Badge tone="good">on</Badge> : <Badge>off</Badge>) },
    {
      head: "Severity",
      cell: ({ severity, default_severity: own }) => (
        <>
          <SeverityBadge severity={severity} />
          {severity !== own && <div class="note">else {own}</div>}
        </>
      ),
    },
    { head: "What to do", cell: ({ advice }) => advice },
    {
      head: "Set by",
      cell: ({ updated_by: by, updated_at: at }) =>
        by ? (
          <>
            {by}
            <div class="note">
              <Time value={at} />
            </div>
          </>
        ) : (
          <span class="none">–</span>
        ),
    },
    {
      head: "Change",
      cell: (rule) => (
        <Button scope="alerts:write" label={`Change the rule of ${rule.kind}`} onClick={() => setAsked(rule)}>
          Change
        </Button>
      ),
    },
  ];
  return (
    <Section title="Kinds of alerts">
      <Loaded of={rules}>
        {({ data }) => (
          <Table
            caption="Rules, by kind"
            columns={columns}
            rows={data}
            keyOf={({ kind }) => kind}
            empty="There are no kinds of alerts."
          />
        )}
      </Loaded>
      {asked && <ChangeRule of={asked} onClose={() => setAsked(undefined)} onDone={rules.reload} />}
    </Section>
  );
}

function ChangeRule({ of, onClose, onDone }: { of: AlertRule; onClose: () => void; onDone: () => void }): JSX.Element {
  const [isOn, setOn] = useState(of.enabled);
  const [severity, setSeverity] = useState(of.severity === of.default_severity ? "" : of.severity);
  return (
    <Change<AlertRule>
      title={of.title}
      verb="Change the rule"
      onClose={onClose}
      onDone={onDone}
      request={{
        method: "PUT",
        path: `/admin/alert-rules/${of.kind}`,
        body: { enabled: isOn, ...(severity && { severity }) },
      }}
      describe={(rule) => (
        <p>
          {rule.enabled ? (
            <>
              New alerts of this kind are <strong>{rule.severity}</strong>. Webhooks that want this severity are told.
            </>
          ) : (
            "No alert of this kind is raised any more. What is open stays open."
          )}
        </p>
      )}
      done={(rule) => (rule.enabled ? `${rule.title}: on, ${rule.severity}.` : `${rule.title}: off.`)}>
      <Check label="Raise alerts of this kind" value={isOn} onChange={setOn} />
      <Select
        label="Severity"
        value={severity}
        onChange={setSeverity}
        options={[
          ["", `Its own (${of.default_severity})`],
          ...severities.filter((name) => name !== of.default_severity).map((name) => [name, name] as const),
        ]}
      />
    </Change>
  );
}
