// Alerts: what is wrong, who is told of it, and the proof of what was done.
import type { JSX } from "preact";
import type { PageProps } from "../app.tsx";
import { href } from "../lib/route.ts";
import { Page } from "../ui/basics.tsx";
import { Needs } from "../ui/needs.tsx";
import { AlertPage } from "./alerts/alert.tsx";
import { AuditTab } from "./alerts/audit.tsx";
import { AlertList } from "./alerts/list.tsx";
import { RuleList } from "./alerts/rules.tsx";
import { WebhookPage } from "./alerts/webhook.tsx";
import { WebhookList } from "./alerts/webhooks.tsx";

const tabs = [
  {
    name: undefined,
    title: "Alerts",
    lead: "What is wrong is one alert until it is resolved, however often it is seen.",
  },
  { name: "rules", title: "Rules", lead: "Which kinds of alerts there are, and how bad each is." },
  { name: "webhooks", title: "Webhooks", lead: "Where alerts are posted to." },
  { name: "audit", title: "Audit", lead: "Every act is a record, and the log is a hash tree whose head is signed." },
] as const;

export default function Alerts({ route }: PageProps): JSX.Element {
  const [, part, id] = route.path;
  if (part?.startsWith("alr_")) return <AlertPage id={part} />;
  if (part === "webhooks" && id) return <WebhookPage id={id} />;
  const current = tabs.find(({ name }) => name === part) ?? tabs[0];
  return (
    <Page title={current.title} lead={current.lead}>
      <nav class="tabs" aria-label="Parts of this page">
        {tabs.map(({ name, title }) => (
          <a
            key={title}
            href={href(name ? ["alerts", name] : ["alerts"])}
            aria-current={name === current.name ? "page" : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {current.name === undefined && (
        <Needs scope="alerts:read">
          <AlertList route={route} />
        </Needs>
      )}
      {current.name === "rules" && (
        <Needs scope="alerts:read">
          <RuleList />
        </Needs>
      )}
      {current.name === "webhooks" && (
        <Needs scope="webhooks:read">
          <WebhookList />
        </Needs>
      )}
      {current.name === "audit" && (
        <Needs scope="audit:read">
          <AuditTab route={route} />
        </Needs>
      )}
    </Page>
  );
}
