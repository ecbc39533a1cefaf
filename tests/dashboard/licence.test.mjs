// One licence in the dashboard: what it shows, and all that can be done to it, start to finish.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openDashboard, phone, shotsDir } from "./support.mjs";
import { machineOf, tokenWith, useOf } from "./seed.mjs";

const script = `<img src=x onerror=alert(1)>`;

let dashboard;
let world;
let ada; // Used, with a budget, and script in every text that she and we can write.
before(async () => {
  dashboard = await openDashboard();
  ({ world } = dashboard);
  ada = await world.license({ holder: { name: `Ada ${script}`, email: "ada@example.com" }, note: `Old shop ${script}` });
  const machine = await machineOf(world, ada.code, { app_version: script });
  await useOf(world, ada.code, machine);
  const [{ id }] = (await world.admin("GET", `/admin/licenses/${ada.id}/machines`)).body.data;
  assert.equal((await world.admin("PATCH", `/admin/machines/${id}`, { name: script })).status, 200);
  await world.admin("PATCH", `/admin/licenses/${ada.id}`, { budget: { daily: "2", monthly: "9", total: null }, enforcement: "warn" });
  await world.sync();
});
after(() => dashboard.stop());

const dialogOf = (desk) => desk.page.getByRole("dialog");
const button = (of, name) => of.getByRole("button", { name, exact: true });
const show = async (id) => (await world.admin("GET", `/admin/licenses/${id}`)).body;
const said = (desk, text) => desk.page.locator(".notices").getByText(text).waitFor();

// inDialog: previews, and does it.
async function inDialog(desk, verb) {
  const dialog = dialogOf(desk);
  await button(dialog, "Preview").click();
  await dialog.getByText("What will happen").waitFor();
  await button(dialog, verb).click();
}

for (const theme of ["light", "dark"]) {
  test(`a licence and its dialogs are sound, ${theme}, with script shown as text`, async () => {
    const desk = await dashboard.visit({ theme, route: `#/licences/${ada.id}` });
    const dialog = dialogOf(desk);
    await desk.settled();
    assert.equal(await desk.page.locator("img").count(), 0);
    for (const part of [".quote", ".lead", "section:has-text('Machines') tbody"]) {
      assert.ok((await desk.page.locator(part).first().innerText()).includes(script), part);
    }
    await desk.isSound();
    await desk.shoot(`licence-${theme}`);
    await button(desk.page, "Change terms").click();
    await dialog.getByLabel("Seats").waitFor();
    await desk.isSound();
    await desk.shoot(`licence-terms-${theme}`);
    await desk.page.keyboard.press("Escape");
    await button(desk.page, "Revoke").click();
    await button(dialog, "Preview").click();
    await dialog.getByLabel("Type revoke to confirm").fill("revoke");
    await desk.isSound();
    await desk.shoot(`licence-revoke-${theme}`);
    await desk.close();
  });
}

test("on a phone a licence is no wider than the page", async () => {
  const desk = await dashboard.visit({ viewport: phone, route: `#/licences/${ada.id}` });
  const isNarrow = async () => assert.equal(await desk.page.evaluate(() => document.documentElement.scrollWidth), phone.width);
  await desk.settled();
  await isNarrow();
  await desk.isSound();
  await desk.shoot("licence-phone");
  await button(desk.page, "Change terms").click();
  await isNarrow();
  await desk.page.screenshot({ path: `${shotsDir}/licence-terms-phone.png` });
  await desk.close();
});

test("without the scopes to change and to read use, all else can be seen, and what is off says why", async () => {
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

test("a token that ends in the middle is asked for again, and what was begun goes on", async () => {
  const token = await tokenWith(world, "ending", ["licenses:read", "licenses:write"]);
  const { id } = await world.license();
  const desk = await dashboard.visit({ token, route: `#/licences/${id}` });
  const dialog = desk.page.getByRole("dialog", { name: /^Suspend/ });
  await desk.settled();
  await button(desk.page, "Suspend").click();
  await dialog.getByLabel("Reason").fill("unpaid");
  const { data } = (await world.admin("GET", "/admin/tokens")).body;
  const { status } = await world.admin("DELETE", `/admin/tokens/${data.find(({ name }) => name === "ending").id}`);
  assert.equal(status, 200);
  await button(dialog, "Preview").click();
  await desk.page.getByLabel("Admin token").waitFor();
  await desk.isSound();
  await desk.signIn(world.secrets.ADMIN_TOKEN);
  assert.equal(await dialog.getByLabel("Reason").inputValue(), "unpaid");
  await inDialog(desk, "Suspend");
  await said(desk, "is suspended");
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

test("a licence that is not there is said to be", async () => {
  const desk = await dashboard.visit({ route: "#/licences/lic_00000000000000000000000000" });
  await desk.page.getByText("There is no licence with this id.").waitFor();
  await desk.settled();
  await desk.isSound();
  await desk.close();
});
