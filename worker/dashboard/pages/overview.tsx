// Overview: how the service is, what it did lately and what it costs. Read again every half minute while it is seen.
import type { JSX } from "preact";
import type { Overview as Answer } from "../api.gen.ts";
import type { PageProps } from "../app.tsx";
import { useResource } from "../lib/resource.ts";
import { Loaded, Page, Section, Time } from "../ui/basics.tsx";
import { Needs } from "../ui/needs.tsx";
import { OpenAlerts } from "./overview/alerts.tsx";
import { CostByDay } from "./overview/cost.tsx";
import { Figures } from "./overview/figures.tsx";
import { Health } from "./overview/health.tsx";
import { ProviderKeys } from "./overview/providers.tsx";
import { Provisions } from "./overview/provisions.tsx";
import { Upkeep } from "./overview/upkeep.tsx";

export const refreshMs = 30_000;

export default function Overview({ route }: PageProps): JSX.Element {
  return (
    <Page title="Overview">
      <Needs scope="metrics:read">
        <Look route={route} />
      </Needs>
    </Page>
  );
}

function Look({ route }: PageProps): JSX.Element {
  const overview = useResource<Answer>("/admin/overview", { everyMs: refreshMs });
  return (
    <Loaded of={overview}>
      {(answer) => (
        <div class="stack">
          <Figures of={answer} />
          <Provisions route={route} />
          <div class="grid">
            <Section title="Health">
              <Health of={answer} />
            </Section>
            <Section title="Open alerts">
              <Needs scope="alerts:read">
                <OpenAlerts />
              </Needs>
            </Section>
            <Section wide title="Provider keys">
              <ProviderKeys of={answer} />
            </Section>
            <Section title="Cost by day">
              <CostByDay of={answer} />
            </Section>
            <Section title="Upkeep">
              <Upkeep of={answer} />
            </Section>
          </div>
          <p class="note">
            As of <Time value={answer.time} />; read again every 30 seconds while this page is seen.
          </p>
        </div>
      )}
    </Loaded>
  );
}
