// The list of licences in the dashboard: created, found, narrowed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openDashboard, phone } from "./support.mjs";
import { tokenWith } from "./seed.mjs";

const script = `<img src=x onerror=alert(1)>`;

let dashboard;
let world;
before(async () => {
  dashboard = await openDashboard();
  ({ world } = dashboard);
});
after(() => dashboard.stop());

const dialogOf = (desk) => desk.page.getByRole("dialog");
const button = (of, name) => of.getByRole("button", { name, exact: true });

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
  // What can't be had again is not lost by a slip of the hand.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await dialog.getByText(codes[2]).waitFor();
  const isOnDone = () => button(dialog, "Done").evaluate((one) => one === document.activeElement);
  for (let tabs = 0; tabs < 10 && !(await isOnDone()); tabs++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  await said(desk, "3 licences created.");
  assert.ok(!(await page.content()).includes(codes[0]));
  assert.equal(await button(page, "Create licences").evaluate((one) => one === document.activeElement), true);
  assert.equal((await world.provision({ license_id: codes[0], machine_id: "m-1", delivery: "plain" })).status, 200);
  await desk.close();
});

test("a list is found by holder, narrowed by what stands in the address, and a code is not looked for", async () => {
  const ada = await world.license({ holder: { name: `Ada ${script}`, email: "ada@example.com" } });
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
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 3);
  await page.getByRole("searchbox", { name: "Find" }).fill(ada.id);
  await button(page, "Find").click();
  await page.getByRole("heading", { name: `Licence ${ada.code_hint}` }).waitFor();
  await page.goBack();
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 3);
  await desk.close();
});

for (const theme of ["light", "dark"]) {
  test(`the list and its dialog are sound, ${theme}`, async () => {
    const desk = await dashboard.visit({ theme, route: "#/licences" });
    await desk.settled();
    await desk.isSound();
    await desk.shoot(`licences-${theme}`);
    await button(desk.page, "Create licences").click();
    await button(dialogOf(desk), "Preview").click();
    await dialogOf(desk).getByText("What will happen").waitFor();
    await desk.isSound();
    await desk.shoot(`licences-create-${theme}`);
    await desk.close();
  });
}

test("on a phone the list is no wider than the page", async () => {
  const desk = await dashboard.visit({ viewport: phone, route: "#/licences" });
  await desk.settled();
  assert.equal(await desk.page.evaluate(() => document.documentElement.scrollWidth), phone.width);
  await desk.isSound();
  await desk.shoot("licences-phone");
  await desk.close();
});

test("without the scopes to change and to read plans, the list says why, and a plan is typed", async () => {
  const token = await tokenWith(world, "looker", ["licenses:read"]);
  const desk = await dashboard.visit({ token, route: "#/licences" });
  const { page } = desk;
  await desk.settled();
  for (const name of ["Create licences", "Suspend"]) {
    assert.equal(await button(page, name).getAttribute("aria-disabled"), "true");
    assert.match(await button(page, name).getAttribute("title"), /Needs the scope licenses:write/);
  }
  await page.getByRole("textbox", { name: "Plan" }).fill("pro");
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 4);
  await desk.settled();
  await desk.isSound();
  await desk.close();
});
