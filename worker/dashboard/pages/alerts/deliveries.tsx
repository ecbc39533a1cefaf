// The messages of a webhook, newest first.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { WebhookDelivery, WebhookDeliveryList } from "../../api.gen.ts";
import { usePages } from "../../lib/resource.ts";
import { href } from "../../lib/route.ts";
import { Badge, Button, Loaded, Section, Time, type Tone } from "../../ui/basics.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Pager, Table, type Column } from "../../ui/table.tsx";

const rowsPerPage = 25;
const tones: Record<WebhookDelivery["state"], Tone> = {
  due: "info",
  delivered: "good",
  failed: "bad",
  dropped: "quiet",
};

export function Deliveries({ of }: { of: string }): JSX.Element {
  const messages = usePages<WebhookDeliveryList>(`/admin/webhooks/${of}/deliveries`, {}, rowsPerPage);
  const [asked, setAsked] = useState<WebhookDelivery>();
  const columns: Column<WebhookDelivery>[] = [
    {
      head: "Message",
      cell: ({ type, alert_id: alert }) => (alert ? <a href={href(["alerts", alert])}>{type}</a> : type),
    },
    { head: "State", cell: ({ state }) => <Badge tone={tones[state]}>{state}</Badge> },
    { head: "Made", cell: ({ created_at: at }) => <Time value={at} /> },
    { head: "Attempts", isNumber: true, cell: ({ attempts }) => attempts },
    {
      head: "Answer",
      cell: ({ last_error: error, last_status: status }) =>
        error ?? (status === null ? <span class="none">–</span> : `HTTP ${status}`),
    },
    {
      head: "Delivered, or next",
      cell: ({ delivered_at: at, next_at: next }) =>
        next ? (
          <>
            next <Time value={next} relative />
          </>
        ) : (
          <Time value={at} />
        ),
    },
    { head: "Id", cell: ({ id }) => <span class="mono">{id}</span> },
    {
      head: "Change",
      cell: (message) =>
        message.type === "webhook.test" ? null : (
          <Button scope="webhooks:write" label={`Post again: ${message.id}`} onClick={() => setAsked(message)}>
            Post again
          </Button>
        ),
    },
  ];
  return (
    <Section title="Messages">
      <Loaded of={messages}>
        {({ data }) => (
          <Table
            caption="Messages, newest first"
            columns={columns}
            rows={data}
            keyOf={({ id }) => id}
            empty="Nothing was posted yet. Choose Test to see whether the receiver takes a message."
          />
        )}
      </Loaded>
      <Pager of={messages} noun="messages" />
      {asked && (
        <Change<WebhookDelivery>
          title="Post a message again"
          verb="Post it again"
          onClose={() => setAsked(undefined)}
          onDone={messages.reload}
          request={{ path: `/admin/webhooks/deliveries/${asked.id}/redeliver` }}
          describe={({ id }) => (
            <p>
              It is posted within a minute, under the same id <code>{id}</code>: a receiver that remembers ids takes it once.
            </p>
          )}
          done={() => "The message is posted again within a minute."}
        />
      )}
    </Section>
  );
}
