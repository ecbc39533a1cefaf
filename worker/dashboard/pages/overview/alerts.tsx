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
  const alerts = useResource<AlertList>("/admin/alerts", { query: { state: "open", limit: shown }, everyMs: refreshMs });
  return (
    <Loaded of={alerts}>
      {({ data, next_cursor: more }) => (data.length === 0 ? <Empty>None. Webhooks tell you of the next one: see <a href={href(["alerts"])}>alerts</a>.</Empty> : (
        <>
          <ul class="findings">
            {data.map(({ id, severity, title, subject, last_at: at }) => (
              <li key={id}>
                <Badge tone={tones[severity]}>{severity}</Badge>
                <span class="check-detail"><a href={href(["alerts", id])}>{title}</a> <span class="note">{subject} · <Time value={at} relative /></span></span>
              </li>
            ))}
          </ul>
          {more && <p><a href={href(["alerts"])}>All open alerts</a></p>}
        </>
      ))}
    </Loaded>
  );
}
