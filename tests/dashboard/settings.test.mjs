// Settings in the browser: a plan's next version, a price table that is imported and priced history anew, tokens that are shown
// once, and what doctor finds.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { freshMachine } from "../support/world.mjs";
import { openDashboard, phone } from "./support.mjs";

const script = "<img src=x onerror=alert(1)>";
const dayMs = 86_400_000;

let dash;
let world;
before(async () => {
  dash = await openDashboard();
  world = dash.world;
  await reportUse();
});
after(() => dash?.stop());

// reportUse: of a model that no table knows, at noon of a past day.
async function reportUse() {
  const { code } = await world.license();
  const machine_id = freshMachine();
  await world.provision({ license_id: code, machine_id, delivery: "plain" });
  const at = `${new Date(Date.now() - 3 * dayMs).toISOString().slice(0, 10)}T12:00:00Z`;
  const event = { provider: "mistral", model: "mistral-new", input_tokens: 1_000_000, output_tokens: 0, at };
  const { status, text } = await world.send("POST", "/usage/report", {
    license_id: code, machine_id, events: [1, 2, 3].map((number) => ({ ...event, event_id: `e${number}` })),
  });
  assert.equal(status, 200, text);
  await world.sync();
}

async function open(part, how = {}) {
  const desk = await dash.visit({ route: `#/settings/${part}`, ...how });
  await desk.settled();
  return desk;
}

const dialog = (desk) => desk.page.getByRole("dialog");
const press = (desk, name, where = dialog(desk)) => where.getByRole("button", { name, exact: true }).click();
const said = (desk, text) => desk.page.getByRole("status").getByText(text).waitFor();
const set = (name, terms) => world.admin("PUT", `/admin/plans/${name}`, { providers: ["kimi"], deliveries: ["hpke"], max_machines: 2, ...terms });

// table: the price table in force with another row; what a person would save, change and bring in.
async function table(...rows) {
  const { body } = await world.admin("GET", "/admin/prices");
  return JSON.stringify({ rows: [...body.rows, ...rows].sort(byPlace), aliases: body.aliases });
}
const byPlace = (a, b) => (placeOf(a) < placeOf(b) ? -1 : 1);
const placeOf = ({ provider, model, effective_from }) => `${provider} ${model} ${effective_from}`;
const price = (model, input) => ({ provider: "mistral", model, effective_from: "2026-01-01T00:00:00Z", input, output: "6" });
const choose = (desk, text, name = "prices.json") =>
  dialog(desk).getByLabel("File").setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });

describe("plans", () => {
  test("one is made, and edited as its next version by keyboard alone", async () => {
    const desk = await open("plans");
    await desk.isSound();
    await press(desk, "New plan", desk.page);
    await dialog(desk).getByLabel("Name").fill("team");
    await dialog(desk).getByLabel("Description").fill(script);
    await dialog(desk).getByLabel("yandex").uncheck();
    await dialog(desk).getByLabel("Budget a month ($)").fill("50");
    await dialog(desk).getByLabel("Limits").fill("sharing_suspend = 95");
    await press(desk, "Preview");
    await dialog(desk).getByText("Plan team is made, as version 1:").waitFor();
    await desk.isSound();
    await press(desk, "Make the plan");
    await said(desk, "Plan team has version 1.");
    await desk.page.getByText(script).waitFor();
    await desk.shoot("settings-plans-light");

    await desk.page.getByRole("link", { name: "team" }).click();
    const { keyboard } = desk.page;
    const edit = desk.page.getByRole("button", { name: "Edit as the next version" });
    await edit.focus();
    await keyboard.press("Enter");
    await dialog(desk).getByLabel("Machines").focus();
    await keyboard.press("Control+A");
    await keyboard.type("12");
    await keyboard.press("Enter");
    await dialog(desk).getByText("Machines: 3 → 12").waitFor();
    await desk.isSound();
    await keyboard.press("Enter");
    await desk.page.getByRole("heading", { name: "team, version 2" }).waitFor();
    await desk.page.getByRole("row", { name: /Machines: 3 → 12/ }).waitFor();
    assert.ok(await edit.evaluate((button) => button === document.activeElement));
    const { body } = await world.admin("GET", "/admin/plans/team");
    const { limits, budget, providers, max_machines: machines } = body.data[0];
    assert.deepEqual({ limits, machines, numProviders: providers.length, monthly: budget.monthly }, {
      limits: { sharing_suspend: 95 }, machines: 12, numProviders: 5, monthly: "50",
    });
    await desk.isSound();
    await desk.close();
  });

  test("what is wrong is said by its place, and what was typed stays", async () => {
    await set("duo");
    const desk = await open("plans/duo", { theme: "dark" });
    await press(desk, "Edit as the next version", desk.page);
    await dialog(desk).getByLabel("Budget a day ($)").fill(script);
    await press(desk, "Preview");
    await dialog(desk).getByText("budget.daily").first().waitFor();
    assert.equal(await dialog(desk).getByLabel("Budget a day ($)").inputValue(), script);
    await dialog(desk).getByLabel("Budget a day ($)").fill("");
    await press(desk, "Preview");
    await dialog(desk).getByText("Nothing would change").waitFor();
    await desk.isSound();
    await desk.close();
  });
});

describe("prices", () => {
  test("a table is imported after its difference was seen, and past use priced anew", async () => {
    const desk = await open("prices");
    await desk.page.getByRole("row", { name: /mistral-new/ }).getByText("unknown model").waitFor();
    await desk.page.getByText("Only the build's table so far.").waitFor();
    await desk.isSound();
    await press(desk, "Import a table", desk.page);
    await choose(desk, "no table", "notes.json");
    await dialog(desk).getByText("notes.json cannot be read as JSON.").waitFor();
    await choose(desk, await table(price("mistral-new", "2")));
    await dialog(desk).getByLabel("Note").fill(script);
    await press(desk, "Preview");
    await dialog(desk).getByText("1 price added, 0 changed, 0 removed").waitFor();
    await desk.isSound();
    await press(desk, "Bring it into force");
    await said(desk, "Version 1 of the prices is in force.");
    await desk.page.getByRole("row", { name: /Version 1/ }).getByText(script).waitFor();
    await desk.page.getByLabel("Model", { exact: true }).fill("mistral-new");
    await desk.page.getByText("1 price, in US dollars").waitFor();
    await desk.page.getByRole("row", { name: /mistral-new mistral \$2/ }).waitFor();
    await desk.shoot("settings-prices-light");

    await press(desk, "Price past use anew", desk.page);
    await press(desk, "Preview");
    await dialog(desk).getByText("3 of 3 events get another cost by version 1: $6.00 in all.").waitFor();
    await desk.isSound();
    await press(desk, "Price anew");
    await said(desk, "3 events of 3 have another cost by version 1: $6.00 in all.");
    await desk.page.getByText("Every model that was used has a price.").waitFor();
    await desk.close();
  });

  test("where somebody else was faster it says so, and goes on from theirs", async () => {
    const desk = await open("prices", { theme: "dark" });
    await press(desk, "Import a table", desk.page);
    await choose(desk, await table(price("mistral-newer", "3")));
    await press(desk, "Preview");
    await dialog(desk).getByText("1 price added").waitFor();
    const theirs = await world.admin("PUT", "/admin/prices", await table(price("mistral-other", "4")));
    assert.equal(theirs.status, 200, theirs.text);
    await press(desk, "Bring it into force");
    await dialog(desk).getByText("Changed by someone else.").waitFor();
    await desk.isSound();
    await press(desk, "Reload");
    await press(desk, "Preview");
    await dialog(desk).getByText("1 price added, 0 changed, 1 removed").waitFor();
    await press(desk, "Bring it into force");
    await said(desk, `Version ${theirs.body.version + 1} of the prices is in force.`);
    await desk.page.getByRole("link", { name: `Version ${theirs.body.version}`, exact: true }).click();
    await desk.page.getByRole("heading", { name: `Version ${theirs.body.version}`, exact: true }).waitFor();
    await desk.close();
  });

  test("a price table is saved as a file that can be brought in again", async () => {
    const desk = await open("prices");
    const [download] = await Promise.all([desk.page.waitForEvent("download"), press(desk, "Save as JSON", desk.page)]);
    const { rows } = JSON.parse(await readFile(await download.path(), "utf8"));
    assert.equal(rows.length, (await world.admin("GET", "/admin/prices")).body.num_rows);
    await desk.close();
  });
});

describe("tokens", () => {
  test("one is made with the scopes that are chosen, shown once, used, and revoked", async () => {
    const desk = await open("tokens");
    await desk.page.getByText("Everybody who comes in uses the bootstrap token.").waitFor();
    await desk.isSound();
    await press(desk, "New token", desk.page);
    await dialog(desk).getByLabel("Name").fill("support");
    await dialog(desk).getByLabel("tokens:read").check();
    await dialog(desk).getByLabel("config:read").check();
    await press(desk, "Preview");
    await dialog(desk).getByText("support may use config:read, tokens:read until").waitFor();
    await desk.isSound();
    await press(desk, "Make the token");
    const token = await dialog(desk).locator(".secret code").textContent();
    await desk.isSound();
    await press(desk, "Done");
    assert.ok(!(await desk.page.content()).includes(token));

    const theirs = await open("tokens", { token });
    await theirs.page.getByRole("row", { name: /support/ }).getByText("yours").waitFor();
    const off = theirs.page.getByRole("button", { name: "New token" });
    assert.equal(await off.getAttribute("title"), "Needs the scope tokens:write, which you were not given.");
    await theirs.page.getByRole("link", { name: "Plans" }).click();
    await theirs.page.getByText("Needs the scope plans:read").waitFor();
    await theirs.isSound();

    await desk.page.getByRole("button", { name: "Revoke support" }).click();
    await press(desk, "Preview");
    await press(desk, "Revoke it");
    await said(desk, "The token support is revoked.");
    await theirs.page.getByRole("link", { name: "Configuration" }).click();
    await theirs.page.getByLabel("Admin token").waitFor();
    await theirs.close();
    await desk.close();
  });

  test("the bootstrap token stays on while nobody else could make tokens", async () => {
    const desk = await open("tokens", { theme: "dark" });
    await press(desk, "Switch it off", desk.page);
    await press(desk, "Preview");
    await dialog(desk).getByRole("alert").waitFor();
    await desk.isSound();
    await press(desk, "Cancel");
    await desk.page.context().setOffline(true);
    await press(desk, "Switch it off", desk.page);
    await press(desk, "Preview");
    await dialog(desk).getByText("No connection to the service.").waitFor();
    await desk.page.context().setOffline(false);
    await desk.close();
  });
});

test("doctor's findings come worst first, secrets are never shown, and settings can be found", async () => {
  const desk = await open("configuration", { theme: "dark" });
  await desk.page.getByRole("row", { name: /webhooks warn/ }).getByText("latchkey webhook create").waitFor();
  const states = await desk.page.getByRole("region", { name: "What doctor finds, worst first" }).locator("td .badge").allTextContents();
  assert.deepEqual(states, states.toSorted((a, b) => ["fail", "warn", "ok"].indexOf(a) - ["fail", "warn", "ok"].indexOf(b)));
  const text = await desk.page.content();
  for (const secret of Object.values(world.secrets)) assert.ok(!text.includes(secret));
  await desk.page.getByLabel("Find", { exact: true }).fill("rate_limit");
  assert.equal(await desk.page.getByRole("region", { name: "Every setting" }).getByRole("row", { name: /MASTER_KEY/ }).count(), 0);
  await desk.page.getByRole("row", { name: /RATE_LIMIT_IP_PER_HOUR/ }).waitFor();
  await desk.isSound();
  await desk.shoot("settings-configuration-dark");
  await desk.close();
});

test("on a phone no part scrolls sideways, dialogs neither", async () => {
  const desk = await open("plans", { viewport: phone });
  const isNoWider = async (what) => {
    const [width, room] = await desk.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(width <= room, `${what}: ${width} > ${room}`);
    const dialogs = await desk.page.evaluate(() => [...document.querySelectorAll("dialog")].map((one) => one.scrollWidth - one.clientWidth));
    assert.ok(dialogs.every((excess) => excess <= 0), what);
  };
  for (const [name, button] of [["Plans", "New plan"], ["Prices", "Import a table"], ["Tokens", "New token"], ["Configuration", undefined]]) {
    await desk.page.getByRole("navigation", { name: "Parts of this page" }).getByRole("link", { name }).click();
    await desk.settled();
    await isNoWider(name);
    await desk.isSound();
    await desk.shoot(`settings-${name.toLowerCase()}-phone`);
    if (!button) continue;
    await press(desk, button, desk.page);
    await dialog(desk).waitFor();
    await isNoWider(button);
    await desk.page.keyboard.press("Escape");
  }
  await desk.close();
});
