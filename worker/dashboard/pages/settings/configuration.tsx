// How the service is: what doctor finds, and every setting.
import type { JSX } from "preact";
import type { Doctor, SettingList } from "../../api.gen.ts";
import { plural, words } from "../../lib/format.ts";
import { useResource } from "../../lib/resource.ts";
import { setQuery, type Route } from "../../lib/route.ts";
import { useSession } from "../../lib/session.ts";
import { Badge, Button, Facts, Loaded, Section, Time, type Tone } from "../../ui/basics.tsx";
import { Text } from "../../ui/fields.tsx";
import { Table, type Column } from "../../ui/table.tsx";

type Finding = Doctor["data"][number];
type Setting = SettingList["data"][number];

const severity = ["fail", "warn", "ok"];
const tones: Record<Finding["status"], Tone> = { ok: "good", warn: "warn", fail: "bad" };
const sourceTones: Record<Setting["source"], Tone> = { environment: "info", default: "quiet", missing: "bad" };

export function Configuration({ route }: { route: Route }): JSX.Element {
  const { environment, build, wasm_sha256: hash } = useSession();
  return (
    <>
      <Findings />
      <Section title="Build">
        <Facts
          rows={[
            ["Environment", environment],
            ["Build", <span class="mono">{build}</span>],
            ["Core (SHA-256)", <span class="mono">{hash}</span>],
          ]}
        />
      </Section>
      <Settings route={route} />
    </>
  );
}

const findingColumns: Column<Finding>[] = [
  { head: "Check", cell: ({ name }) => words(name) },
  { head: "State", cell: ({ status }) => <Badge tone={tones[status]}>{status}</Badge> },
  { head: "What was found", cell: ({ detail }) => detail },
  { head: "What to do", cell: ({ what_to_do: advice }) => advice ?? <span class="none">–</span> },
];

function Findings(): JSX.Element {
  const doctor = useResource<Doctor>("/admin/doctor");
  return (
    <Section
      title="Doctor"
      actions={
        <Button onClick={doctor.reload} isBusy={doctor.isLoading}>
          Check again
        </Button>
      }>
      <Loaded of={doctor}>
        {({ status, time, data }) => (
          <div class="stack">
            <p>
              <Badge tone={tones[status]}>
                {status === "ok" ? "All is well" : plural(data.filter((one) => one.status !== "ok").length, "finding")}
              </Badge>{" "}
              <span class="note">
                checked <Time value={time} relative />
              </span>
            </p>
            <Table
              caption="What doctor finds, worst first"
              columns={findingColumns}
              keyOf={({ name }) => name}
              empty="Nothing is checked."
              rows={[...data].sort((a, b) => severity.indexOf(a.status) - severity.indexOf(b.status))}
            />
          </div>
        )}
      </Loaded>
    </Section>
  );
}

const settingColumns: Column<Setting>[] = [
  { head: "Setting", cell: ({ name }) => <span class="mono">{name}</span> },
  { head: "Value", cell: (setting) => <Value of={setting} /> },
  {
    head: "Default",
    cell: ({ default: byDefault }) => (byDefault ? <code>{byDefault}</code> : <span class="none">–</span>),
  },
  { head: "Source", cell: ({ source }) => <Badge tone={sourceTones[source]}>{source}</Badge> },
  { head: "What it is", cell: ({ description }) => description },
];

function Value({ of: { kind, value, source } }: { of: Setting }): JSX.Element {
  if (kind === "secret") return <span class="none">{source === "missing" ? "–" : "set; never shown"}</span>;
  if (value === null || value === "") return <span class="none">{value === "" ? "empty" : "–"}</span>;
  return <code>{value}</code>;
}

function Settings({ route }: { route: Route }): JSX.Element {
  const settings = useResource<SettingList>("/admin/config");
  const { find = "" } = route.query;
  const wanted = find.toLowerCase();
  return (
    <Section title="Settings" note="They stand in wrangler.toml, secrets with Cloudflare. Change one there and deploy.">
      <div class="filters" role="search" aria-label="Filter the settings">
        <Text label="Find" type="search" value={find} onInput={(value) => setQuery(route, { find: value || undefined })} />
      </div>
      <Loaded of={settings}>
        {({ data }) => (
          <Table
            caption="Every setting"
            columns={settingColumns}
            keyOf={({ name }) => name}
            empty="No setting is like that. Take the filter away to see all."
            rows={data.filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted))}
          />
        )}
      </Loaded>
    </Section>
  );
}
