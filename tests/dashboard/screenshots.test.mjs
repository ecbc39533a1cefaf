// A picture of every page, with data in it, in both themes and on a phone: build/screenshots, for people to look at. That
// each shows its heading and no trouble is held here; what pages do is held by the tests of each.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Providers } from "../support/providers.mjs";
import { WebhookReceiver } from "../support/webhook_receiver.mjs";
import { providers as names } from "../support/world.mjs";
import * as seed from "./seed_usage.mjs";
import { openDashboard, phone } from "./support.mjs";

const views = {
  "overview": "#/overview",
  "licences": "#/licences",
  "licence": undefined, // Of the first one, below.
  "licences-import": "#/licences/import",
  "providers": "#/providers",
  "usage": "#/usage",
  "usage-models": "#/usage/models",
  "usage-plans": "#/usage/plans",
  "usage-licences": "#/usage/licences",
  "usage-peaks": "#/usage/peaks",
  "usage-exports": "#/usage/exports",
  "data": "#/data",
  "data-grants": "#/data/grants_per_day",
  "alerts": "#/alerts",
  "alerts-rules": "#/alerts/rules",
  "alerts-webhooks": "#/alerts/webhooks",
  "alerts-audit": "#/alerts/audit",
  "settings-plans": "#/settings/plans",
  "settings-prices": "#/settings/prices",
  "settings-tokens": "#/settings/tokens",
  "settings-configuration": "#/settings/configuration",
};
const holders = [
  ["Ada Lovelace", "ada@example.com"], ["Karel Čapek", "karel@example.com"], ["Toni Morrison", "toni@example.com"],
  ["Stanisław Lem", "lem@example.com"], ["Ursula K. Le Guin", "ursula@example.com"], ["Octavia E. Butler", "octavia@example.com"],
];

let dash;
let providers;
let receiver;
before(async () => {
  [providers, receiver] = await Promise.all([Providers.start(), WebhookReceiver.start()]);
  dash = await openDashboard({ vars: { ...providers.vars, WEBHOOK_ALLOW_LOOPBACK: "1", KEY_CHECK_MINUTES: "60" } });
  const { world } = dash;
  const made = async (method, path, body) => {
    const answer = await world.admin(method, path, body);
    assert.ok(answer.status < 300, answer.text);
  };
  for (const name of names) providers.keys[name].add(world.providerKeys[name]);
  await seed.plan(world, "team", { monthly_price: "12", budget: { monthly: "60" }, enforcement: "warn", max_machines: 5 });
  for (const [index, [name, email]] of holders.entries()) {
    const terms = { plan: index % 2 ? "team" : "pro", holder: { name, email }, note: index === 0 ? "Calls on Mondays." : undefined };
    const { license, request } = await seed.seated(world, JSON.parse(JSON.stringify(terms)));
    await seed.report(world, request, seed.eventsOf(`holder-${index}`, { days: 30 - index * 2, weight: 1 / (index + 1) }));
    views.licence ??= `#/licences/${license.id}`;
  }
  await seed.pastProvisions(world);
  await made("POST", "/admin/tokens", { name: "support-desk", scopes: ["licenses:read", "usage:read"] });
  await made("POST", "/admin/webhooks", { name: "on call", url: receiver.url });
  const rotated = `sk-mistral-${"rotated".repeat(4)}`;
  providers.keys.mistral.add(rotated);
  await made("POST", "/admin/rotations", { provider: "mistral", api_key: rotated });
  for (let runs = 0; runs < 3; runs++) await world.sync();
});
after(async () => {
  await dash?.stop();
  await Promise.all([providers, receiver].map((server) => server?.stop()));
});

async function run(desk) {
  await desk.page.getByRole("button", { name: "Run", exact: true }).click();
  await desk.page.getByRole("table").first().waitFor();
  await desk.settled();
}

const kinds = { light: { theme: "light" }, dark: { theme: "dark" }, phone: { theme: "light", viewport: phone } };

describe("each page", () => {
  for (const [kind, how] of Object.entries(kinds)) {
    test(`in ${kind}`, async () => {
      const desk = await dash.visit(how);
      for (const [name, route] of Object.entries(views)) {
        await desk.at(route);
        if (name === "data-grants") await run(desk);
        assert.ok((await desk.page.getByRole("heading", { level: 1 }).textContent()).length > 0);
        assert.equal(await desk.page.getByRole("alert").count(), 0, `${name}: ${await desk.page.locator("main").innerText()}`);
        await desk.shoot(`${name}-${kind}`);
      }
      await desk.close();
    });
  }
});
