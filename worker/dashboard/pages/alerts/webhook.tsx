// One webhook: its terms, its messages, and what can be done to it.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Webhook, WebhookCreated, WebhookDelivery } from "../../api.gen.ts";
import { useResource } from "../../lib/resource.ts";
import { href } from "../../lib/route.ts";
import { Button, Facts, Loaded, Page, Section, Time } from "../../ui/basics.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Text } from "../../ui/fields.tsx";
import { Needs } from "../../ui/needs.tsx";
import { Deliveries } from "./deliveries.tsx";
import { bodyOf, Secret, TermFields, termsOf, wanted, WebhookState } from "./webhook_fields.tsx";
import { SeverityBadge } from "./words.tsx";

type Act = "change" | "state" | "test" | "rotate" | "delete";

interface ActProps {
  of: Webhook;
  onClose: () => void;
  onDone: () => void;
}

const acts: Record<Act, (props: ActProps) => JSX.Element> = {
  change: ChangeTerms,
  state: SwitchState,
  test: Test,
  rotate: RotateSecret,
  delete: Delete,
};
const overlapMax = 168;

export function WebhookPage({ id }: { id: string }): JSX.Element {
  const lead = (
    <>
      <a href={href(["alerts", "webhooks"])}>Webhooks</a> / <span class="mono">{id}</span>
    </>
  );
  return (
    <Page title="Webhook" lead={lead}>
      <Needs scope="webhooks:read">
        <Shown id={id} />
      </Needs>
    </Page>
  );
}

function Shown({ id }: { id: string }): JSX.Element {
  const [turn, setTurn] = useState(0);
  const [act, setAct] = useState<Act>();
  const webhook = useResource<Webhook>(`/admin/webhooks/${id}`);
  const Asked = act && acts[act];
  const verb = (name: Act, text: string): JSX.Element => (
    <Button scope="webhooks:write" onClick={() => setAct(name)}>
      {text}
    </Button>
  );
  return (
    <>
      <Loaded of={webhook}>
        {(data) => (
          <Section title={data.name} actions={<WebhookState of={data} />}>
            <Facts
              rows={[
                ["Posts to", <span class="mono">{data.url_hint}</span>],
                ["Wants", wanted(data)],
                ["From severity", <SeverityBadge severity={data.min_severity} />],
                ["Last delivered", data.last_delivered_at ? <Time value={data.last_delivered_at} /> : "Never"],
                [
                  "Made",
                  <>
                    {data.created_by}, <Time value={data.created_at} />
                  </>,
                ],
                ["Last changed", <Time value={data.updated_at} />],
                ...(data.old_secret_until
                  ? [["The old secret signs until", <Time value={data.old_secret_until} />] as const]
                  : []),
              ]}
            />
            <div class="actions">
              {verb("test", "Test")}
              {verb("change", "Change")}
              {verb("state", data.state === "active" ? "Pause" : "Switch on")}
              {verb("rotate", "Rotate the secret")}
              {verb("delete", "Delete")}
            </div>
            {Asked && (
              <Asked
                of={data}
                onClose={() => setAct(undefined)}
                onDone={() => {
                  webhook.reload();
                  setTurn(turn + 1);
                }}
              />
            )}
          </Section>
        )}
      </Loaded>
      <Deliveries key={turn} of={id} />
    </>
  );
}

function ChangeTerms({ of, onClose, onDone }: ActProps): JSX.Element {
  const [terms, setTerms] = useState(() => termsOf(of));
  const body = bodyOf(terms);
  return (
    <Change<Webhook>
      title={`Change ${of.name}`}
      verb="Change it"
      onClose={onClose}
      onDone={onDone}
      request={body && { method: "PATCH", path: `/admin/webhooks/${of.id}`, body }}
      describe={(webhook) => (
        <p>
          {webhook.name}: {wanted(webhook)} from <strong>{webhook.min_severity}</strong> on, posted to{" "}
          <code>{webhook.url_hint}</code>.
        </p>
      )}
      done={({ name }) => `The webhook ${name} is changed.`}>
      <TermFields value={terms} onChange={setTerms} />
    </Change>
  );
}

function SwitchState({ of, onClose, onDone }: ActProps): JSX.Element {
  const isPaused = of.state === "active";
  return (
    <Change<Webhook>
      title={isPaused ? `Pause ${of.name}` : `Switch ${of.name} on`}
      verb={isPaused ? "Pause" : "Switch on"}
      onClose={onClose}
      onDone={onDone}
      request={{ method: "PATCH", path: `/admin/webhooks/${of.id}`, body: { state: isPaused ? "paused" : "active" } }}
      describe={({ state }) => (
        <p>
          {state === "paused"
            ? "Nothing is posted any more, and what waits is dropped."
            : "New messages are posted again. Those that were dropped can be posted again one by one."}
        </p>
      )}
      done={({ name, state }) => `The webhook ${name} is ${state}.`}
    />
  );
}

function Test({ of, onClose, onDone }: ActProps): JSX.Element {
  return (
    <Change<WebhookDelivery>
      title={`Test ${of.name}`}
      verb="Post a test message"
      onClose={onClose}
      onDone={onDone}
      request={{ path: `/admin/webhooks/${of.id}/test` }}
      describe={() => (
        <p>
          A message of the type <code>webhook.test</code> is posted to <code>{of.url_hint}</code> now, signed with its secret.
        </p>
      )}
      done={(delivery) =>
        delivery.state === "delivered"
          ? `${of.name} took the test message (HTTP ${delivery.last_status ?? ""}).`
          : `${of.name} did not take the test message: ${delivery.last_error ?? `HTTP ${delivery.last_status ?? ""}`}`
      }
    />
  );
}

function RotateSecret({ of, onClose, onDone }: ActProps): JSX.Element {
  const [hours, setHours] = useState("24");
  const overlap = Number(hours);
  const isWhole = hours !== "" && Number.isInteger(overlap) && overlap >= 0 && overlap <= overlapMax;
  return (
    <Change<WebhookCreated>
      title={`Rotate the secret of ${of.name}`}
      verb="Make a new secret"
      onClose={onClose}
      request={isWhole ? { path: `/admin/webhooks/${of.id}/rotate-secret`, body: { overlap_hours: overlap } } : undefined}
      describe={({ old_secret_until: until }) => (
        <p>
          A new secret is made and shown once.{" "}
          {until ? (
            <>
              Until <Time value={until} /> every message carries two signatures, and either verifies.
            </>
          ) : (
            "The old one stops signing at once."
          )}
        </p>
      )}
      done={({ name }) => `The webhook ${name} has a new secret.`}
      onDone={({ data }) => {
        onDone();
        return <Secret of={data} />;
      }}>
      <Text
        label="Hours in which the old secret signs too"
        type="number"
        min={0}
        max={overlapMax}
        value={hours}
        onInput={setHours}
      />
    </Change>
  );
}

function Delete({ of, onClose }: ActProps): JSX.Element {
  return (
    <Change<Webhook>
      title={`Delete ${of.name}`}
      verb="Delete it"
      isDangerous
      typed={of.name}
      onClose={onClose}
      request={{ method: "DELETE", path: `/admin/webhooks/${of.id}` }}
      describe={() => (
        <p>
          Nothing is posted to <code>{of.url_hint}</code> any more. Its address, its secret and the list of its messages are
          gone for good.
        </p>
      )}
      done={() => `The webhook ${of.name} is deleted.`}
      onDone={() => {
        location.hash = href(["alerts", "webhooks"]);
      }}
    />
  );
}
