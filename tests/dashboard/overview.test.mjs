// The overview in the browser: each of its figures is the service's, and what is not well is seen.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as seed from "./seed_usage.mjs";
import { openDashboard, phone } from "./support.mjs";

const script = "<img src=x onerror=alert(1)>";

let dash;
let world;
before(async () => {
  dash = await openDashboard();
  world = dash.world;
});
after(() => dash?.stop());

const figure = (desk, name) => desk.page.locator(".figure", { hasText: name });
const valueOf = (desk, name) => figure(desk, name).locator(".figure-value").textContent();
const dollars = (amount) => new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" }).format(Number(amount));
const overview = async () => (await world.admin("GET", "/admin/overview")).body;

test("a service that nobody used yet says what comes first", async () => {
  const desk = await dash.visit();
  await desk.settled();
  assert.equal(await valueOf(desk, "Active licences"), "0");
  await desk.page.getByText("No machine asked for keys in this time.").waitFor();
  await desk.page.getByText("Nothing was used yet.").waitFor();
  await desk.page.getByText("A forecast needs seven days with use.").waitFor();
  await desk.isSound();
  await desk.close();
});

describe("with licences, use and alerts", () => {
  before(async () => {
    await seed.pastProvisions(world);
    await seed.plan(world, "team", { budget: { total: "5" }, enforcement: "warn" });
    const seats = [await seed.seated(world), await seed.seated(world, { plan: "team" })];
    for (const [index, { request }] of seats.entries()) {
      await seed.report(world, request, seed.eventsOf(`seat-${index}`, { days: 25 }));
    }
    const { license } = await seed.seated(world);
    const suspended = await world.admin("POST", `/admin/licenses/${license.id}/suspend`, {});
    assert.equal(suspended.status, 200, suspended.text);
    await seed.report(world, seats[0].request, [
      { event_id: "odd", provider: "deepseek", model: script, input_tokens: 5, output_tokens: 5, at: new Date().toISOString() },
    ]);
    await world.sync();
  });

  test("figures are the service's", async () => {
    const desk = await dash.visit();
    await desk.settled();
    const { cost, licenses, machines, alerts } = await overview();
    assert.equal(await valueOf(desk, "Active licences"), String(licenses.active));
    assert.match(await figure(desk, "Active licences").textContent(), /1 suspended/);
    assert.equal(await valueOf(desk, "Active machines"), String(machines));
    assert.equal(await valueOf(desk, "Cost today"), dollars(cost.today.cost));
    assert.equal(await valueOf(desk, "Cost this month"), dollars(cost.month.cost));
    const month = await figure(desk, "Cost this month").textContent();
    for (const amount of [cost.forecast.cost_low, cost.forecast.cost_high]) assert.ok(month.includes(dollars(amount)), month);
    assert.equal(await valueOf(desk, "Open alerts"), String(alerts.critical + alerts.warning + alerts.info));
    await desk.page.getByRole("link", { name: "A budget is nearly spent" }).first().waitFor();
    await desk.page.getByText("Last checkpoint").waitFor();
    await desk.isSound();
    await desk.close();
  });

  test("grants and refusals are drawn by hour and by day, and are a table too", async () => {
    const desk = await dash.visit();
    await desk.settled();
    const { body } = await world.admin("POST", "/admin/queries/grants_per_hour", { parameters: { hours: 48 } });
    const granted = body.rows.reduce((sum, row) => sum + row[1], 0);
    await desk.page.getByText(`${granted} granted, `).waitFor();
    await desk.page.getByText("Show as a table").first().click();
    const table = desk.page.getByRole("region", { name: "Granted and denied, as a table" });
    assert.equal(await table.locator("tbody tr").count(), 48);
    const cells = await table.locator("tbody tr td:nth-child(2)").allTextContents();
    assert.equal(cells.reduce((sum, text) => sum + Number(text), 0), granted);
    await desk.page.getByLabel("Time", { exact: true }).selectOption("days");
    await desk.settled();
    await desk.page.getByText("Show as a table").first().click();
    assert.equal(await table.locator("tbody tr").count(), 30);
    await desk.close();
  });

  test("it is read again while it is seen, keeps what it has when the connection is lost, and comes back", async () => {
    const desk = await dash.visit({ signedIn: false });
    await desk.page.clock.install();
    await desk.page.reload();
    await desk.signIn(world.secrets.ADMIN_TOKEN);
    await desk.settled();
    const next = String(Number(await valueOf(desk, "Active licences")) + 1);
    await world.license();
    await desk.page.clock.runFor(31_000);
    await figure(desk, "Active licences").getByText(next, { exact: true }).waitFor();
    await desk.page.context().setOffline(true);
    await desk.page.clock.runFor(31_000);
    await desk.page.getByText("No connection to the service.").first().waitFor();
    assert.equal(await valueOf(desk, "Active licences"), next);
    await desk.page.context().setOffline(false);
    await desk.page.getByRole("alert").first().waitFor({ state: "detached" });
    await desk.close();
  });

  test("each link leads to a page that there is", async () => {
    const desk = await dash.visit();
    await desk.settled();
    const links = await desk.page.locator("main a").evaluateAll((all) => all.map((link) => link.getAttribute("href").split("?")[0]));
    for (const link of new Set(links)) {
      await desk.page.goto(new URL(`/admin/${link}`, world.url).href);
      await desk.page.getByRole("heading", { level: 1 }).waitFor();
    }
    assert.deepEqual(desk.faults, []);
    await desk.close();
  });

  test("what a token may not read is named, the rest is shown", async () => {
    const desk = await dash.visit({ token: await seed.token(world, "metrics-only", ["metrics:read"]) });
    await desk.settled();
    assert.match(await valueOf(desk, "Active licences"), /^\d+$/);
    for (const scope of ["queries:read", "alerts:read", "config:read"]) {
      await desk.page.getByText(`Needs the scope ${scope}, which you were not given.`).waitFor();
    }
    await desk.isSound();
    const other = await dash.visit({ token: await seed.token(world, "plans-only", ["plans:read"]) });
    await other.page.getByText("Needs the scope metrics:read, which you were not given.").waitFor();
    await desk.close();
    await other.close();
  });

  test("a provider's refusal and an open rotation are seen", async () => {
    const desk = await dash.visit();
    await desk.page.route("**/admin/overview", async (route) => {
      const answer = await route.fetch();
      const body = await answer.json();
      Object.assign(body.providers[0], { verdict: "refused", checked_at: body.time, rotation: "verified" });
      Object.assign(body.kv, { answers: false, took_ms: null, outbox: null });
      await route.fulfill({ response: answer, json: body });
    });
    await desk.page.reload();
    await desk.signIn(world.secrets.ADMIN_TOKEN);
    const row = desk.page.getByRole("row", { name: /^deepseek/ });
    await row.getByText("Refused").waitFor();
    await row.getByText("Verified, waits to be published").waitFor();
    await desk.page.getByText("Does not answer.").waitFor();
    await desk.isSound();
    await desk.close();
  });

  for (const [mode, how] of [["light", {}], ["dark", { theme: "dark" }], ["phone", { viewport: phone }]]) {
    test(`it is sound and has its place: ${mode}`, async () => {
      const desk = await dash.visit(how);
      await desk.settled();
      await desk.isSound();
      assert.ok(await desk.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await desk.shoot(`overview-${mode}`);
      await desk.close();
    });
  }
});
