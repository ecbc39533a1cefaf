// Usage: what was used of the models and what it cost, cut in several ways, and out of here as files.
import type { ComponentType, JSX } from "preact";
import type { PageProps } from "../app.tsx";
import { href, type Route } from "../lib/route.ts";
import { Page } from "../ui/basics.tsx";
import { Needs } from "../ui/needs.tsx";
import { ByName } from "./usage/by_name.tsx";
import { Exports } from "./usage/exports.tsx";
import { ByLicence } from "./usage/licences.tsx";
import { PeakHours } from "./usage/peaks.tsx";
import { ByPlan } from "./usage/plans.tsx";
import { OverTime } from "./usage/time.tsx";

export interface ViewProps {
  route: Route;
}

const views: readonly { name: string; title: string; show: ComponentType<ViewProps> }[] = [
  { name: "time", title: "Over time", show: OverTime },
  { name: "providers", title: "Providers", show: ({ route }) => <ByName key="provider" route={route} by="provider" /> },
  { name: "models", title: "Models", show: ({ route }) => <ByName key="model" route={route} by="model" /> },
  { name: "plans", title: "Plans", show: ByPlan },
  { name: "licences", title: "Licences", show: ByLicence },
  { name: "peaks", title: "Peak hours", show: PeakHours },
  { name: "exports", title: "Export", show: Exports },
];

export default function Usage({ route }: PageProps): JSX.Element {
  const view = views.find(({ name }) => name === (route.path[1] ?? "time")) ?? views[0];
  return (
    <Page
      title="Usage and cost"
      lead="What clients reported, priced as it came in. Sums are brought up to date each minute; their days are those of UTC.">
      <nav class="tabs" aria-label="Kinds of usage">
        {views.map(({ name, title }) => (
          <a
            key={name}
            href={href(name === "time" ? ["usage"] : ["usage", name], route.query)}
            aria-current={name === view?.name ? "page" : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <Needs scope="usage:read">{view && <view.show route={route} />}</Needs>
    </Page>
  );
}
