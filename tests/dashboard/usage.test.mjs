// Usage in the browser: what was used and what it cost, by all that it can be cut by, and out of there as files.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { parse } from "csv-parse/sync";
import { latchkey } from "../cli/support.mjs";
import * as seed from "./seed_usage.mjs";
import { openDashboard, phone } from "./support.mjs";

const script = "<img src=x onerror=alert(1)>";
const tabs = ["Over time", "Providers", "Models", "Plans", "Licences", "Peak hours", "Export"];

let dash;
let world;
let people;
before(async () => {
  dash = await openDashboard();
  world = dash.world;
});
after(() => dash?.stop());

async function seedUse() {
  await seed.plan(world, "team", { monthly_price: "12", budget: { total: "60" }, enforcement: "warn" });
  people = [await seed.seated(world), await seed.seated(world, { plan: "team" }), await seed.seated(world, { plan: "team" })];
  for (const [index, { request }] of people.entries()) {
    await seed.report(world, request, seed.eventsOf(`person-${index}`, { days: 30 - index * 3, weight: 1 / (index + 1) }));
  }
  await seed.report(world, people[0].request, [
    { event_id: "odd", provider: "deepseek", model: script, input_tokens: 5, output_tokens: 5, at: new Date().toISOString() },
  ]);
  await world.sync();
}

const heading = (desk, name) => desk.page.getByRole("heading", { name, exact: true }).waitFor();
const tab = async (desk, name) => {
  await desk.page.getByRole("navigation", { name: "Kinds of usage" }).getByRole("link", { name, exact: true }).click();
  await desk.settled();
};
const choose = async (desk, label, option) => {
  await desk.page.getByLabel(label, { exact: true }).selectOption(option);
  await desk.settled();
};
const figure = (desk, name) => desk.page.locator(".figure", { hasText: name }).locator(".figure-value").first().textContent();
const dollars = (amount) => new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" }).format(Number(amount));
// The usual span: today and the 29 days before it.
const from = new Date(Date.now() - 29 * 86_400_000).toISOString().slice(0, 10);
const sums = async (query) => (await world.admin("GET", `/admin/usage?${new URLSearchParams({ from, ...query })}`)).body;

// saved: what a click makes the browser save.
async function saved(desk, act) {
  const [download] = await Promise.all([desk.page.waitForEvent("download"), act()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

test("without any use each view says what to do first", async () => {
  const desk = await dash.visit({ route: "#/usage" });
  for (const name of tabs.slice(0, -1)) {
    await tab(desk, name);
    await desk.page.getByText("POST /usage/report").or(desk.page.getByText("No licence was used")).first().waitFor();
  }
  await tab(desk, "Over time");
  await desk.page.getByText("A forecast needs seven days with use.").waitFor();
  await desk.isSound();
  await desk.close();
});

describe("with the use of a month", () => {
  before(seedUse);

  test("figures, plot and table show what the service answers, and filters stand in the address", async () => {
    const desk = await dash.visit({ route: "#/usage" });
    await heading(desk, "Cost by day");
    await desk.settled();
    const { total } = await sums({ by: "day" });
    assert.equal(await figure(desk, "Cost"), dollars(total.cost));
    assert.equal(await figure(desk, "Requests"), total.requests.toLocaleString("en-GB"));
    assert.equal(await figure(desk, "Without a price"), "1");
    await desk.page.getByText("At most, nine times in ten").first().waitFor();

    await choose(desk, "Provider", "mistral");
    await choose(desk, "Show", "requests");
    await heading(desk, "Requests by day");
    const mistral = await sums({ by: "day", provider: "mistral" });
    assert.equal(await figure(desk, "Cost"), dollars(mistral.total.cost));
    assert.match(await desk.page.evaluate(() => location.href), /provider=mistral/);
    await desk.page.reload();
    await desk.signIn(world.secrets.ADMIN_TOKEN);
    await heading(desk, "Requests by day");
    assert.equal(await desk.page.getByLabel("Provider", { exact: true }).inputValue(), "mistral");
    await desk.close();
  });

  test("an hour is shown in the viewer's zone, with UTC on hover; a day is UTC's", async () => {
    const desk = await dash.visit({ route: "#/usage?span=7d&step=hour" });
    await heading(desk, "Cost by hour");
    const cell = desk.page.locator(".table-box tbody th time").first();
    const at = new Date(await cell.getAttribute("datetime"));
    const berlin = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "Europe/Berlin" });
    assert.equal(await cell.textContent(), berlin.format(at));
    assert.match(await cell.getAttribute("title"), /UTC$/);
    await choose(desk, "By", "day");
    const day = desk.page.locator(".table-box tbody th time").first();
    assert.equal(await day.getAttribute("datetime"), new Date().toISOString().slice(0, 10));
    await desk.close();
  });

  test("a plan's licences are told of by cost and margin, the dearest lead to their page", async () => {
    const desk = await dash.visit({ route: "#/usage/plans" });
    await heading(desk, "What a licence costs and brings");
    await desk.settled();
    const { body } = await world.admin("GET", "/admin/usage/plans");
    const team = body.data.find((row) => row.plan === "team");
    const row = desk.page.getByRole("region", { name: "Plans in the month" }).getByRole("row", { name: /^team/ });
    for (const amount of [team.cost, team.median, team.p90, team.p99]) {
      assert.match(await row.textContent(), new RegExp(dollars(amount).replaceAll(/[$.]/g, "\\$&")));
    }
    await tab(desk, "Licences");
    const first = desk.page.getByRole("region", { name: "Licences by cost, dearest first" }).getByRole("link").first();
    assert.equal(await first.getAttribute("href"), `#/licences/${people[0].license.id}`);
    const budgets = desk.page.getByRole("meter");
    assert.ok((await budgets.count()) >= 1, "a budget of the plan is nearly spent");
    await desk.close();
  });

  test("the week's cells add up to the whole, in UTC and in the viewer's zone", async () => {
    const desk = await dash.visit({ route: "#/usage/peaks?show=requests" });
    await heading(desk, "Requests by weekday and hour");
    const { total } = await sums({ by: "hour" });
    for (const zone of ["utc", "local"]) {
      await choose(desk, "Zone", zone);
      const cells = await desk.page.locator(".heat td[title]").allTextContents();
      assert.equal(cells.length, 7 * 24);
      assert.equal(cells.reduce((sum, text) => sum + (Number(text) || 0), 0), total.requests);
    }
    await choose(desk, "Time", "365d");
    await desk.page.getByText("Hours are kept 90 days.").waitFor();
    await desk.close();
  });

  test("what is shown is saved with every digit, and the daily export is what the command line writes", async () => {
    const desk = await dash.visit({ route: "#/usage/models" });
    await heading(desk, "Cost by model");
    await desk.settled();
    const file = await saved(desk, () => desk.page.getByRole("button", { name: "Save as CSV" }).click());
    assert.match(file.name, /^usage-by-model_.*\.csv$/);
    const { data } = await sums({ by: "model" });
    const costs = Object.fromEntries(parse(file.text, { columns: true }).map(({ model, cost }) => [model, cost]));
    assert.deepEqual(costs, Object.fromEntries(data.map(({ model, cost }) => [model, cost])));

    await tab(desk, "Export");
    for (const format of ["csv", "ndjson", "json"]) {
      await choose(desk, "Format", format);
      const { text } = await saved(desk, () => desk.page.getByRole("button", { name: "Export", exact: true }).click());
      const args = ["usage", "export", "--from", from, "--format", format];
      const run = await latchkey(args, { url: world.url, token: world.secrets.ADMIN_TOKEN });
      assert.equal(run.status, 0, run.stderr);
      assert.equal(text, run.stdout);
    }
    await desk.page.getByLabel("Licence", { exact: true }).fill(people[0].license.code);
    assert.ok(!(await desk.page.evaluate(() => location.href)).includes(people[0].license.code), "a code is in the address");
    await desk.isSound();
    await desk.close();
  });

  test("a lost connection keeps what is there; the export goes on where it stopped", async () => {
    const desk = await dash.visit({ route: "#/usage/exports" });
    await desk.settled();
    let numPages = 0;
    await desk.page.route("**/admin/usage/daily*", (route) => (++numPages === 2 ? route.abort() : route.continue()));
    await desk.page.getByRole("button", { name: "Export", exact: true }).click();
    await desk.page.getByText("No connection to the service.").waitFor();
    assert.match(await desk.page.locator("progress + .note").textContent(), /^500 rows read/);
    const file = await saved(desk, () => desk.page.getByRole("button", { name: "Try again" }).click());
    const lines = file.text.trim().split("\r\n").slice(1);
    assert.equal(new Set(lines).size, lines.length);
    const firstDay = Date.parse(from) / 86_400_000;
    assert.equal(lines.length, await world.number("SELECT count(*) FROM usage_daily WHERE day >= ?", firstDay));

    await tab(desk, "Providers");
    await desk.page.context().setOffline(true);
    await choose(desk, "Time", "7d");
    await desk.page.getByText("No connection to the service.").first().waitFor();
    await desk.page.context().setOffline(false);
    await desk.page.getByRole("button", { name: "Try again" }).first().click();
    await heading(desk, "Cost by provider");
    await desk.close();
  });

  test("a model's name that is a script is text", async () => {
    const desk = await dash.visit({ route: "#/usage/models" });
    await desk.page.getByRole("link", { name: script }).waitFor();
    await choose(desk, "Model", script);
    await heading(desk, "Cost by model");
    await desk.isSound();
    await desk.close();
  });

  test("days that make no sense are said so beside the fields, and nothing is asked", async () => {
    const desk = await dash.visit({ route: "#/usage?span=custom&from=2026-02-02&to=2026-02-01" });
    await desk.page.getByText("The first day is after the last one.").waitFor();
    await desk.page.getByLabel("To, with that day").fill("2026-02-03");
    await desk.page.getByText("Nothing was used in this time.").waitFor();
    await desk.close();
  });

  test("without the scope it says which one is missing, and asks for nothing", async () => {
    const token = await seed.token(world, "plans-only", ["plans:read"]);
    const desk = await dash.visit({ token, route: "#/usage" });
    await desk.page.getByText("Needs the scope usage:read, which you were not given.").waitFor();
    await desk.isSound();
    await desk.close();
  });

  for (const [mode, how] of [["light", {}], ["dark", { theme: "dark" }], ["phone", { viewport: phone }]]) {
    test(`each view is sound and has its place: ${mode}`, async () => {
      const desk = await dash.visit({ ...how, route: "#/usage" });
      for (const name of tabs) {
        await tab(desk, name);
        if (mode !== "phone" || name === "Plans") await desk.isSound();
        assert.ok(await desk.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is too wide`);
        await desk.shoot(`usage-${name.toLowerCase().replaceAll(" ", "-")}-${mode}`);
      }
      await desk.close();
    });
  }
});
