// Acts on many licences, by keyboard too; the import of a list; and a service with 100,000 licences.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openDashboard, phone } from "./support.mjs";
import { manyLicences } from "./seed.mjs";

let dashboard;
let world;
before(async () => {
  dashboard = await openDashboard();
  ({ world } = dashboard);
});
after(() => dashboard.stop());

const button = (of, name) => of.getByRole("button", { name, exact: true });
const num = (where, ...values) => world.number(`SELECT count(*) FROM licenses WHERE ${where}`, ...values);
const said = (desk, text) => desk.page.locator(".notices").getByText(text).waitFor();

test("those picked are suspended by keyboard alone; one that changed meanwhile is left and said", async () => {
  const { body } = await world.admin("POST", "/admin/licenses", { count: 5, holder: { name: "Team" } });
  const stale = body.licenses[4].id;
  const desk = await dashboard.visit({ route: "#/licences" });
  const { page } = desk;
  const dialog = page.getByRole("dialog");
  await desk.settled();
  assert.match(await button(page, "Suspend").getAttribute("title"), /Pick licences/);
  await page.getByLabel("Select all on this page").focus();
  await page.keyboard.press("Space");
  await page.getByText("5 licences picked").waitFor();
  await world.admin("PATCH", `/admin/licenses/${stale}`, { note: "someone else" });
  await button(page, "Suspend").focus();
  await page.keyboard.press("Enter");
  await dialog.getByLabel("Reason").waitFor();
  await page.keyboard.type("unpaid");
  await page.keyboard.press("Enter");
  await dialog.getByText("What will happen").waitFor();
  assert.equal(await num("status = 'suspended'"), 0);
  await desk.isSound();
  await dialog.getByLabel("Type suspend to confirm").focus();
  await page.keyboard.type("suspend");
  await page.keyboard.press("Enter");
  await dialog.getByText("4 licences suspended, 1 refused").waitFor();
  assert.match(await dialog.innerText(), /Changed by someone else/);
  await desk.isSound();
  await button(dialog, "Done").focus();
  await page.keyboard.press("Enter");
  await said(desk, "4 licences suspended, 1 refused.");
  assert.equal(await num("status = 'suspended' AND status_reason = 'unpaid'"), 4);
  await desk.settled();
  await desk.close();
});

test("all that a filter finds are extended slice by slice; a lost connection stops it, and it goes on from there", async () => {
  await world.admin("POST", "/admin/licenses", { count: 450, expires_at: "2031-01-01" });
  const desk = await dashboard.visit({ route: "#/licences?status=active" });
  const { page } = desk;
  const dialog = page.getByRole("dialog");
  await desk.settled();
  await page.getByLabel("Act on").selectOption("all");
  await button(page, "Extend").click();
  await dialog.getByLabel("Days").fill("31");
  await dialog.getByLabel("Only those that end before").fill("2031-02-01");
  await button(dialog, "Preview").click();
  await dialog.getByText("451 licences are found").waitFor();
  await desk.isSound();
  await desk.shoot("licences-bulk-preview");
  // The second slice is done, but its answer is lost.
  let numBulk = 0;
  await page.route("**/admin/licenses/bulk", async (route) => {
    numBulk++;
    if (numBulk !== 2) return route.continue();
    await route.fetch();
    await route.abort();
  });
  await button(dialog, "Extend").click();
  await dialog.getByText("No connection to the service.").waitFor();
  await desk.shoot("licences-bulk-stopped");
  await button(dialog, "Go on").click();
  await dialog.getByText("Done: 451 of 451").waitFor();
  assert.match(await dialog.innerText(), /451 licences extended\./);
  await button(dialog, "Done").click();
  assert.equal(await num("expires_at = ?", Date.parse("2031-02-01T00:00:00Z")), 450);
  await desk.close();
});

function csvOf(rows) {
  return ["email,code,plan,expires_at,max_machines,holder_name,note", ...rows].join("\r\n");
}

test("a list is checked, imported in slices with a report for each line, and can be imported again", async () => {
  const rows = Array.from({ length: 1200 }, (_, at) => `reader${at}@example.com,,,2030-06-01,2,"Reader, ${at}","says ""hi"""`);
  rows.push(",,,,,,generated"); // Line 1202.
  rows.push("not-an-address,,,,,,");
  rows.push("x@example.com,,,,many,,");
  rows.push("y@example.com,short");
  rows.push('z@example.com,,,,,,"<img src=x onerror=alert(1)>"');
  rows.push(',,no-such-<img src=x onerror=alert(1)>,,,,');
  rows.push(",,,,,,");
  const file = { name: "readers.csv", mimeType: "text/csv", buffer: Buffer.from(csvOf(rows)) };
  const before = await num("1 = 1");
  const desk = await dashboard.visit({ route: "#/licences/import" });
  const { page } = desk;
  await desk.settled();
  await desk.isSound();
  await desk.shoot("licences-import");
  await page.getByLabel("CSV file").setInputFiles(file);
  await page.getByText("1,204 rows can be read, 2 lines can't").waitFor();
  await page.getByText("2 rows have neither code nor e-mail address.").waitFor();
  assert.match(await button(page, "Import 1,204 rows").getAttribute("title"), /Check the list first/);
  await button(page, "Check").click();
  await page.getByText("1,202 would be created, 0 exist already, 4 failed.").first().waitFor();
  assert.equal(await num("1 = 1"), before);
  // The second slice's answer is lost: its rows are made once.
  let numImports = 0;
  await page.route("**/admin/licenses/import", async (route) => {
    numImports++;
    if (numImports !== 2) return route.continue();
    await route.fetch();
    await route.abort();
  });
  await button(page, "Import 1,204 rows").click();
  await page.getByText("No connection to the service.").waitFor();
  await button(page, "Go on").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("This code is shown only here.").waitFor();
  await desk.isSound();
  await button(dialog, "I have stored them").click();
  await page.getByText("1,202 created, 0 exist already, 4 failed.").first().waitFor();
  assert.equal(await num("1 = 1"), before + 1202);
  assert.equal(await num("note = ?", 'says "hi"'), 1200);
  await page.getByLabel("Lines", { exact: true }).selectOption("error");
  const table = page.getByRole("region", { name: "What became of each line" });
  assert.match(await table.innerText(), /1,203\s+Failed[^]*1,204\s+Failed[^]*whole number[^]*1,205\s+Failed/);
  assert.match(await table.innerText(), /2 fields where the header names 7/);
  assert.match(await table.innerText(), /no-such-<img/);
  assert.equal(await page.locator("img").count(), 0);
  await desk.isSound();
  await desk.shoot("licences-import-report");
  const download = page.waitForEvent("download");
  await button(page, "Save the report").click();
  const report = Buffer.concat(await (await (await download).createReadStream()).toArray()).toString();
  assert.equal(report.trim().split("\r\n").length, 1 + 1206);
  assert.ok(!report.includes("WF-"));

  await button(page, "Check").click();
  await page.getByText("1 would be created, 1,201 exist already, 4 failed.").first().waitFor();
  await page.getByLabel("CSV file").setInputFiles({ ...file, buffer: Buffer.from("email,colour\nx@example.com,red\n") });
  await page.getByText("Line 1: unknown column “colour”").waitFor();
  await page.setViewportSize(phone);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), phone.width);
  await desk.isSound();
  await desk.close();
});

test("of 100,000 licences a page takes one request and reads a few rows for each that it shows", async () => {
  await manyLicences(world, 100_000);
  const desk = await dashboard.visit({ route: "#/licences" });
  const { page } = desk;
  await page.locator("tbody tr").first().waitFor();
  const asked = [];
  page.on("response", (answer) => {
    if (new URL(answer.url()).pathname.startsWith("/admin/licenses")) asked.push(answer.headers()["x-request-id"]);
  });
  const rowsOf = () => page.locator("tbody tr").count();
  const turn = async (act) => {
    asked.length = 0;
    await act();
    await desk.settled();
    assert.equal(asked.length, 1);
    assert.equal(await rowsOf(), 50);
    const { d1_round_trips: trips, d1_rows_read: read } = await recordOf(asked[0]);
    // One looks whether the bootstrap token counts, one reads the page.
    assert.equal(trips, 2);
    assert.ok(read <= 300, `${read} rows read`);
  };
  await turn(async () => {
    await page.reload();
    await desk.signIn(world.secrets.ADMIN_TOKEN);
    await page.getByText("Page 1").waitFor();
  });
  for (let number = 2; number <= 4; number++) {
    await turn(async () => {
      await button(page, "Next").click();
      await page.getByText(`Page ${number}`).waitFor();
      await page.locator("tbody tr").first().waitFor();
    });
  }
  await turn(async () => {
    await button(page, "Previous").click();
    await page.getByText("Page 3").waitFor();
    await page.locator("tbody tr").first().waitFor();
  });
  await turn(async () => {
    await page.getByLabel("Status").selectOption("suspended");
    await page.getByText("Page 1").waitFor();
    await page.locator("tbody tr").first().waitFor();
  });
  await desk.isSound();
  await desk.close();
});

// recordOf: what the log says that a request cost.
async function recordOf(id) {
  for (let tries = 0; tries < 500; tries++) {
    const line = world.logs.find(({ record }) => record?.event === "request" && record.request_id === id);
    if (line) return line.record;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`no record of ${id}`);
}
