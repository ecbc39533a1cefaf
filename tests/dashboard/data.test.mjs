// Data in the browser: the cookbook's queries, found, filled in, run and saved.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { parse } from "csv-parse/sync";
import * as seed from "./seed_usage.mjs";
import { openDashboard, phone } from "./support.mjs";

const script = "<img src=x onerror=alert(1)>";

let dash;
let world;
let seat;
before(async () => {
  dash = await openDashboard();
  world = dash.world;
  await seed.pastProvisions(world);
  seat = await seed.seated(world, { note: script });
  await world.license({ note: script, expires_at: new Date(Date.now() + 5 * 86_400_000).toISOString() });
  const { body } = await world.admin("GET", `/admin/licenses/${seat.license.id}/machines`);
  const renamed = await world.admin("PATCH", `/admin/machines/${body.data[0].id}`, { name: script });
  assert.equal(renamed.status, 200, renamed.text);
  await seed.report(world, seat.request, seed.eventsOf("seat", { days: 20 }));
  await world.sync();
});
after(() => dash?.stop());

const button = (desk, name) => desk.page.getByRole("button", { name, exact: true });
const addressOf = (desk) => desk.page.evaluate(() => location.href);
const field = (desk, name) => desk.page.getByLabel(name, { exact: true });
const rows = (desk) => desk.page.getByRole("region", { name: "Rows of the answer" }).locator("tbody tr");
const run = async (desk) => {
  await button(desk, "Run").click();
  await desk.page.getByText(/^D1 read /).waitFor();
  await desk.settled();
};

test("by keyboard alone a query is found, filled in and run, and its answer is what D1 says", async () => {
  const desk = await dash.visit({ route: "#/data" });
  const { keyboard } = desk.page;
  // tabTo: as often as it takes, but not for ever.
  const tabTo = async (element) => {
    for (let presses = 0; presses < 60; presses++) {
      if (await element.evaluate((found) => found === document.activeElement)) return;
      await keyboard.press("Tab");
    }
    assert.fail("the keyboard does not get there");
  };
  await desk.settled();
  await tabTo(field(desk, "Find"));
  await keyboard.type("refusals of the last hours");
  await tabTo(desk.page.getByRole("link", { name: "Grants per hour" }));
  await keyboard.press("Enter");
  await desk.page.getByRole("heading", { name: "Grants per hour", exact: true }).waitFor();
  const hours = field(desk, "Hours");
  await tabTo(hours);
  await keyboard.press("Control+a");
  await keyboard.type("24");
  await keyboard.press("Enter");
  await desk.page.getByText(/^D1 read /).waitFor();

  const { body } = await world.admin("POST", "/admin/queries/grants_per_hour", { parameters: { hours: 24 } });
  assert.equal(await rows(desk).count(), body.rows.length);
  const first = await rows(desk).first().locator("th, td").allTextContents();
  assert.deepEqual(first.slice(1), body.rows[0].slice(1).map(String));
  assert.match(await addressOf(desk), /#\/data\/grants_per_hour\?hours=24$/);
  await desk.isSound();
  await desk.close();
});

test("an answer is saved as it came, and its fields stand in the address, but the answer does not", async () => {
  const desk = await dash.visit({ route: "#/data/cost_per_hour?hours=100" });
  assert.equal(await field(desk, "Hours").inputValue(), "100");
  assert.equal(await rows(desk).count(), 0);
  await run(desk);
  const [download] = await Promise.all([desk.page.waitForEvent("download"), button(desk, "Save as CSV").click()]);
  assert.equal(download.suggestedFilename(), "cost_per_hour.csv");
  const { body } = await world.admin("POST", "/admin/queries/cost_per_hour", { parameters: { hours: 100 } });
  const [head, ...lines] = parse(await readFile(await download.path(), "utf8"));
  assert.deepEqual([head, ...lines], [body.columns, ...body.rows.map((row) => row.map(String))]);
  await desk.close();
});

test("what a field may hold is said by the service, and a licence's code stays out of the address", async () => {
  const desk = await dash.visit({ route: "#/data/grants_per_day" });
  await field(desk, "Days").fill("5000");
  await desk.page.locator("form.ask").evaluate((form) => {
    form.noValidate = true;
  });
  await button(desk, "Run").click();
  await desk.page.getByRole("alert").getByText("parameters.days", { exact: true }).waitFor();
  await field(desk, "Days").fill("3");
  await run(desk);
  assert.equal(await desk.page.getByRole("alert").count(), 0);

  await desk.page.goto(new URL("/admin/#/data/license_machines", world.url).href);
  await field(desk, "Licence").fill(seat.license.code);
  assert.ok(!(await addressOf(desk)).includes(seat.license.code));
  await field(desk, "Licence").fill(seat.license.id);
  assert.equal(new URL(await addressOf(desk)).hash, `#/data/license_machines?license=${seat.license.id}`);
  await run(desk);
  await rows(desk).getByText(script).waitFor();
  await desk.isSound();
  await desk.close();
});

test("notes that are scripts are text, an id leads to its licence, and no row says so", async () => {
  const desk = await dash.visit({ route: "#/data/licenses_ending_soon" });
  await run(desk);
  await rows(desk).getByText(script).waitFor();
  await desk.isSound();
  assert.match(await rows(desk).getByRole("link").first().getAttribute("href"), /^#\/licences\/lic_/);
  await desk.page.goto(new URL("/admin/#/data/rotations_open", world.url).href);
  await run(desk);
  await desk.page.getByText("No rows: there is nothing of the kind").waitFor();
  await desk.page.goto(new URL("/admin/#/data/no_such_query", world.url).href);
  await desk.page.getByText("This build has no query of that name.").waitFor();
  await desk.close();
});

test("more rows than are shown are said to be there", async () => {
  const desk = await dash.visit({ route: "#/data/grants_per_hour" });
  await desk.page.route("**/admin/queries/grants_per_hour", async (route) => {
    const body = { ...route.request().postDataJSON(), limit: 5 };
    await route.continue({ postData: JSON.stringify(body) });
  });
  await run(desk);
  await desk.page.getByText("Only the first 5 are shown, and saved.").waitFor();
  assert.equal(await rows(desk).count(), 5);
  await desk.close();
});

test("a lost connection keeps fields and answer; the same run is tried again", async () => {
  const desk = await dash.visit({ route: "#/data/peak_hours" });
  await run(desk);
  const before = await rows(desk).count();
  await field(desk, "Days").fill("7");
  await desk.page.context().setOffline(true);
  await button(desk, "Run").click();
  await desk.page.getByText("No connection to the service.").waitFor();
  assert.equal(await rows(desk).count(), before);
  assert.equal(await field(desk, "Days").inputValue(), "7");
  await desk.page.context().setOffline(false);
  await button(desk, "Try again").click();
  await desk.page.getByRole("alert").waitFor({ state: "detached" });
  await desk.close();
});

test("without the scope it says which one is missing", async () => {
  const token = await seed.token(world, "plans-only", ["plans:read"]);
  const desk = await dash.visit({ token, route: "#/data" });
  await desk.page.getByText("Needs the scope queries:read, which you were not given.").waitFor();
  await desk.isSound();
  await desk.close();
});

for (const [mode, how] of [["light", {}], ["dark", { theme: "dark" }], ["phone", { viewport: phone }]]) {
  test(`the list and each kind of plot are sound and have their place: ${mode}`, async () => {
    const desk = await dash.visit({ ...how, route: "#/data" });
    const look = async (name) => {
      await desk.settled();
      if (mode !== "phone" || name === "list") await desk.isSound();
      assert.ok(await desk.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is too wide`);
      await desk.shoot(`data-${name}-${mode}`);
    };
    await look("list");
    for (const name of ["grants_per_day", "peak_hours", "licenses_by_plan_and_status"]) {
      await desk.page.goto(new URL(`/admin/#/data/${name}`, world.url).href);
      await run(desk);
      await look(name);
    }
    await desk.close();
  });
}

test("every query of the build can be run from here", async () => {
  const desk = await dash.visit({ route: "#/data" });
  const { body } = await world.admin("GET", "/admin/queries");
  for (const { name, parameters } of body.data) {
    await desk.page.goto(new URL(`/admin/#/data/${name}`, world.url).href);
    await button(desk, "Run").waitFor();
    if (parameters.some((parameter) => parameter.name === "license")) await field(desk, "Licence").fill(seat.license.id);
    await run(desk);
    assert.equal(await desk.page.getByRole("alert").count(), 0, name);
  }
  assert.deepEqual(desk.faults, []);
  await desk.close();
});
