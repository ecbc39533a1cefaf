// A new key for a provider: staged and rotated, put in place of a leaked one, or set as it is.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Provider, Rotation } from "../../api.gen.ts";
import { Time } from "../../ui/basics.tsx";
import { Moment, momentOf } from "../../ui/choices.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Check, Select, Text } from "../../ui/fields.tsx";
import { says } from "./words.tsx";

interface Props {
  of: Provider;
  onClose: () => void;
  onDone: () => void;
}

const keyBytesMin = 8;
const daysMax = 365;

function KeyField({ value, onInput }: { value: string; onInput: (value: string) => void }): JSX.Element {
  return (
    <Text
      label="New key"
      type="password"
      value={value}
      onInput={onInput}
      required
      autoComplete="new-password"
      hint="Goes to the service once, which seals it. It is never shown again."
    />
  );
}

export function BeginRotation({ of, onClose, onDone }: Props): JSX.Element {
  const [key, setKey] = useState("");
  const [grace, setGrace] = useState("30");
  const [endsBy, setEndsBy] = useState("time");
  const [when, setWhen] = useState("by_hand");
  const [moment, setMoment] = useState("");
  const [verify, setVerify] = useState(true);
  const publishAt = when === "at" ? momentOf(moment) : undefined;
  const days = Number(grace);
  const isWhole =
    key.trim().length >= keyBytesMin && Number.isInteger(days) && grace !== "" && (when !== "at" || publishAt !== undefined);
  const body = {
    provider: of.provider,
    api_key: key.trim(),
    grace_days: days,
    ends_by: endsBy,
    verify,
    ...(publishAt !== undefined && { publish_at: publishAt }),
  };
  return (
    <Change<Rotation>
      title={`Rotate the key of ${of.provider}`}
      onClose={onClose}
      verb="Begin"
      request={isWhole ? { path: "/admin/rotations", body } : undefined}
      describe={(preview) => <Begun rotation={preview} />}
      done={({ provider, message }) => `${provider}: ${message}`}
      onDone={onDone}>
      <p class="note">Make a second key at {of.provider} first, and leave the old one valid: clients hold it.</p>
      <KeyField value={key} onInput={setKey} />
      <Check
        label={`Ask ${of.provider} whether it takes the key`}
        value={verify}
        onChange={setVerify}
        hint="Without, nobody knows whether it works, and it is published with no further step."
      />
      <Select
        label="Publish it"
        value={when}
        onChange={setWhen}
        options={[
          ["by_hand", verify ? "When I say so" : "At once"],
          ["at", "By itself at a time"],
        ]}
      />
      {when === "at" && <Moment label="Publish at" hint="In your time zone." value={moment} onInput={setMoment} />}
      <Select
        label="The old key's grace ends"
        value={endsBy}
        onChange={setEndsBy}
        options={[
          ["time", "After some days"],
          ["adoption", "As soon as every machine holds the new key"],
        ]}
      />
      {endsBy === "time" && <Text label="Days of grace" type="number" min={0} max={daysMax} value={grace} onInput={setGrace} />}
    </Change>
  );
}

// Begun: what a rotation would be when its key is stored.
function Begun({ rotation }: { rotation: Rotation }): JSX.Element {
  const { provider, state, from_version: from, to_version: to, publish_at: publishAt } = rotation;
  const waits = state === "staged" && rotation.verify;
  if (state === "failed") return <p>{says(rotation)} Nothing would change. See whether you pasted the right one.</p>;
  if (state === "published" || state === "retired") {
    return (
      <p>
        Nobody asks {provider}. Clients get version {to} with their next provisioning. <Grace rotation={rotation} />
      </p>
    );
  }
  return (
    <>
      {rotation.verdict && <p>{says(rotation)}</p>}
      <p>
        The new key is stored sealed as version {to}.{from !== null && ` Clients go on with version ${from}.`}
      </p>
      {publishAt ? (
        <p>
          It is published by itself on <Time value={publishAt} />
          {waits && `, once ${provider} takes it`}.
        </p>
      ) : (
        <p>{state === "verified" ? "No client gets it until you publish it." : "It waits until you verify it again."}</p>
      )}
    </>
  );
}

// Grace: what becomes of the key before.
export function Grace({ rotation }: { rotation: Rotation }): JSX.Element {
  const { provider, from_version: from, grace_ends_at: ends } = rotation;
  if (from === null) return <>There is no key before it.</>;
  if (rotation.state === "retired")
    return (
      <>
        Version {from} is deleted here at once. Delete it at {provider} then.
      </>
    );
  if (ends === null)
    return (
      <>
        Keep version {from} valid at {provider} until every machine of the last 30 days holds the new one.
      </>
    );
  return (
    <>
      Keep version {from} valid at {provider} until its grace ends on <Time value={ends} />.
    </>
  );
}

export function Emergency({ of, onClose, onDone }: Props): JSX.Element {
  const [key, setKey] = useState("");
  const request = { path: "/admin/rotations", body: { provider: of.provider, api_key: key.trim(), emergency: true } };
  return (
    <Change<Rotation>
      title={`Emergency: replace the leaked key of ${of.provider}`}
      onClose={onClose}
      verb="Replace it now"
      isDangerous
      typed={of.provider}
      request={key.trim().length >= keyBytesMin ? request : undefined}
      describe={(preview) => <EmergencyBegun rotation={preview} />}
      done={({ provider, message }) => `${provider}: ${message}`}
      onDone={onDone}>
      <p class="note">
        For a key that leaked: the new one is published as soon as {of.provider} takes it, and the old one is deleted without a
        grace.
      </p>
      <KeyField value={key} onInput={setKey} />
    </Change>
  );
}

function EmergencyBegun({ rotation }: { rotation: Rotation }): JSX.Element {
  const { provider, state, from_version: from, to_version: to } = rotation;
  if (state === "failed") return <p>{says(rotation)} Nothing would change: the leaked key stays in use.</p>;
  if (state === "staged") {
    return (
      <p>
        {says(rotation)} The new key is stored as version {to} and waits: publish it unverified, or verify it again.
      </p>
    );
  }
  return (
    <>
      <p>
        {says(rotation)} Clients get version {to} with their next provisioning.
      </p>
      {from !== null && (
        <p>
          Version {from} is deleted here at once. Delete it at {provider} too: who has not provisioned again by then fails there
          until they do.
        </p>
      )}
    </>
  );
}

export function SetKey({ of, onClose, onDone }: Props): JSX.Element {
  const [key, setKey] = useState("");
  const isReplaced = of.version !== null;
  const request = { method: "PUT" as const, path: `/admin/providers/${of.provider}`, body: { api_key: key.trim() } };
  return (
    <Change<Provider>
      title={`Set the key of ${of.provider}`}
      onClose={onClose}
      verb="Set the key"
      isDangerous={isReplaced}
      {...(isReplaced && { typed: of.provider })}
      request={key.trim().length >= keyBytesMin ? request : undefined}
      describe={({ version }) => (
        <>
          <p>
            The key is stored sealed as version {version} and published at once. Nobody asks {of.provider} whether it works.
          </p>
          {isReplaced && <p>Version {of.version} is no longer handed out, and has no grace.</p>}
        </>
      )}
      done={({ provider, version }) => `${provider} has a new key: version ${version ?? ""} is published.`}
      onDone={onDone}>
      {isReplaced && <p class="note">A key that is in use is better rotated: this asks nobody and keeps no grace.</p>}
      <KeyField value={key} onInput={setKey} />
    </Change>
  );
}
