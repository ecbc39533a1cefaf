// Every webhook, and making one.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Webhook, WebhookCreated, WebhookList as Answer } from "../../api.gen.ts";
import { useResource } from "../../lib/resource.ts";
import { href } from "../../lib/route.ts";
import { Button, Loaded, Section, Time } from "../../ui/basics.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { bodyOf, noTerms, Secret, TermFields, wanted, WebhookState } from "./webhook_fields.tsx";
import { SeverityBadge } from "./words.tsx";

const columns: Column<Webhook>[] = [
  { head: "Webhook", cell: ({ id, name }) => <a href={href(["alerts", "webhooks", id])}>{name}</a> },
  { head: "State", cell: (webhook) => <WebhookState of={webhook} /> },
  { head: "Posts to", cell: ({ url_hint: hint }) => <span class="mono">{hint}</span> },
  { head: "Wants", cell: wanted },
  { head: "From", cell: ({ min_severity: severity }) => <SeverityBadge severity={severity} /> },
  { head: "Last delivered", cell: ({ last_delivered_at: at }) => <Time value={at} relative /> },
];

export function WebhookList(): JSX.Element {
  const webhooks = useResource<Answer>("/admin/webhooks");
  const [isMaking, setMaking] = useState(false);
  return (
    <Section
      title="Receivers"
      actions={
        <Button kind="primary" scope="webhooks:write" onClick={() => setMaking(true)}>
          New webhook
        </Button>
      }>
      <Loaded of={webhooks}>
        {({ data }) => (
          <Table
            caption="Webhooks, oldest first"
            columns={columns}
            rows={data}
            keyOf={({ id }) => id}
            empty="Nobody is told of alerts yet. Choose New webhook, and give its secret to the receiver."
          />
        )}
      </Loaded>
      {isMaking && <NewWebhook onClose={() => setMaking(false)} onDone={webhooks.reload} />}
    </Section>
  );
}

function NewWebhook({ onClose, onDone }: { onClose: () => void; onDone: () => void }): JSX.Element {
  const [terms, setTerms] = useState(noTerms);
  const body = bodyOf(terms);
  return (
    <Change<WebhookCreated>
      title="New webhook"
      verb="Make it"
      onClose={onClose}
      request={body && terms.url !== "" ? { path: "/admin/webhooks", body } : undefined}
      describe={(webhook) => (
        <p>
          {wanted(webhook)} from <strong>{webhook.min_severity}</strong> on: posted to <code>{webhook.url_hint}</code>. The
          address is sealed, and the secret is shown once.
        </p>
      )}
      done={({ name }) => `The webhook ${name} is made.`}
      onDone={({ data }) => {
        onDone();
        return <Secret of={data} />;
      }}>
      <TermFields value={terms} onChange={setTerms} isNew />
    </Change>
  );
}
