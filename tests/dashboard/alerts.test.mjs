// Alerts in the browser: what is wrong is seen, kept quiet and resolved; webhooks hear of it; the audit log is verified here, and
// a forged record is found.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Providers } from "../support/providers.mjs";
import { WebhookReceiver } from "../support/webhook_receiver.mjs";
import { freshMachine, providers as names } from "../support/world.mjs";
import { openDashboard, phone } from "./support.mjs";

const script = "<img src=x onerror=alert(1)>";
const refused = ["mistral", "kimi", "qwen"];

let dash;
let world;
let providers;
let receiver;
before(async () => {
  [providers, receiver] = await Promise.all([Providers.start(), WebhookReceiver.start()]);
  dash = await openDashboard({ vars: { ...providers.vars, WEBHOOK_ALLOW_LOOPBACK: "1", KEY_CHECK_MINUTES: "60" } });
  world = dash.world;
  for (const name of names) providers.keys[name].add(world.providerKeys[name]);
});
after(async () => {
  await dash?.stop();
  await Promise.all([providers, receiver].map((server) => server?.stop()));
});

async function open(route = "#/alerts", how = {}) {
  const desk = await dash.visit({ route, ...how });
  await desk.settled();
  return desk;
}

const dialog = (desk) => desk.page.getByRole("dialog");
const press = (desk, name, where = dialog(desk)) => where.getByRole("button", { name, exact: true }).click();
const said = (desk, text) => desk.page.getByRole("status").getByText(text).waitFor();
const tab = async (desk, name) => {
  await desk.page.getByRole("navigation", { name: "Parts of this page" }).getByRole("link", { name }).click();
  await desk.settled();
};
const previewed = async (desk, verb) => {
  await press(desk, "Preview");
  await press(desk, verb);
};

async function refuse() {
  for (const name of refused) providers.statuses[name] = 401;
  await world.db.prepare("UPDATE key_checks SET due_at = 1").run();
  for (let i = 0; i < names.length / 2; i++) await world.sync();
  providers.statuses = {};
}

test("where nothing is wrong yet, each part says so, and what to do first", async () => {
  const desk = await open();
  await desk.page.getByText("Nothing is open: all is well.").waitFor();
  await desk.isSound();
  await tab(desk, "Webhooks");
  await desk.page.getByText("Nobody is told of alerts yet.").waitFor();
  await tab(desk, "Audit");
  await desk.page.getByText("No head was signed yet.").waitFor();
  await desk.isSound();
  await desk.close();
});

test("a webhook is made, tested, changed, paused and deleted; its secret is shown once", async () => {
  const desk = await open("#/alerts/webhooks", { theme: "dark" });
  await press(desk, "New webhook", desk.page);
  await dialog(desk).getByLabel("Name").fill(`ops ${script}`);
  await dialog(desk).getByLabel("Address").fill("http://10.0.0.1/alerts");
  await press(desk, "Preview");
  await dialog(desk).getByRole("alert").waitFor();
  await dialog(desk).getByLabel("Address").fill(receiver.url);
  await press(desk, "Preview");
  await dialog(desk).getByText("every alert from info on").waitFor();
  await desk.isSound();
  await press(desk, "Make it");
  const secret = await dialog(desk).locator(".secret code").textContent();
  assert.match(secret, /^whsec_/);
  receiver.secret = secret;
  await desk.isSound();
  await press(desk, "Done");
  assert.ok(!(await desk.page.content()).includes(secret));

  await desk.page.getByRole("link", { name: `ops ${script}` }).click();
  await press(desk, "Test", desk.page);
  await previewed(desk, "Post a test message");
  await said(desk, "took the test message (HTTP 204)");
  assert.equal(receiver.received.at(-1).body.type, "webhook.test");
  await desk.page.getByRole("cell", { name: "delivered", exact: true }).waitFor();
  await desk.isSound();
  await desk.shoot("alerts-webhook-dark");

  await press(desk, "Rotate the secret", desk.page);
  await previewed(desk, "Make a new secret");
  assert.notEqual(await dialog(desk).locator(".secret code").textContent(), secret);
  receiver.secret = await dialog(desk).locator(".secret code").textContent();
  await press(desk, "Done");

  await press(desk, "Change", desk.page);
  await dialog(desk).getByLabel("Name").fill("pager");
  await dialog(desk).getByLabel("Every kind of alert").uncheck();
  await dialog(desk).getByLabel("provider key refused").check();
  await previewed(desk, "Change it");
  await desk.page.getByRole("heading", { name: "pager" }).waitFor();
  await press(desk, "Pause", desk.page);
  await previewed(desk, "Pause");
  await said(desk, "The webhook pager is paused.");
  await press(desk, "Switch on", desk.page);
  await previewed(desk, "Switch on");
  await said(desk, "The webhook pager is active.");

  await press(desk, "Delete", desk.page);
  await press(desk, "Preview");
  await dialog(desk).getByLabel("Type pager to confirm").fill("page");
  assert.equal(await dialog(desk).getByRole("button", { name: "Delete it" }).getAttribute("aria-disabled"), "true");
  await dialog(desk).getByLabel("Type pager to confirm").fill("pager");
  await press(desk, "Delete it");
  await desk.page.getByText("Nobody is told of alerts yet.").waitFor();
  await desk.isSound();
  await desk.close();
});

test("a provider that refuses its key is an alert, which is acknowledged, snoozed and resolved", async () => {
  await refuse();
  const desk = await open();
  const row = (name) => desk.page.getByRole("row").filter({ hasText: name });
  await row("mistral").getByText("critical").waitFor();
  await desk.isSound();
  await desk.shoot("alerts-light");

  await row("mistral").getByRole("button", { name: /^Acknowledge/ }).click();
  await press(desk, "Preview");
  await dialog(desk).getByText("Webhooks hear of it again only if it gets worse.").waitFor();
  await desk.isSound();
  await press(desk, "Acknowledge");
  await said(desk, "A provider refuses its key (mistral) is acknowledged.");

  await row("kimi").getByRole("button", { name: /^Snooze/ }).click();
  await dialog(desk).getByLabel("For").selectOption("1 day");
  await previewed(desk, "Snooze");
  await row("kimi").getByText("snoozed").waitFor();

  await row("qwen").getByRole("button", { name: /^Resolve/ }).click();
  await previewed(desk, "Resolve");
  await said(desk, "(qwen) is resolved.");
  await desk.page.getByLabel("State").selectOption("Resolved");
  await row("qwen").getByRole("link", { name: "A provider refuses its key" }).click();
  await desk.page.getByText("HTTP 401").waitFor();
  await desk.page.getByText("latchkey rotation start --emergency").waitFor();
  await desk.isSound();
  await desk.close();
});

test("a rule is switched off by keyboard alone", async () => {
  const desk = await open("#/alerts/rules");
  const { keyboard } = desk.page;
  await desk.isSound();
  const change = desk.page.getByRole("button", { name: "Change the rule of cron_failed" });
  await change.focus();
  await keyboard.press("Enter");
  await dialog(desk).getByLabel("Raise alerts of this kind").waitFor();
  await keyboard.press("Space");
  await keyboard.press("Enter");
  await dialog(desk).getByText("No alert of this kind is raised any more.").waitFor();
  await keyboard.press("Enter");
  await said(desk, "A step of the scheduled work fails: off.");
  await desk.page.getByRole("row", { name: /cron_failed off/ }).waitFor();
  assert.ok(await change.evaluate((button) => button === document.activeElement));
  await desk.close();
});

describe("the audit log", () => {
  const verdict = (desk, text) => desk.page.getByRole("heading", { name: text }).waitFor();
  const sign = async (desk) => {
    await press(desk, "Make a checkpoint", desk.page);
    await press(desk, "Make a checkpoint");
    await said(desk, /A head over \d+ records is signed/);
    await desk.settled();
  };

  test("is searched, and each record shown whole", async () => {
    const { code } = await world.license({ note: script });
    await world.provision({ license_id: code, machine_id: freshMachine(), delivery: "plain" }, { "user-agent": script });
    const desk = await open("#/alerts/audit");
    await desk.page.getByLabel("Action").fill("provision.granted");
    await desk.page.keyboard.press("Enter");
    await desk.settled();
    assert.equal(await desk.page.getByRole("button", { name: /^Details of record/ }).count(), 1);
    await desk.page.getByRole("button", { name: /^Details of record/ }).click();
    await dialog(desk).getByText(script).waitFor();
    await desk.isSound();
    await desk.page.keyboard.press("Escape");
    await desk.page.getByLabel("Action").fill("no.such_action");
    await press(desk, "Search", desk.page);
    await desk.page.getByText("No record is like that.").waitFor();
    await desk.close();
  });

  test("is verified in the browser: signature, growth, and a record", async () => {
    const desk = await open("#/alerts/audit");
    await sign(desk);
    await press(desk, "Verify", desk.page);
    await verdict(desk, "Verified: what was checked holds.");
    await world.license();
    await sign(desk);
    await desk.page.getByLabel("And the record").fill("2");
    await press(desk, "Verify", desk.page);
    await desk.page.getByText("The log only grew").waitFor();
    await desk.page.getByText("Record 2 stands in the log under this head").waitFor();
    await desk.page.locator(".verdict pre").filter({ hasText: '"actor":' }).waitFor();
    await desk.isSound();
    await desk.shoot("alerts-audit-light");
    await desk.page.getByLabel("And the record").fill("100000");
    await press(desk, "Verify", desk.page);
    await desk.page.getByText("Record 100000 is not under this head yet").waitFor();
    await verdict(desk, "Verified: what was checked holds.");
    await desk.close();
  });

  test("that was changed behind the service's back does not verify", async () => {
    const desk = await open("#/alerts/audit", { theme: "dark" });
    await world.db.prepare("UPDATE audit_log SET actor = 'admin:nobody' WHERE seq = 2").run();
    await desk.page.getByRole("button", { name: "Details of record 2", exact: true }).click();
    await press(desk, "Verify this record");
    await verdict(desk, "Not verified: the audit log does not hold!");
    await dialog(desk).getByText("Record 2 is not what was signed.").waitFor();
    await desk.isSound();
    await desk.shoot("alerts-audit-dark");
    await desk.close();
  });

  test("is not verified where the connection is lost, and can be asked again", async () => {
    const desk = await open("#/alerts/audit");
    await desk.page.context().setOffline(true);
    await press(desk, "Verify", desk.page);
    await desk.page.getByRole("alert").waitFor();
    await desk.page.context().setOffline(false);
    await press(desk, "Verify", desk.page);
    await verdict(desk, "Verified: what was checked holds.");
    await desk.close();
  });
});

test("on a phone no part scrolls sideways; who may only read is told so", async () => {
  const { body } = await world.admin("POST", "/admin/tokens", { name: "looker", scopes: ["alerts:read", "audit:read"] });
  const desk = await open("#/alerts?state=all", { viewport: phone, token: body.token });
  const resolve = desk.page.getByRole("button", { name: /^Resolve/ }).first();
  assert.equal(await resolve.getAttribute("title"), "Needs the scope alerts:write, which you were not given.");
  for (const name of ["Alerts", "Rules", "Webhooks", "Audit"]) {
    await tab(desk, name);
    const [width, room] = await desk.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(width <= room, `${name}: ${width} > ${room}`);
    await desk.isSound();
    await desk.shoot(`alerts-${name.toLowerCase()}-phone`);
    if (name === "Webhooks") await desk.page.getByText("Needs the scope webhooks:read").waitFor();
  }
  await desk.close();
});
