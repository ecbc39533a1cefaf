// One rotation: how far it is, who holds the new key, and what can be done next.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Rotation, RotationShown } from "../../api.gen.ts";
import { count, percent, plural } from "../../lib/format.ts";
import { useResource } from "../../lib/resource.ts";
import { href } from "../../lib/route.ts";
import { Button, Facts, Loaded, Page, Section, Time } from "../../ui/basics.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Needs } from "../../ui/needs.tsx";
import { Grace } from "./begin.tsx";
import { isOpen, says, StateBadge, VerdictBadge, versions } from "./words.tsx";

const pollMs = 5_000;

export function RotationPage({ id }: { id: string }): JSX.Element {
  return (
    <Page
      title="Rotation"
      lead={
        <>
          <a href={href(["providers"])}>Providers</a> / <span class="mono">{id}</span>
        </>
      }>
      <Needs scope="rotation:read">
        <LiveRotation id={id} isWhole />
      </Needs>
    </Page>
  );
}

// LiveRotation: read again and again until it has ended.
export function LiveRotation({ id, isWhole, onChange }: { id: string; isWhole?: boolean; onChange?: () => void }): JSX.Element {
  const [isOver, setOver] = useState(false);
  const rotation = useResource<RotationShown>(`/admin/rotations/${id}`, isOver ? {} : { everyMs: pollMs });
  useEffect(() => {
    if (rotation.data) setOver(!isOpen(rotation.data));
  }, [rotation.data]);
  return (
    <Loaded of={rotation}>
      {(data) => (
        <RotationCard
          rotation={data}
          {...(isWhole && { isWhole })}
          reload={() => {
            rotation.reload();
            onChange?.();
          }}
        />
      )}
    </Loaded>
  );
}

function RotationCard({
  rotation,
  isWhole,
  reload,
}: {
  rotation: RotationShown;
  isWhole?: boolean;
  reload: () => void;
}): JSX.Element {
  const { id, provider, state, message } = rotation;
  const title = `${provider}: ${versions(rotation)}`;
  return (
    <Section title={title} actions={<StateBadge state={state} />}>
      <Steps rotation={rotation} />
      <p>{message}</p>
      {rotation.adoption && <Adoption of={rotation.adoption} />}
      <Facts rows={isWhole ? [...facts(rotation), ...moreFacts(rotation)] : facts(rotation)} />
      <Acts rotation={rotation} reload={reload} />
      {!isWhole && id && (
        <p>
          <a href={href(["providers", id])}>All about this rotation</a>
        </p>
      )}
    </Section>
  );
}

type Fact = readonly [string, JSX.Element | string | null];

function facts(rotation: Rotation): Fact[] {
  const { verdict, verdict_detail: detail, verified_at: verified } = rotation;
  const { published_at: published, publish_at: publishAt, grace_ends_at: ends } = rotation;
  const rows: Fact[] = [];
  if (verdict)
    rows.push([
      "The provider on the new key",
      <>
        <VerdictBadge verdict={verdict} />{" "}
        <span class="note">
          {detail}, <Time value={verified} relative />
        </span>
      </>,
    ]);
  if (publishAt && !published) rows.push(["Published by itself", <Time value={publishAt} />]);
  if (published) rows.push(["Published", <Time value={published} />]);
  if (published && rotation.from_version !== null) {
    rows.push(["Grace of the old key ends", ends ? <Time value={ends} /> : "When every machine holds the new key"]);
  }
  return rows;
}

function moreFacts(rotation: Rotation): Fact[] {
  const { old_key_verdict: old, worker_secret: secret } = rotation;
  const rows: Fact[] = [
    ["Kind", rotation.emergency ? "Emergency" : rotation.verify ? "Verified first" : "Not verified"],
    ["Begun by", rotation.actor],
    ["Begun", <Time value={rotation.created_at} />],
    ["Last changed", <Time value={rotation.updated_at} />],
  ];
  if (rotation.ended_at) rows.push(["Ended", <Time value={rotation.ended_at} />]);
  if (old)
    rows.push([
      "The provider on the old key",
      <>
        <VerdictBadge verdict={old} />{" "}
        <span class="note">
          <Time value={rotation.old_key_verdict_at} relative />
        </span>
      </>,
    ]);
  if (secret && rotation.state === "retired") rows.push(["Worker secret to delete", <code>{secret}</code>]);
  return rows;
}

const order = ["Stage", "Verify", "Publish", "Adoption", "Retire"] as const;
// How many steps are done in each state.
const numDone: Record<Rotation["state"], number> = {
  staged: 1,
  verified: 2,
  published: 3,
  retired: 5,
  failed: 1,
  cancelled: 1,
};

export function Steps({ rotation }: { rotation: Rotation }): JSX.Element {
  const { state, verify, verdict } = rotation;
  const isCut = state === "failed" || state === "cancelled";
  const wasVerified = verdict === "accepted";
  const done = state === "cancelled" && wasVerified ? 2 : state === "staged" && !verify ? 2 : numDone[state];
  return (
    <ol class="steps" aria-label="Steps of the rotation">
      {order.map((name, index) => {
        const isDone = index < done;
        const isNow = index === done && !isCut;
        const isSkipped = name === "Verify" && isDone && !wasVerified;
        const isFailed = index === done && isCut;
        const text = isSkipped
          ? `${name}: left out`
          : isFailed
            ? `${name}: ${state === "failed" ? "refused" : "cancelled"}`
            : name;
        return (
          <li
            key={name}
            class={isFailed ? "bad" : isDone && !isSkipped ? "done" : ""}
            aria-current={isNow ? "step" : undefined}>
            {isDone && !isSkipped && <span aria-hidden="true">✓ </span>}
            {text}
            {isDone && !isSkipped && <span class="hidden">, done</span>}
          </li>
        );
      })}
    </ol>
  );
}

// Adoption: how many of the machines that came by lately hold the new key.
export function Adoption({ of }: { of: NonNullable<RotationShown["adoption"]> }): JSX.Element {
  const { active, holding, lagging } = of;
  if (active === 0) return <p class="note">No machine was seen in the last 30 days.</p>;
  return (
    <div class="adoption">
      <progress max={active} value={holding} aria-label="Machines that hold the new key" />
      <p>
        <strong>{percent(holding / active)}</strong> of machines hold the new key: {count(holding)} of {count(active)} that were
        seen in the last 30 days.
        {lagging.count > 0 && (
          <>
            {" "}
            {plural(lagging.count, "machine")} {lagging.count === 1 ? "lags" : "lag"}; the longest one was away since{" "}
            <Time value={lagging.oldest_seen_at} relative />.
          </>
        )}
      </p>
    </div>
  );
}

type Act = "verify" | "publish" | "cancel" | "retire";

function actsOf({ state, verify, emergency }: Rotation): readonly Act[] {
  if (state === "staged" && !verify) return ["publish", "cancel"];
  if (state === "staged") return emergency ? ["verify", "publish", "cancel"] : ["verify", "cancel"];
  if (state === "verified") return ["publish", "cancel"];
  return state === "published" ? ["retire"] : [];
}

const verbs: Record<Act, string> = {
  verify: "Verify again",
  publish: "Publish",
  cancel: "Cancel the rotation",
  retire: "Retire the old key",
};

function Acts({ rotation, reload }: { rotation: Rotation; reload: () => void }): JSX.Element | null {
  const [act, setAct] = useState<Act>();
  const acts = actsOf(rotation);
  if (acts.length === 0 && !act) return null;
  return (
    <>
      <div class="actions">
        {acts.map((name, index) => (
          <Button
            key={name}
            scope="rotation:write"
            kind={index === 0 && name !== "retire" ? "primary" : "plain"}
            label={`${verbs[name]}: ${rotation.provider}`}
            onClick={() => setAct(name)}>
            {verbs[name]}
          </Button>
        ))}
      </div>
      {act && (
        <Change<Rotation>
          title={`${verbs[act]}: ${rotation.provider}, ${versions(rotation)}`}
          verb={verbs[act]}
          isDangerous={act === "cancel" || act === "retire"}
          request={{ path: `/admin/rotations/${rotation.id}/${act}` }}
          describe={(preview) => <WhatBecomes act={act} rotation={preview} />}
          done={({ provider, message }) => `${provider}: ${message}`}
          onDone={reload}
          onClose={() => setAct(undefined)}>
          {act === "retire" && (
            <p class="note">
              {rotation.provider} is asked whether it still takes the old key, which is then deleted here. Machines that lag
              keep it until they provision.
            </p>
          )}
        </Change>
      )}
    </>
  );
}

function WhatBecomes({ act, rotation }: { act: Act; rotation: Rotation }): JSX.Element {
  const { provider, state, to_version: to, from_version: from } = rotation;
  if (act === "verify") {
    const ending = "The rotation ends, the new key is deleted here, and nothing changes for clients.";
    const next = state === "verified" ? "It can be published then." : state === "failed" ? ending : "It waits.";
    return (
      <p>
        {says(rotation)} {next}
      </p>
    );
  }
  if (act === "cancel") {
    return (
      <p>
        The rotation ends, and version {to} is deleted here. No client saw it.
        {from !== null && ` Clients go on with version ${from}.`}
      </p>
    );
  }
  if (act === "publish") {
    return (
      <p>
        Clients get version {to} of {provider}’s key with their next provisioning, within 7 days. <Grace rotation={rotation} />
      </p>
    );
  }
  return (
    <>
      <p>The grace of version {from} ends now, and it is deleted here.</p>
      <p>{rotation.message}</p>
    </>
  );
}
