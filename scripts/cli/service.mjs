// latchkey config, status and whoami: what the service is made of, how it is, and who asks.
import { EXIT } from "./errors.mjs";
import { cell, hint, printFields, printJson, Table, when } from "./output.mjs";

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

async function whoami({ makeClient, json }) {
  const client = makeClient();
  const session = await client.get("/admin/session");
  if (json) return printJson(session);
  const hasAll = session.scopes.length === session.known_scopes.length;
  printFields([
    ["url", client.origin],
    ["actor", cell(session.actor)],
    ["signed in by", cell(session.kind)],
    ["token", cell(session.token_id)],
    ["expires", when(session.expires_at, "never")],
    ["scopes", hasAll ? "all" : cell(session.scopes.join(" "))],
    ["environment", cell(session.environment)],
    ["build", cell(session.build)],
  ]);
}

export const serviceVerbs = [
  { name: "whoami", summary: "print whose token this is, and what it allows", run: whoami },
  {
    name: "config",
    summary: "print every setting with value, default and source, no secrets",
    run: config,
  },
  { name: "status", summary: "print health, readiness and version; needs no token", run: status },
];
