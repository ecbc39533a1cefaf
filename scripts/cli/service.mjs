// latchkey config and status: what the service is made of and how it is.
import { EXIT } from "./errors.mjs";
import { cell, hint, printFields, printJson, Table } from "./output.mjs";

async function config({ makeClient, json }) {
  const { data } = await makeClient().get("/admin/config");
  if (json) return data.forEach(printJson);
  const value = (row) => (row.kind === "secret" && row.source !== "missing" ? "(secret)" : cell(row.value));
  new Table([
    ["NAME", (row) => cell(row.name)],
    ["VALUE", value],
    ["DEFAULT", (row) => cell(row.default)],
    ["SOURCE", (row) => cell(row.source)],
    ["DESCRIPTION", (row) => cell(row.description)],
  ]).add(data);
}

function checkLines(checks) {
  return Object.entries(checks ?? {}).map(([name, result]) => {
    return [`  ${cell(name)}`, cell(typeof result === "object" ? JSON.stringify(result) : result)];
  });
}

async function status({ makeClient, json }) {
  const client = makeClient();
  const [health, ready, version] = await Promise.all(
    ["/health", "/ready", "/version"].map((path) => client.raw(path)),
  );
  const isReady = health.status === 200 && ready.status === 200 && ready.body?.ready === true;
  if (json) {
    printJson({
      url: client.origin,
      ready: isReady,
      health: health.body,
      readiness: ready.body,
      version: version.body,
    });
  } else {
    printFields([
      ["url", client.origin],
      ["health", health.status === 200 ? cell(health.body?.status) : `HTTP ${health.status}`],
      ["ready", isReady ? "yes" : `no (HTTP ${ready.status})`],
      ...checkLines(ready.body?.checks),
      ...Object.entries(version.body ?? {}).map(([name, text]) => [cell(name), cell(text)]),
    ]);
  }
  if (isReady) return EXIT.ok;
  hint("latchkey: the service is not ready; its log says why.");
  return EXIT.unreachable;
}

export const serviceVerbs = [
  {
    name: "config",
    summary: "print every setting with value, default and source, no secrets",
    run: config,
  },
  { name: "status", summary: "print health, readiness and version; needs no token", run: status },
];
