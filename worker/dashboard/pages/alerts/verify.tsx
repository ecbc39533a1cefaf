// Verifying the audit log here, in the browser, with a result that cannot be overlooked.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { plural } from "../../lib/format.ts";
import { useSession } from "../../lib/session.ts";
import { verifyLog, type Verdict } from "../../lib/verifier.ts";
import { Badge, Button, Trouble } from "../../ui/basics.tsx";
import { Text } from "../../ui/fields.tsx";

// Verify: of one record where it is named, else of the one that is typed.
export function Verify({ seq }: { seq?: number }): JSX.Element {
  const { audit_origin: origin } = useSession();
  const [record, setRecord] = useState("");
  const [verdict, setVerdict] = useState<Verdict>();
  const [error, setError] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    setVerdict(undefined);
    try {
      setVerdict(await verifyLog(origin, seq ?? (record === "" ? undefined : Number(record))));
    } catch (reason) {
      setError(reason as Error);
    }
    setBusy(false);
  };
  return (
    <form
      class="verify"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) void run();
      }}>
      <div class="filters">
        {seq === undefined && (
          <Text label="And the record" type="number" min={1} value={record} onInput={setRecord} placeholder="No." />
        )}
        <Button type="submit" scope="audit:read" isBusy={isBusy}>
          {seq === undefined ? "Verify" : "Verify this record"}
        </Button>
      </div>
      <Trouble error={error} />
      <div role="status">{verdict && <Result of={verdict} />}</div>
    </form>
  );
}

function Result({ of: { isGood, head, findings } }: { of: Verdict }): JSX.Element {
  return (
    <div class={isGood ? "verdict good" : "verdict bad"}>
      <h3>{isGood ? "Verified: what was checked holds." : "Not verified: the audit log does not hold!"}</h3>
      <ul class="plain-list">
        {findings.map(({ kind, text, line }) => (
          <li key={text}>
            <Badge tone={kind === "note" ? "quiet" : kind}>{kind}</Badge> {text}
            {line !== undefined && <pre>{line}</pre>}
          </li>
        ))}
      </ul>
      {head && (
        <p class="note">
          {head.origin}: {plural(head.size, "record")}, root <code>{head.root}</code>
        </p>
      )}
      {isGood ? (
        <p class="note">
          The keys are those that the service shows: compare the log’s with the one that you wrote down. To check every record,
          use <code>latchkey audit verify --live</code>.
        </p>
      ) : (
        <p>
          Change nothing. Keep a copy of the database, then follow “When the audit log does not hold” in docs/monitoring.md.
        </p>
      )}
    </div>
  );
}
