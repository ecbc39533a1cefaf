// One plan: its terms now, and what each version before changed.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Plan, PlanList } from "../../api.gen.ts";
import { useResource } from "../../lib/resource.ts";
import { href } from "../../lib/route.ts";
import { Badge, Button, Facts, Loaded, Page, Section, Time } from "../../ui/basics.tsx";
import { Needs } from "../../ui/needs.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { PlanForm } from "./plan_form.tsx";
import { differences, terms } from "./plan_terms.ts";

export function PlanPage({ name }: { name: string }): JSX.Element {
  const lead = (
    <>
      <a href={href(["settings", "plans"])}>Plans</a> / {name}
    </>
  );
  return (
    <Page title="Plan" lead={lead}>
      <Needs scope="plans:read">
        <Shown name={name} />
      </Needs>
    </Page>
  );
}

function Shown({ name }: { name: string }): JSX.Element {
  const plan = useResource<PlanList>(`/admin/plans/${encodeURIComponent(name)}`);
  const [isEdited, setEdited] = useState(false);
  return (
    <Loaded of={plan}>
      {({ data: [newest, ...older] }) =>
        newest && (
          <div class="stack">
            <Section
              title={`${newest.name}, version ${newest.version}`}
              actions={
                <>
                  {newest.retired_at && <Badge>retired</Badge>}
                  <Button kind="primary" scope="plans:write" onClick={() => setEdited(true)}>
                    Edit as the next version
                  </Button>
                </>
              }>
              <Facts rows={terms(newest)} />
              {isEdited && <PlanForm of={newest} onClose={() => setEdited(false)} onDone={plan.reload} />}
            </Section>
            <Section title="Versions">
              <Versions of={[newest, ...older]} />
            </Section>
          </div>
        )
      }
    </Loaded>
  );
}

function Versions({ of }: { of: readonly Plan[] }): JSX.Element {
  const columns: Column<Plan>[] = [
    { head: "Version", isNumber: true, cell: ({ version }) => version },
    { head: "Made", cell: ({ created_at: at }) => <Time value={at} /> },
    { head: "By", cell: ({ created_by: by }) => by },
    { head: "Changed", cell: (plan) => <WhatChanged before={of[of.indexOf(plan) + 1]} plan={plan} /> },
  ];
  return (
    <Table
      caption="Versions, newest first"
      columns={columns}
      rows={of}
      keyOf={({ version }) => version}
      empty="There is no version."
    />
  );
}

function WhatChanged({ before, plan }: { before: Plan | undefined; plan: Plan }): JSX.Element {
  if (!before) return <span class="none">The first version</span>;
  const changed = differences(before, plan);
  return (
    <ul class="plain-list">
      {changed.map(({ name, before: old, after }) => (
        <li key={name}>
          {name}: {old} → {after}
        </li>
      ))}
    </ul>
  );
}
