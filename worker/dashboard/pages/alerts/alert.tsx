// One alert: what is known of it, what to do, and what was done.
import type { JSX } from "preact";
import type { Alert } from "../../api.gen.ts";
import { count, words } from "../../lib/format.ts";
import { useResource } from "../../lib/resource.ts";
import { href } from "../../lib/route.ts";
import { Facts, Loaded, Page, Section, Time } from "../../ui/basics.tsx";
import { Needs } from "../../ui/needs.tsx";
import { AlertActs } from "./acts.tsx";
import { Details } from "./details.tsx";
import { AlertState, isSnoozed, SeverityBadge, Subject } from "./words.tsx";

export function AlertPage({ id }: { id: string }): JSX.Element {
  const lead = (
    <>
      <a href={href(["alerts"])}>Alerts</a> / <span class="mono">{id}</span>
    </>
  );
  return (
    <Page title="Alert" lead={lead}>
      <Needs scope="alerts:read">
        <Shown id={id} />
      </Needs>
    </Page>
  );
}

function Shown({ id }: { id: string }): JSX.Element {
  const alert = useResource<Alert>(`/admin/alerts/${id}`);
  return (
    <Loaded of={alert}>
      {(data) => (
        <Section
          title={data.title}
          actions={
            <>
              <SeverityBadge severity={data.severity} />
              <AlertState of={data} />
            </>
          }>
          <p>
            <strong>What to do:</strong> {data.advice}
          </p>
          <Facts
            rows={[
              ["About", <Subject of={data} />],
              ["Kind", <span class="mono">{data.kind}</span>],
              ["Seen", `${count(data.count)} ×`],
              ["First", <Time value={data.first_at} />],
              ["Last", <Time value={data.last_at} />],
              ...(data.level > 0 ? [["Level", count(data.level)] as const] : []),
              ...(isSnoozed(data) ? [["Snoozed until", <Time value={data.snoozed_until} />] as const] : []),
              ...(data.acted_by
                ? [
                    [
                      "Last act",
                      <>
                        {data.acted_by}, <Time value={data.acted_at} />
                      </>,
                    ] as const,
                  ]
                : []),
              ...(data.resolved_at ? [["Resolved", <Time value={data.resolved_at} />] as const] : []),
            ]}
          />
          <Details title={`What was seen of ${words(data.kind)}`} of={data.details} />
          <AlertActs of={data} reload={alert.reload} />
        </Section>
      )}
    </Loaded>
  );
}
