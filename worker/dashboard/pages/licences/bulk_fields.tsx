// The fields of an act on many licences.
import type { JSX } from "preact";
import { Select, Text } from "../../ui/fields.tsx";
import type { ActName } from "./acts.ts";
import type { Targets } from "./bulk.tsx";
import { PlanField } from "./plans.tsx";

export interface ActInput {
  how: "days" | "until";
  days: string;
  until: string;
  plan: string;
  reason: string;
  expiresBefore: string;
}

export interface ActFieldsProps {
  act: ActName;
  of: Targets;
  value: ActInput;
  onChange: (value: ActInput) => void;
}

export function ActFields({ act, of, value, onChange }: ActFieldsProps): JSX.Element {
  const set =
    (name: keyof ActInput) =>
    (text: string): void =>
      onChange({ ...value, [name]: text });
  // Of a licence by itself the service takes no reason with its terms.
  const takesReason = !("picked" in of) || (act !== "extend" && act !== "replan");
  return (
    <>
      {act === "replan" && <PlanField label="To the plan" none="Choose a plan" value={value.plan} onChange={set("plan")} />}
      {act === "extend" && (
        <div class="pair">
          <Select
            label="Until"
            value={value.how}
            onChange={(how) => onChange({ ...value, how: how === "until" ? "until" : "days" })}
            options={[
              ["days", "So many days later"],
              ["until", "A date"],
            ]}
          />
          {value.how === "days" ? (
            <Text
              label="Days"
              type="number"
              min={1}
              max={36_500}
              value={value.days}
              onInput={set("days")}
              hint="Counted from each one's end; from now where that has passed."
            />
          ) : (
            <Text label="Date" type="date" value={value.until} onInput={set("until")} hint="Midnight UTC at its beginning." />
          )}
        </div>
      )}
      {!("picked" in of) && (
        <Text
          label="Only those that end before"
          type="date"
          value={value.expiresBefore}
          onInput={set("expiresBefore")}
          hint="May be left empty."
        />
      )}
      {takesReason && (
        <Text
          label="Reason"
          value={value.reason}
          onInput={set("reason")}
          maxLength={64}
          hint="One word of a-z 0-9 _ - for the audit log. May be left empty."
        />
      )}
    </>
  );
}
