// The plans that a licence can have, as a field; by name where the token may not read them.
import type { JSX } from "preact";
import type { PlanList } from "../../api.gen.ts";
import { useResource } from "../../lib/resource.ts";
import { useMissingScope } from "../../lib/session.ts";
import { Select, Text } from "../../ui/fields.tsx";

export interface PlanFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  // What no plan is called, where none may be chosen.
  none?: string;
  // Those that take new licences alone.
  isForNew?: boolean;
}

export function PlanField({ label, value, onChange, none, isForNew }: PlanFieldProps): JSX.Element {
  const isMissing = useMissingScope("plans:read") !== undefined;
  const { data, error } = useResource<PlanList>(isMissing ? null : "/admin/plans");
  if (isMissing || error)
    return <Text label={label} value={value} onInput={onChange} maxLength={64} {...(none && { placeholder: none })} />;
  const names = (data?.data ?? []).filter(({ retired_at }) => !isForNew || retired_at === null).map(({ name }) => name);
  // What is chosen already stays to be seen, also before the list is here.
  const options = value && !names.includes(value) ? [value, ...names] : names;
  return (
    <Select
      label={label}
      value={value}
      onChange={onChange}
      options={[...(none === undefined ? [] : [["", none] as const]), ...options.map((name) => [name, name] as const)]}
    />
  );
}
