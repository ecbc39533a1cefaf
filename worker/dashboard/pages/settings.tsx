// Settings: what is sold, what models cost, who may do what, and how the service is set up.
import type { JSX } from "preact";
import type { PageProps } from "../app.tsx";
import { href } from "../lib/route.ts";
import { Page } from "../ui/basics.tsx";
import { Needs } from "../ui/needs.tsx";
import { Configuration } from "./settings/configuration.tsx";
import { PlanPage } from "./settings/plan.tsx";
import { PlanList } from "./settings/plans.tsx";
import { Prices } from "./settings/prices.tsx";
import { Tokens } from "./settings/tokens.tsx";

const tabs = [
  {
    name: "plans",
    title: "Plans",
    lead: "What licences allow. A version never changes, and licences keep theirs until they are moved.",
  },
  {
    name: "prices",
    title: "Prices",
    lead: "What tokens cost, in US dollars. A new table counts from the next report on.",
  },
  {
    name: "tokens",
    title: "Tokens",
    lead: "Who may do what here. Give each person and each machine a token of its own.",
  },
  {
    name: "configuration",
    title: "Configuration",
    lead: "How the service is set up and how well it is. Settings change with a deploy.",
  },
] as const;

export default function Settings({ route }: PageProps): JSX.Element {
  const [, part, id] = route.path;
  if (part === "plans" && id) return <PlanPage name={id} />;
  const current = tabs.find(({ name }) => name === part) ?? tabs[0];
  return (
    <Page title={current.title} lead={current.lead}>
      <nav class="tabs" aria-label="Parts of this page">
        {tabs.map(({ name, title }) => (
          <a key={name} href={href(["settings", name])} aria-current={name === current.name ? "page" : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {current.name === "plans" && (
        <Needs scope="plans:read">
          <PlanList />
        </Needs>
      )}
      {current.name === "prices" && (
        <Needs scope="prices:read">
          <Prices route={route} />
        </Needs>
      )}
      {current.name === "tokens" && (
        <Needs scope="tokens:read">
          <Tokens />
        </Needs>
      )}
      {current.name === "configuration" && (
        <Needs scope="config:read">
          <Configuration route={route} />
        </Needs>
      )}
    </Page>
  );
}
