// What is well and what is not: D1, KV and all that doctor looks at.
import type { JSX } from "preact";
import type { Doctor, Overview } from "../../api.gen.ts";
import { count, sentence } from "../../lib/format.ts";
import { useResource } from "../../lib/resource.ts";
import { Badge, Loaded, type Tone } from "../../ui/basics.tsx";
import { Needs } from "../../ui/needs.tsx";

type Status = Overview["status"];
const tones: Record<Status, Tone> = { ok: "good", warn: "warn", fail: "bad" };
const texts: Record<Status, string> = { ok: "Well", warn: "Look at it", fail: "Not well" };
const doctorEveryMs = 60_000;

export function Health({ of }: { of: Overview }): JSX.Element {
  const { d1, kv, status } = of;
  const behind = kv.licenses_behind > 0 || kv.ring_behind;
  return (
    <>
      <ul class="findings named">
        <Line status={status} name="Service" detail={status === "ok" ? "All checks are well." : "Not all checks are well."} />
        <Line status="ok" name="D1" detail={`Answered in ${count(d1.took_ms)} ms.`} />
        <Line status={!kv.answers ? "fail" : behind || kv.outbox ? "warn" : "ok"} name="KV" detail={kvText(kv)} />
      </ul>
      <Needs scope="config:read">
        <Findings />
      </Needs>
    </>
  );
}

function kvText({ answers, took_ms: took, outbox, licenses_behind: licences, ring_behind: ring }: Overview["kv"]): string {
  if (!answers) return "Does not answer.";
  return [
    `Answered in ${count(took ?? 0)} ms.`,
    licences > 0 && `${count(licences)} licences wait to be carried there.`,
    ring && "Its copy of the key ring is old.",
    outbox && `${count(outbox)} audit rows wait in it.`,
  ]
    .filter(Boolean)
    .join(" ");
}

// Findings: what doctor would have an admin do, or which of its checks there were.
function Findings(): JSX.Element {
  const doctor = useResource<Doctor>("/admin/doctor", { everyMs: doctorEveryMs });
  return (
    <Loaded of={doctor}>
      {({ data }) => {
        const findings = data.filter(({ status }) => status !== "ok");
        const well = data.filter(({ status }) => status === "ok").map(({ name }) => sentence(name).toLowerCase());
        return (
          <>
            {findings.length > 0 && (
              <ul class="findings named">
                {findings.map(({ name, status, detail, what_to_do: todo }) => (
                  <Line key={name} status={status} name={sentence(name)} detail={detail} todo={todo} />
                ))}
              </ul>
            )}
            <p class="note">Well: {well.join(", ")}.</p>
          </>
        );
      }}
    </Loaded>
  );
}

function Line({
  status,
  name,
  detail,
  todo,
}: {
  status: Status;
  name: string;
  detail: string;
  todo?: string | null;
}): JSX.Element {
  return (
    <li>
      <span class="check-name">{name}</span>
      <Badge tone={tones[status]}>{texts[status]}</Badge>
      <span class="check-detail">
        {detail}
        {todo && <span class="note"> {todo}</span>}
      </span>
    </li>
  );
}
