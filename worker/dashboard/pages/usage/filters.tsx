// The filters of usage. They stand in the address and go with the reader from view to view.
import type { JSX } from "preact";
import type { UsageSums } from "../../api.gen.ts";
import type { Query } from "../../lib/api.ts";
import { sentence } from "../../lib/format.ts";
import { useResource } from "../../lib/resource.ts";
import { setQuery, type Route } from "../../lib/route.ts";
import { Select, Text } from "../../ui/fields.tsx";
import { measures } from "./measure.ts";
import { askedBy, spanOf, spans, stepOf, stepsOf, type Span } from "./span.ts";

export type Dimension = "provider" | "model" | "plan";
const dimensions: readonly Dimension[] = ["plan", "provider", "model"];

// filtersOf: what the address says, as the API takes it.
export function filtersOf({ query }: Route): Query {
  return Object.fromEntries(dimensions.map((name) => [name, query[name]]));
}

// useSums: null as `by` asks for nothing. A span that can't be asked for neither.
export function useSums(route: Route, span: Span, by: string | null) {
  const query = span.trouble ? {} : { ...askedBy(span), ...filtersOf(route), ...(by && { by }) };
  return useResource<UsageSums>(by === null || span.trouble ? null : "/admin/usage", { query });
}

export interface FiltersProps {
  route: Route;
  // Which are shown beside the span.
  dimensions?: boolean;
  step?: boolean;
  measure?: boolean;
}

export function Filters({ route, dimensions: hasDimensions, step, measure }: FiltersProps): JSX.Element {
  const span = spanOf(route.query);
  const set = (changes: Record<string, string | undefined>): void => setQuery(route, changes);
  return (
    <div class="filters" role="group" aria-label="Filters">
      <Select
        label="Time"
        value={span.name}
        options={spans}
        onChange={(name) => {
          const isCustom = name === "custom";
          set({ span: name, from: isCustom ? span.from : undefined, to: isCustom ? span.to : undefined });
        }}
      />
      {span.name === "custom" && (
        <Text label="From" type="date" value={span.from} max={span.to} onInput={(from) => set({ from })} />
      )}
      {span.name === "custom" && (
        <Text label="To, with that day" type="date" value={span.to} min={span.from} onInput={(to) => set({ to })} />
      )}
      {hasDimensions && <Dimensions route={route} span={span} />}
      {step && !span.trouble && (
        <Select
          label="By"
          value={stepOf(span, route.query["step"])}
          onChange={(value) => set({ step: value })}
          options={stepsOf(span).map((one) => [one, sentence(one)])}
        />
      )}
      {measure && (
        <Select
          label="Show"
          value={route.query["show"] ?? "cost"}
          onChange={(show) => set({ show: show === "cost" ? undefined : show })}
          options={measures.map(({ name, title }) => [name, title])}
        />
      )}
      {span.trouble && (
        <p class="trouble" role="alert">
          {span.trouble}
        </p>
      )}
    </div>
  );
}

// Dimensions: the plans, providers and models that were used in the span.
function Dimensions({ route, span }: { route: Route; span: Span }): JSX.Element {
  const used = useResource<UsageSums>(span.trouble ? null : "/admin/usage", {
    query: { ...askedBy(span), by: "plan,provider,model" },
  });
  return (
    <>
      {dimensions.map((name) => {
        const asked = route.query[name] ?? "";
        const names = new Set(used.data?.data.map((row) => row[name] ?? ""));
        if (asked) names.add(asked);
        return (
          <Select
            key={name}
            label={sentence(name)}
            value={asked}
            onChange={(value) => setQuery(route, { [name]: value || undefined })}
            options={[
              ["", `All ${name}s`],
              ...[...names]
                .filter(Boolean)
                .sort()
                .map((one) => [one, one] as const),
            ]}
          />
        );
      })}
    </>
  );
}
