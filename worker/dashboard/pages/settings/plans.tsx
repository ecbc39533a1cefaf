// The newest version of each plan.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Plan, PlanList as Answer } from "../../api.gen.ts";
import { useResource } from "../../lib/resource.ts";
import { href } from "../../lib/route.ts";
import { Badge, Button, Loaded, Section } from "../../ui/basics.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { PlanForm } from "./plan_form.tsx";
import { terms } from "./plan_terms.ts";

const term = (plan: Plan, wanted: string): string => terms(plan).find(([name]) => name === wanted)?.[1] ?? "–";

const columns: Column<Plan>[] = [
  {
    head: "Plan",
    cell: (plan) => (
      <>
        <a href={href(["settings", "plans", plan.name])}>{plan.name}</a>
        {plan.retired_at && (
          <>
            {" "}
            <Badge>retired</Badge>
          </>
        )}
        {plan.description && <div class="note">{plan.description}</div>}
      </>
    ),
  },
  { head: "Version", isNumber: true, cell: ({ version }) => version },
  { head: "Machines", isNumber: true, cell: (plan) => term(plan, "Machines") },
  { head: "Length", cell: (plan) => term(plan, "Length") },
  {
    head: "Budget",
    cell: (plan) => (
      <>
        {term(plan, "Budget")}
        <div class="note">{term(plan, "Budget does")}</div>
      </>
    ),
  },
  { head: "Price a month", isNumber: true, cell: (plan) => term(plan, "Price a month") },
  { head: "Providers", cell: (plan) => term(plan, "Providers") },
];

export function PlanList(): JSX.Element {
  const plans = useResource<Answer>("/admin/plans");
  const [isMaking, setMaking] = useState(false);
  return (
    <Section
      title="Newest versions"
      actions={
        <Button kind="primary" scope="plans:write" onClick={() => setMaking(true)}>
          New plan
        </Button>
      }>
      <Loaded of={plans}>
        {({ data }) => (
          <Table
            caption="Plans"
            columns={columns}
            rows={data}
            keyOf={({ name }) => name}
            empty="There is no plan yet. Choose New plan: licences need one."
          />
        )}
      </Loaded>
      {isMaking && <PlanForm onClose={() => setMaking(false)} onDone={plans.reload} />}
    </Section>
  );
}
