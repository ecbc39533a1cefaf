// A licence's own terms, each in place of its plan's.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { License, LicenseRevise } from "../../api.gen.ts";
import { sentence } from "../../lib/format.ts";
import { Check, Select, Text } from "../../ui/fields.tsx";
import { LicenceChange, type OneProps } from "./one_acts.tsx";

const providers = ["deepseek", "kimi", "mistral", "qwen", "yandex", "zhipu"] as const;
const deliveries = ["fernet", "hpke", "plain"] as const;
const enforcements = ["track", "warn", "block"] as const;
const spans = ["daily", "monthly", "total"] as const;

interface Input {
  seats: string; // Empty: the plan's; so with all below.
  providers: readonly (typeof providers)[number][] | undefined;
  deliveries: readonly (typeof deliveries)[number][] | undefined;
  budget: Record<(typeof spans)[number], string> | undefined;
  enforcement: string;
}

function inputOf({ overrides }: License): Input {
  const { budget } = overrides;
  return {
    seats: overrides.max_machines === undefined ? "" : String(overrides.max_machines),
    providers: overrides.providers,
    deliveries: overrides.deliveries,
    budget: budget && { daily: budget.daily ?? "", monthly: budget.monthly ?? "", total: budget.total ?? "" },
    enforcement: overrides.enforcement ?? "",
  };
}

// revisionOf: what of it is other than before; undefined where nothing is, or something is not filled in.
function revisionOf(license: License, { seats, providers, deliveries, budget, enforcement }: Input): LicenseRevise | undefined {
  const before = inputOf(license);
  if (providers?.length === 0 || deliveries?.length === 0) return undefined;
  const isOther = (one: unknown, other: unknown): boolean => JSON.stringify(one) !== JSON.stringify(other);
  const revision: LicenseRevise = {
    ...(seats !== before.seats && { max_machines: seats === "" ? null : Number(seats) }),
    ...(isOther(providers, before.providers) && { providers: providers ? [...providers] : null }),
    ...(isOther(deliveries, before.deliveries) && { deliveries: deliveries ? [...deliveries] : null }),
    ...(isOther(budget, before.budget) && {
      budget: budget ? { daily: budget.daily || null, monthly: budget.monthly || null, total: budget.total || null } : null,
    }),
    ...(enforcement !== before.enforcement && {
      enforcement: enforcements.find((name) => name === enforcement) ?? null,
    }),
  };
  return Object.keys(revision).length > 0 ? revision : undefined;
}

export function TermsDialog(props: OneProps): JSX.Element {
  const { license } = props;
  const [input, setInput] = useState(() => inputOf(license));
  const change = (part: Partial<Input>): void => setInput({ ...input, ...part });
  const revision = revisionOf(license, input);
  const budget = input.budget;
  return (
    <LicenceChange
      {...props}
      title={`Terms of ${license.code_hint}`}
      verb="Change terms"
      done="has other terms"
      means="A term of its own counts in place of its plan's, and stays when it moves to another plan."
      request={revision && { method: "PATCH", path: `/admin/licenses/${license.id}`, body: revision }}>
      <Text
        label="Seats"
        type="number"
        min={1}
        max={1000}
        value={input.seats}
        onInput={(seats) => change({ seats })}
        placeholder="As the plan says"
        hint="Machines above a lower number keep theirs; no new one is taken."
      />
      <Choice
        label="Providers"
        all={providers}
        of={input.providers}
        now={license.providers}
        onChange={(chosen) => change({ providers: chosen })}
      />
      <Choice
        label="Deliveries"
        all={deliveries}
        of={input.deliveries}
        now={license.deliveries}
        onChange={(chosen) => change({ deliveries: chosen })}
      />
      <div class="pair">
        <Select
          label="Budget"
          value={budget ? "own" : "plan"}
          options={[
            ["plan", "As the plan says"],
            ["own", "Its own"],
          ]}
          onChange={(how) => change({ budget: how === "own" ? { daily: "", monthly: "", total: "" } : undefined })}
        />
        <Select
          label="Over budget"
          value={input.enforcement}
          onChange={(enforcement) => change({ enforcement })}
          options={[
            ["", "As the plan says"],
            ["track", "Track: only count"],
            ["warn", "Warn: tell its clients"],
            ["block", "Block: refuse"],
          ]}
        />
      </div>
      {budget && (
        <div class="triple">
          {spans.map((span) => (
            <Text
              key={span}
              label={`${sentence(span)} ($)`}
              value={budget[span]}
              placeholder="No limit"
              maxLength={20}
              onInput={(amount) => change({ budget: { ...budget, [span]: amount.trim() } })}
            />
          ))}
        </div>
      )}
    </LicenceChange>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  all: readonly T[];
  of: readonly T[] | undefined;
  now: readonly T[]; // What counts as it is: where a choice of its own begins.
  onChange: (chosen: readonly T[] | undefined) => void;
}

function Choice<T extends string>({ label, all, of, now, onChange }: ChoiceProps<T>): JSX.Element {
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      <Check
        label="As the plan says"
        value={of === undefined}
        onChange={(isPlans) => onChange(isPlans ? undefined : all.filter((name) => now.includes(name)))}
      />
      {of && (
        <div class="choice-row">
          {all.map((name) => (
            <Check
              key={name}
              label={name}
              value={of.includes(name)}
              onChange={(isOn) => onChange(all.filter((one) => (one === name ? isOn : of.includes(one))))}
            />
          ))}
        </div>
      )}
      {of?.length === 0 && (
        <p class="hint" role="status">
          Choose at least one.
        </p>
      )}
    </fieldset>
  );
}
