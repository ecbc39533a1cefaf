// The newest open alerts.
import type { JSX } from "preact";
import type { Alert, AlertList } from "../../api.gen.ts";
import { useResource } from "../../lib/resource.ts";
import { href } from "../../lib/route.ts";
import { Badge, Empty, Loaded, Time, type Tone } from "../../ui/basics.tsx";
import { refreshMs } from "../overview.tsx";

const shown = 6;
const tones: Record<Alert["severity"], Tone> = { critical: "bad", warning: "warn", info: "info" };

export function OpenAlerts(): JSX.Element {
  const alerts = useResource<AlertList>("/admin/alerts", {
    query: { state: "open", limit: shown },
    everyMs: refreshMs,
  });
  return (
    <Loaded of={alerts}>
      {({ data, next_cursor: more }) => {
        const all = <a href={href(["alerts"])}>alerts</a>;
        if (data.length === 0) return <Empty>None. Webhooks tell you of the next one: see {all}.</Empty>;
        return (
          <>
            <ul class="findings">
              {data.map((alert) => (
                <Line key={alert.id} alert={alert} />
              ))}
            </ul>
            {more && <p class="note">And more: see {all}.</p>}
          </>
        );
      }}
    </Loaded>
  );
}

function Line({ alert: { id, severity, title, subject, last_at: at } }: { alert: Alert }): JSX.Element {
  return (
    <li>
      <Badge tone={tones[severity]}>{severity}</Badge>
      <span class="check-detail">
        <a href={href(["alerts", id])}>{title}</a>{" "}
        <span class="note">
          {subject} · <Time value={at} relative />
        </span>
      </span>
    </li>
  );
}
