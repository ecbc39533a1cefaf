// A plan, or its next version: every term as a field, and what would change.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Plan } from "../../api.gen.ts";
import { Checks } from "../../ui/choices.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Area, Check, Select, Text } from "../../ui/fields.tsx";
import {
  bodyOf,
  deliveries,
  differences,
  fieldsOf,
  limitsFrom,
  newFields,
  providers,
  terms,
  type Fields,
} from "./plan_terms.ts";

const limitsHint =
  "One a line, such as sharing_suspend = 90. sharing_warn, sharing_throttle and sharing_suspend are the scores " +
  "at which a licence that looks shared is dealt with.";

export function PlanForm({ of, onClose, onDone }: { of?: Plan; onClose: () => void; onDone: () => void }): JSX.Element {
  const [fields, setFields] = useState<Fields>(() => (of ? fieldsOf(of) : newFields));
  const set = (changes: Partial<Fields>): void => setFields({ ...fields, ...changes });
  const body = bodyOf(fields);
  const name = fields.name.trim();
  return (
    <Change<Plan>
      title={of ? `Edit ${of.name}` : "New plan"}
      verb={of ? "Make this version" : "Make the plan"}
      onClose={onClose}
      onDone={onDone}
      request={body && name !== "" ? { method: "PUT", path: `/admin/plans/${encodeURIComponent(name)}`, body } : undefined}
      describe={(plan) => <WhatBecomes before={of} plan={plan} />}
      done={(plan) => `Plan ${plan.name} has version ${plan.version}.`}>
      {!of && (
        <Text
          label="Name"
          value={fields.name}
          onInput={(value) => set({ name: value })}
          required
          hint="One word. It cannot be changed later."
        />
      )}
      <Text label="Description" value={fields.description} onInput={(description) => set({ description })} maxLength={500} />
      <Checks
        legend="Providers"
        options={providers.map((one) => [one, one] as const)}
        value={fields.providers}
        onChange={(value) => set({ providers: value })}
      />
      <Checks
        legend="Deliveries"
        options={deliveries.map((one) => [one, one] as const)}
        value={fields.deliveries}
        onChange={(value) => set({ deliveries: value })}
      />
      <div class="columns">
        <Text
          label="Machines"
          type="number"
          min={1}
          max={1000}
          value={fields.machines}
          onInput={(machines) => set({ machines })}
          required
        />
        <Text
          label="Days"
          type="number"
          min={1}
          max={36500}
          value={fields.days}
          onInput={(days) => set({ days })}
          hint="Empty: no end."
        />
        <Select
          label="Days count from"
          value={fields.from}
          onChange={(from) => set({ from })}
          options={[
            ["creation", "Creation"],
            ["first_use", "The first use"],
          ]}
        />
      </div>
      <Money fields={fields} set={set} />
      <Area
        label="Models"
        rows={2}
        value={fields.models}
        onInput={(models) => set({ models })}
        hint="One a line. Empty: all."
      />
      <Area
        label="Limits"
        rows={3}
        value={fields.limits}
        onInput={(limits) => set({ limits })}
        hint={limitsFrom(fields.limits) ? limitsHint : "A line is not of the form name = number."}
      />
      <Check label="Retired: no new licences" value={fields.isRetired} onChange={(isRetired) => set({ isRetired })} />
    </Change>
  );
}

// Money: budgets, what they do, and the price.
function Money({ fields, set }: { fields: Fields; set: (changes: Partial<Fields>) => void }): JSX.Element {
  return (
    <>
      <div class="columns">
        <Text label="Budget a day ($)" value={fields.daily} onInput={(daily) => set({ daily })} hint="Empty: no limit." />
        <Text label="Budget a month ($)" value={fields.monthly} onInput={(monthly) => set({ monthly })} />
        <Text label="Budget in all ($)" value={fields.total} onInput={(total) => set({ total })} />
      </div>
      <div class="columns">
        <Select
          label="A budget"
          value={fields.enforcement}
          onChange={(enforcement) => set({ enforcement })}
          options={[
            ["track", "Counts only"],
            ["warn", "Warns from 80% on"],
            ["block", "Warns, then refuses"],
          ]}
        />
        <Text
          label="Price a month ($)"
          value={fields.price}
          onInput={(price) => set({ price })}
          hint="What a licence brings; for margins."
        />
      </div>
    </>
  );
}

function WhatBecomes({ before, plan }: { before: Plan | undefined; plan: Plan }): JSX.Element {
  if (!before) {
    return (
      <>
        <p>
          Plan {plan.name} is made, as version {plan.version}:
        </p>
        <ul>
          {terms(plan).map(([name, text]) => (
            <li key={name}>
              {name}: {text}
            </li>
          ))}
        </ul>
      </>
    );
  }
  const changed = differences(before, plan);
  if (changed.length === 0) return <p>Nothing would change: version {plan.version} has these terms.</p>;
  return (
    <>
      <p>
        Version {plan.version} of {plan.name} is made:
      </p>
      <ul>
        {changed.map(({ name, before: old, after }) => (
          <li key={name}>
            {name}: {old} → <strong>{after}</strong>
          </li>
        ))}
      </ul>
      <p>New licences get it. Those that there are keep their version until they are moved.</p>
    </>
  );
}
