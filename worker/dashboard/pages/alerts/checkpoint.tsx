// The newest signed head of the audit log, and making one.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AuditHead } from "../../api.gen.ts";
import { Problem } from "../../lib/api.ts";
import { count, plural } from "../../lib/format.ts";
import { useResource } from "../../lib/resource.ts";
import { saveFile } from "../../lib/save.ts";
import { hasVerifier } from "../../lib/verifier.ts";
import { Button, Copy, Empty, Facts, Loaded, Section, Time } from "../../ui/basics.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Verify } from "./verify.tsx";

export function Checkpoint(): JSX.Element {
  const head = useResource<AuditHead>("/admin/audit/checkpoint");
  const [isMaking, setMaking] = useState(false);
  const isNone = head.error instanceof Problem && head.error.status === 404;
  const make = (
    <Button scope="audit:read" onClick={() => setMaking(true)}>
      Make a checkpoint
    </Button>
  );
  return (
    <Section
      title="Signed head"
      actions={make}
      note="Made each hour in which the log grew. Keep one elsewhere: it proves later that nothing before it was changed.">
      {isNone ? (
        <Empty>No head was signed yet. Choose Make a checkpoint.</Empty>
      ) : (
        <Loaded of={head}>{(data) => <Head of={data} />}</Loaded>
      )}
      {hasVerifier && head.data && <Verify />}
      {isMaking && (
        <Change<AuditHead>
          title="Make a checkpoint"
          verb="Make a checkpoint"
          withoutPreview
          onClose={() => setMaking(false)}
          onDone={head.reload}
          request={{ path: "/admin/audit/checkpoint" }}
          describe={() => null}
          done={({ size }) => `A head over ${plural(size, "record")} is signed.`}>
          <p>What is new in the log is hashed, and a head over all records is signed. The log itself does not change.</p>
        </Change>
      )}
    </Section>
  );
}

function Head({ of }: { of: AuditHead }): JSX.Element {
  return (
    <>
      <Facts
        rows={[
          ["Records", count(of.size)],
          ["Signed", <Time value={of.at} />],
          ["Root", <code>{of.root}</code>],
          ["Key of the log", <code>{of.key}</code>],
          ...(of.first > 0 ? [["Oldest records that are gone", count(of.first)] as const] : []),
        ]}
      />
      <details>
        <summary>The signed note</summary>
        <pre tabIndex={0} aria-label="The signed note">
          {of.note}
        </pre>
      </details>
      <div class="actions">
        <Copy text={of.note} label="Copy the note" />
        <Button onClick={() => saveFile(`latchkey-audit-${of.size}.checkpoint`, "text/plain", of.note)}>Save the note</Button>
      </div>
    </>
  );
}
