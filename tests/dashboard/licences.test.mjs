// The licences of the dashboard: the list, acts on many, and one licence, start to finish.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openDashboard, phone } from "./support.mjs";
import { machineOf, tokenWith, useOf } from "./seed.mjs";

const script = `<img src=x onerror=alert(1)>`;

let dashboard;
let world;
let ada; // Used, with a budget, and script in every text that she and we can write.
before(async () => {
  dashboard = await openDashboard();
  ({ world } = dashboard);
});
after(() => dashboard.stop());

const dialogOf = (desk) => desk.page.getByRole("dialog");
const button = (of, name) => of.getByRole("button", { name, exact: true });
const show = async (id) => (await world.admin("GET", `/admin/licenses/${id}`)).body;

// inDialog: previews, and does it.
async function inDialog(desk, verb, typed) {
  const dialog = dialogOf(desk);
  await button(dialog, "Preview").click();
  await dialog.getByText("What will happen").waitFor();
  if (typed) await dialog.getByLabel(`Type ${typed} to confirm`).fill(typed);
  await button(dialog, verb).click();
}

async function openOne(desk, id) {
  await desk.page.evaluate((hash) => { location.hash = hash; }, `#/licences/${id}`);
  await desk.page.getByRole("heading", { name: /^Licence / }).waitFor();
  await desk.settled();
}

const said = (desk, text) => desk.page.locator(".notices").getByText(text).waitFor();

test("without licences the list says what to do first", async () => {
  const desk = await dashboard.visit({ route: "#/licences" });
  await desk.page.getByText("There is no licence yet.").waitFor();
  await desk.settled();
  await desk.isSound();
  await desk.shoot("licences-empty");
  await desk.close();
});

test("licences are created by keyboard alone, and their codes shown once", async () => {
  const desk = await dashboard.visit({ route: "#/licences" });
  const { page } = desk;
  await desk.settled();
  const dialog = dialogOf(desk);
  await button(page, "Create licences").focus();
  await page.keyboard.press("Enter");
  await dialog.getByLabel("How many").waitFor();
  while (!(await dialog.getByLabel("How many").evaluate((field) => field === document.activeElement))) await page.keyboard.press("Tab");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("3");
  await page.keyboard.press("Enter");
  await dialog.getByText("What will happen").waitFor();
  assert.match(await dialog.locator(".preview").innerText(), /3 licences will be created/);
  assert.equal(await world.number("SELECT count(*) FROM licenses"), 0);
  await page.keyboard.press("Enter");
  await dialog.getByText("shown only here").waitFor();
  const codes = await dialog.locator(".codes code").allInnerTexts();
  assert.equal(codes.length, 3);
  await desk.isSound();
  const download = page.waitForEvent("download");
  await button(dialog, "Save as CSV").click();
  const file = await (await download).createReadStream();
  const text = Buffer.concat(await file.toArray()).toString();
  for (const code of codes) assert.ok(text.includes(code));
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await said(desk, "3 licences created.");
  assert.ok(!(await page.content()).includes(codes[0]));
  assert.equal(await button(page, "Create licences").evaluate((one) => one === document.activeElement), true);
  assert.equal((await world.provision({ license_id: codes[0], machine_id: "m-1", delivery: "plain" })).status, 200);
  await desk.close();
});

test("a list is found by holder, narrowed by what stands in the address, and a code is not looked for", async () => {
  ada = await world.license({ holder: { name: `Ada ${script}`, email: "ada@example.com" }, note: `Old shop ${script}` });
  const machine = await machineOf(world, ada.code, { app_version: script });
  await useOf(world, ada.code, machine);
  const [{ id }] = (await world.admin("GET", `/admin/licenses/${ada.id}/machines`)).body.data;
  assert.equal((await world.admin("PATCH", `/admin/machines/${id}`, { name: script })).status, 200);
  await world.admin("PATCH", `/admin/licenses/${ada.id}`, { budget: { daily: "2", monthly: "9", total: null }, enforcement: "warn" });
  await world.sync();

  const desk = await dashboard.visit({ route: "#/licences" });
  const { page } = desk;
  await desk.settled();
  assert.equal(await page.getByRole("rowheader").count(), 4);
  await page.getByRole("searchbox", { name: "Find" }).fill("ada@example.com");
  await button(page, "Find").click();
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  await desk.settled();
  assert.ok(!page.url().includes("ada"));
  assert.ok((await page.getByRole("row").nth(1).innerText()).includes(script));
  await desk.isSound();
  await page.getByRole("searchbox", { name: "Find" }).fill("WF-ABCDE");
  await button(page, "Find").click();
  await page.getByText("Codes can't be searched for").waitFor();
  await page.getByRole("searchbox", { name: "Find" }).fill("");
  await page.getByLabel("Status").selectOption("revoked");
  await page.getByText("No licence is like that.").waitFor();
  assert.match(page.url(), /status=revoked/);
  await page.getByLabel("Status").selectOption("active");
  await page.getByLabel("Never used").check();
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 2);
  await page.getByRole("searchbox", { name: "Find" }).fill(ada.id);
  await button(page, "Find").click();
  await page.getByRole("heading", { name: `Licence ${ada.code_hint}` }).waitFor();
  await page.goBack();
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 2);
  await desk.close();
});

for (const theme of ["light", "dark"]) {
  test(`every view is sound, ${theme}`, async () => {
    const desk = await dashboard.visit({ theme, route: "#/licences" });
    await desk.settled();
    await desk.isSound();
    await desk.shoot(`licences-${theme}`);
    await openOne(desk, ada.id);
    assert.equal(await desk.page.locator("img").count(), 0);
    assert.ok((await desk.page.locator(".quote").innerText()).includes(script));
    await desk.isSound();
    await desk.shoot(`licence-${theme}`);
    for (const act of ["Extend", "Change terms", "Revoke"]) {
      await button(desk.page, act).click();
      await dialogOf(desk).waitFor();
      await desk.isSound();
      await desk.shoot(`licence-${act.toLowerCase().replace(" ", "-")}-${theme}`);
      await desk.page.keyboard.press("Escape");
    }
    await desk.close();
  });
}

test("on a phone nothing is wider than the page", async () => {
  const desk = await dashboard.visit({ viewport: phone, route: "#/licences" });
  const isNarrow = async () => assert.equal(await desk.page.evaluate(() => document.documentElement.scrollWidth), phone.width);
  await desk.settled();
  await isNarrow();
  await desk.isSound();
  await desk.shoot("licences-phone");
  await openOne(desk, ada.id);
  await isNarrow();
  await desk.isSound();
  await desk.shoot("licence-phone");
  await button(desk.page, "Change terms").click();
  await isNarrow();
  await desk.shoot("licence-change-terms-phone");
  await desk.close();
});

test("one licence: use, scores, machines, terms, a new code, suspended, reinstated and revoked", async () => {
  const desk = await dashboard.visit({ route: `#/licences/${ada.id}` });
  const { page } = desk;
  const dialog = dialogOf(desk);
  await desk.settled();
  assert.match(await page.locator(".budget").first().innerText(), /of \$2\.00/);
  assert.equal(await page.locator("figure.plot canvas").count(), 2);
  assert.match(await page.getByRole("region", { name: "Sharing", exact: true }).innerText(), /of 100/);

  await button(page, `Rename ${script}`).click();
  await dialog.getByLabel("Name").fill("Ada's desk");
  await inDialog(desk, "Rename");
  await said(desk, "The machine is called Ada's desk.");
  await button(page, "Release Ada's desk").click();
  await inDialog(desk, "Release");
  await said(desk, "The seat of Ada's desk is free.");
  await page.getByText("0 of 3 seats are taken.").waitFor();
  assert.equal((await show(ada.id)).machines_used, 0);

  await button(page, "Change terms").click();
  await dialog.getByLabel("Seats").fill("5");
  await inDialog(desk, "Change terms");
  await said(desk, "has other terms");
  assert.equal((await show(ada.id)).max_machines, 5);

  await button(page, "Extend").click();
  await dialog.getByLabel("Days").fill("10");
  const end = Date.parse((await show(ada.id)).expires_at);
  await inDialog(desk, "Extend");
  await said(desk, "ends at another time");
  assert.equal(Date.parse((await show(ada.id)).expires_at) - end, 10 * 86_400_000);

  await button(page, "New code").click();
  await inDialog(desk, "Give a new code");
  await dialog.getByText("shown only here").waitFor();
  const code = await dialog.locator(".codes code").innerText();
  await button(dialog, "Done").click();
  assert.equal((await world.provision({ license_id: ada.code, machine_id: "m", delivery: "plain" })).status, 401);
  assert.equal((await world.provision({ license_id: code, machine_id: "m", delivery: "plain" })).status, 200);

  await button(page, "Suspend").click();
  await dialog.getByLabel("Reason").fill("Bad Reason");
  await button(dialog, "Preview").click();
  await dialog.getByRole("listitem").getByText("must be one word of a-z 0-9 _ -").waitFor();
  await dialog.getByLabel("Reason").fill("asked_for");
  await inDialog(desk, "Suspend");
  await said(desk, "is suspended");
  await button(page, "Reinstate").click();
  await inDialog(desk, "Reinstate");
  await said(desk, "is reinstated");
  await button(page, "Clear").click();
  await dialog.getByLabel("Look away for so many days").fill("7");
  await inDialog(desk, "Clear");
  await said(desk, "is forgotten");

  await button(page, "Revoke").click();
  await button(dialog, "Preview").click();
  await dialog.getByLabel("Type revoke to confirm").fill("revok");
  await button(dialog, "Revoke").click({ force: true });
  assert.equal((await show(ada.id)).status, "active");
  await dialog.getByLabel("Type revoke to confirm").fill("revoke");
  await button(dialog, "Revoke").click();
  await said(desk, "is revoked");
  await desk.settled();
  assert.equal((await show(ada.id)).status, "revoked");
  const history = page.getByRole("region", { name: "History", exact: true });
  assert.match(await history.innerText(), /Revoked[^]*Reinstated[^]*Suspended/);
  assert.match(await history.innerText(), /asked for/);
  assert.equal(await button(page, "Extend").getAttribute("aria-disabled"), "true");
  await desk.isSound();
  await desk.close();
});

test("what someone else changed meanwhile is said, read anew, and done then, with the fields kept", async () => {
  const { id } = await world.license();
  const desk = await dashboard.visit({ route: `#/licences/${id}` });
  const dialog = dialogOf(desk);
  await desk.settled();
  await button(desk.page, "Suspend").click();
  await dialog.getByLabel("Reason").fill("unpaid");
  await button(dialog, "Preview").click();
  await dialog.getByText("What will happen").waitFor();
  await world.admin("PATCH", `/admin/licenses/${id}`, { note: "someone else" });
  await button(dialog, "Suspend").click();
  await dialog.getByText("Changed by someone else.").waitFor();
  await desk.isSound();
  await button(dialog, "Reload").click();
  assert.equal(await dialog.getByLabel("Reason").inputValue(), "unpaid");
  await inDialog(desk, "Suspend");
  await said(desk, "is suspended");
  assert.equal((await show(id)).status_reason, "unpaid");
  await desk.close();
});

test("a lost connection keeps what is there, and what was asked for is done once it is back", async () => {
  const { id } = await world.license();
  const desk = await dashboard.visit({ route: `#/licences/${id}` });
  const { page } = desk;
  const dialog = dialogOf(desk);
  await desk.settled();
  await button(page, "Revoke").click();
  await button(dialog, "Preview").click();
  await dialog.getByLabel("Type revoke to confirm").fill("revoke");
  await page.context().setOffline(true);
  await button(dialog, "Revoke").click();
  await dialog.getByText("No connection to the service.").waitFor();
  await page.context().setOffline(false);
  await button(dialog, "Revoke").click();
  await said(desk, "is revoked");
  assert.equal((await show(id)).status, "revoked");
  await desk.close();
});

test("without the scope to change, everything can be seen and what is off says why", async () => {
  const token = await tokenWith(world, "looker", ["licenses:read"]);
  const desk = await dashboard.visit({ token, route: `#/licences/${ada.id}` });
  const { page } = desk;
  await desk.settled();
  for (const name of ["Extend", "Revoke", "Edit the note"]) {
    assert.equal(await button(page, name).getAttribute("aria-disabled"), "true");
    assert.match(await button(page, name).getAttribute("title"), /Needs the scope licenses:write/);
  }
  await page.getByText("Needs the scope usage:read").waitFor();
  await desk.isSound();
  await desk.go("Licences");
  assert.match(await button(page, "Create licences").getAttribute("title"), /licenses:write/);
  // Plans are not readable either: a plan is typed.
  await page.getByRole("textbox", { name: "Plan" }).waitFor();
  await desk.isSound();
  await desk.close();
});

test("a licence that is not there is said to be", async () => {
  const desk = await dashboard.visit({ route: "#/licences/lic_00000000000000000000000000" });
  await desk.page.getByText("There is no licence with this id.").waitFor();
  await desk.settled();
  await desk.isSound();
  await desk.close();
});
