// The numbers that matter most.
import type { JSX } from "preact";
import type { Overview } from "../../api.gen.ts";
import { count, plural, usd, utcDate } from "../../lib/format.ts";
import { href } from "../../lib/route.ts";
import { Figure } from "../../ui/basics.tsx";

const sum = (numbers: readonly (number | undefined)[]): number => numbers.reduce<number>((all, one) => all + (one ?? 0), 0);

export function Figures({ of }: { of: Overview }): JSX.Element {
  const { licenses, machines, cost, alerts, provisions, capped } = of;
  // A figure that stopped at its bound says so.
  const bounded = (figure: Overview["capped"][number], number: number): string =>
    `${count(number)}${capped.includes(figure) ? "+" : ""}`;
  const others = [
    [licenses.suspended, "suspended"],
    [licenses.expired, "expired"],
    [licenses.revoked, "revoked"],
  ] as const;
  const numAlerts = alerts.critical + alerts.warning + alerts.info;
  return (
    <div class="figures">
      <Figure
        name="Active licences"
        value={<a href={href(["licences"], { status: "active" })}>{bounded("licenses", licenses.active)}</a>}
        note={others
          .filter(([number]) => number > 0)
          .map(([number, state]) => `${count(number)} ${state}`)
          .join(", ")}
      />
      <Figure name="Active machines" value={bounded("machines", machines)} note="with a seat, seen in 30 days" />
      <Figure
        name="Cost today"
        value={<a href={href(["usage"], { span: "7d" })}>{usd(cost.today.cost)}</a>}
        note={plural(cost.today.requests, "request")}
      />
      <Figure
        name="Cost this month"
        value={<a href={href(["usage"], { span: "month" })}>{usd(cost.month.cost)}</a>}
        note={<Ahead cost={cost} />}
      />
      <Figure
        name="Open alerts"
        value={<a href={href(["alerts"])}>{count(numAlerts)}</a>}
        tone={alerts.critical ? "bad" : alerts.warning ? "warn" : "quiet"}
        note={
          numAlerts
            ? `${alerts.critical} critical, ${plural(alerts.warning, "warning")}, ${alerts.info} info`
            : "Nothing is wrong."
        }
      />
      <Figure
        name={`Provisions, last ${provisions.minutes} minutes`}
        value={bounded("acts", provisions.granted)}
        note={`granted; ${count(sum(Object.values(provisions.denied)))} denied`}
      />
    </div>
  );
}

function Ahead({ cost: { forecast } }: { cost: Overview["cost"] }): JSX.Element {
  if (!forecast) return <>A forecast needs seven days with use.</>;
  const end = utcDate(new Date(Date.parse(forecast.until) - 1));
  return (
    <>
      {usd(forecast.cost)} by {end} ({usd(forecast.cost_low)} to {usd(forecast.cost_high)})
    </>
  );
}
