// What runs by itself, and when it last did: the audit log's signed head, cron, backups.
import type { JSX } from "preact";
import type { Overview } from "../../api.gen.ts";
import { count, plural } from "../../lib/format.ts";
import { href } from "../../lib/route.ts";
import { Facts, Time } from "../../ui/basics.tsx";

export function Upkeep({
  of: { audit, cron_at: cron, backup_at: backup, usage_behind: behind, webhooks },
}: {
  of: Overview;
}): JSX.Element {
  const unsigned = audit.records - audit.checkpoint_records;
  const newer = unsigned > 0 ? `${count(unsigned)} newer` : "of all records";
  const sending = [
    [webhooks.active, "active"],
    [webhooks.paused, "paused"],
    [webhooks.disabled, "disabled"],
  ] as const;
  return (
    <Facts
      rows={[
        ["Audit log", plural(audit.records, "record")],
        [
          "Last checkpoint",
          audit.checkpoint_at ? (
            <>
              <Time value={audit.checkpoint_at} relative /> <span class="note">{newer}</span>
            </>
          ) : (
            "none yet: cron signs one each day"
          ),
        ],
        ["Verify it", <a href={href(["alerts", "audit"])}>Audit log</a>],
        ["Cron ran", cron ? <Time value={cron} relative /> : "never"],
        ["Usage to be summed", behind === 0 ? "none" : plural(behind, "event")],
        [
          "Last backup",
          backup ? (
            <Time value={backup} relative />
          ) : (
            <>
              never: <code>latchkey backup</code>
            </>
          ),
        ],
        [
          "Webhooks",
          sending
            .filter(([number]) => number > 0)
            .map(([number, state]) => `${count(number)} ${state}`)
            .join(", ") || "none",
        ],
      ]}
    />
  );
}
