// Providers in the browser: a key is rotated from staging to retirement while machines come by, a leaked one is replaced, and
// neither happens by accident.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Providers } from "../support/providers.mjs";
import { freshMachine, providers as names } from "../support/world.mjs";
import { openDashboard, phone } from "./support.mjs";

let dash;
let world;
let providers;
let machines;
let code;
before(async () => {
  providers = await Providers.start();
  dash = await openDashboard({ vars: providers.vars });
  world = dash.world;
  for (const name of names) providers.keys[name].add(world.providerKeys[name]);
  ({ code } = await world.license({ max_machines: 10 }));
  machines = Array.from({ length: 4 }, freshMachine);
  for (const machine of machines) await provision(machine);
});
after(async () => {
  await dash?.stop();
  await providers?.stop();
});

async function provision(machine_id) {
  const { status, text, body } = await world.provision({ license_id: code, machine_id, delivery: "plain" });
  assert.equal(status, 200, text);
  return body.keys;
}

let numKeys = 0;
function freshKey(provider) {
  const key = `sk-${provider}-${++numKeys}-${freshMachine()}`;
  providers.keys[provider].add(key);
  return key;
}

const begin = async (provider, more = {}) =>
  (await world.admin("POST", "/admin/rotations", { provider, api_key: freshKey(provider), ...more })).body;

async function open(how = {}) {
  const desk = await dash.visit({ route: "#/providers", ...how });
  await desk.settled();
  return desk;
}

const dialog = (desk) => desk.page.getByRole("dialog");
const press = (desk, name, where = dialog(desk)) => where.getByRole("button", { name, exact: true }).click();
// card: the section of a provider's open rotation.
const card = (desk, provider) => desk.page.getByRole("region", { name: new RegExp(`^${provider}: version`) });
const isNow = (desk, provider, step) => card(desk, provider).locator("[aria-current=step]").filter({ hasText: step }).waitFor();

async function isNoWider(desk) {
  const [width, room] = await desk.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(width <= room, `${width} > ${room}`);
}

test("without rotations the page says what to do first, and whose key comes from where", async () => {
  const desk = await open();
  await desk.page.getByText("No key was rotated yet.").waitFor();
  assert.equal(await desk.page.getByRole("row", { name: /Worker secret/ }).count(), names.length);
  await desk.isSound();
  await desk.close();
});

test("a key is staged, verified, published, taken over by machines and retired", async () => {
  const desk = await open();
  const key = freshKey("mistral");
  await press(desk, "Rotate mistral", desk.page);
  await dialog(desk).getByLabel("New key", { exact: true }).fill(key);
  await press(desk, "Preview");
  await dialog(desk).getByText("mistral takes the new key (HTTP 200).").waitFor();
  await dialog(desk).getByText("No client gets it until you publish it.").waitFor();
  await desk.isSound();
  assert.equal(await world.number("SELECT count(*) FROM rotations WHERE provider = 'mistral'"), 0, "a preview stores nothing");
  await press(desk, "Begin");
  await isNow(desk, "mistral", "Publish");
  assert.equal((await provision(machines[0])).mistral.api_key, world.providerKeys.mistral);

  await press(desk, "Publish: mistral", card(desk, "mistral"));
  await press(desk, "Preview");
  await dialog(desk).getByText(/Keep version 1 valid at mistral until its grace ends/).waitFor();
  await press(desk, "Publish");
  await isNow(desk, "mistral", "Adoption");
  await desk.page.getByRole("status").getByText("Clients get the new key.").waitFor();

  // Machines come by; the page sees it by itself.
  for (const machine of machines.slice(0, 3)) assert.equal((await provision(machine)).mistral.api_key, key);
  await card(desk, "mistral").getByText("3 of 4 that were seen").waitFor();
  await card(desk, "mistral").getByText("75%").waitFor();
  await desk.isSound();
  await desk.shoot("providers-light");

  providers.keys.mistral.delete(world.providerKeys.mistral);
  await press(desk, "Retire the old key: mistral", card(desk, "mistral"));
  await press(desk, "Preview");
  await dialog(desk).getByText("The grace of version 1 ends now").waitFor();
  await press(desk, "Retire the old key");
  await desk.page.getByRole("status").getByText("mistral: The old key is gone").waitFor();
  await desk.page.getByRole("row", { name: /^mistral retired/ }).getByRole("link", { name: "mistral" }).click();
  await desk.page.getByText("MISTRAL_API_KEY", { exact: true }).waitFor();
  await desk.isSound();
  assert.ok(!(await desk.page.content()).includes(key));
  await desk.close();
});

test("a leaked key is replaced by keyboard alone, once its provider's name was typed", async () => {
  const desk = await open({ theme: "dark" });
  const { keyboard } = desk.page;
  await desk.page.getByRole("button", { name: "Emergency rotation of qwen" }).focus();
  await keyboard.press("Enter");
  await dialog(desk).waitFor();
  await keyboard.type(freshKey("qwen"));
  await keyboard.press("Enter");
  await dialog(desk).getByText("Version 1 is deleted here at once.").waitFor();
  const doIt = dialog(desk).getByRole("button", { name: "Replace it now" });
  assert.equal(await doIt.getAttribute("aria-disabled"), "true");
  await keyboard.press("Enter");
  await keyboard.press("Tab");
  await keyboard.type("qwen");
  await desk.isSound();
  await keyboard.press("Enter");
  await desk.page.getByRole("row", { name: /^qwen retired emergency/ }).waitFor();
  assert.equal(await world.number("SELECT count(*) FROM provider_keys WHERE provider = 'qwen' AND version = 2 AND sealed IS NOT NULL"), 1);
  assert.ok(await desk.page.getByRole("button", { name: "Emergency rotation of qwen" }).evaluate((button) => button === document.activeElement));
  await desk.shoot("providers-dark");
  await desk.isSound();
  await desk.close();
});

describe("what goes wrong is said", () => {
  test("a key that its provider refuses, and one that is none", async () => {
    const desk = await open();
    await press(desk, "Rotate kimi", desk.page);
    const field = dialog(desk).getByLabel("New key", { exact: true });
    await field.fill("<img src=x onerror=alert(1)>");
    await press(desk, "Preview");
    await dialog(desk).getByText("must be one word of 8 to 4096 bytes").first().waitFor();
    await field.fill("sk-kimi-of-somebody-else");
    await press(desk, "Preview");
    await dialog(desk).getByText("kimi refuses the new key (HTTP 401). Nothing would change.").waitFor();
    await desk.isSound();
    await desk.close();
  });

  test("a provider that cannot be asked leaves the key staged, to be verified again", async () => {
    providers.statuses.zhipu = 500;
    await begin("zhipu");
    const desk = await open();
    await isNow(desk, "zhipu", "Verify");
    providers.statuses = {};
    await press(desk, "Verify again: zhipu", card(desk, "zhipu"));
    await press(desk, "Preview");
    await dialog(desk).getByText("zhipu takes the new key").waitFor();
    await press(desk, "Verify again");
    await isNow(desk, "zhipu", "Publish");
    await press(desk, "Cancel the rotation: zhipu", card(desk, "zhipu"));
    await press(desk, "Preview");
    await press(desk, "Cancel the rotation");
    await desk.page.getByRole("row", { name: /^zhipu cancelled/ }).waitFor();
    await desk.close();
  });

  test("a lost connection keeps what was typed, and the act can be done again", async () => {
    const desk = await open();
    await press(desk, "Set key of yandex", desk.page);
    await dialog(desk).getByLabel("New key", { exact: true }).fill("AQVN-a-new-key-of-yandex");
    await press(desk, "Preview");
    await dialog(desk).getByText("Nobody asks yandex whether it works.").waitFor();
    await dialog(desk).getByLabel("Type yandex to confirm").fill("yandex");
    await desk.page.context().setOffline(true);
    await press(desk, "Set the key");
    await dialog(desk).getByText("No connection to the service.").waitFor();
    await desk.page.context().setOffline(false);
    await press(desk, "Set the key");
    await desk.page.getByRole("status").getByText("yandex has a new key: version 2 is published.").waitFor();
    await desk.close();
  });
});

test("what a token may not do is disabled and says why; what it may not see is not asked for", async () => {
  const { body } = await world.admin("POST", "/admin/tokens", { name: "looker", scopes: ["providers:read"] });
  const desk = await open({ token: body.token });
  const rotate = desk.page.getByRole("button", { name: "Rotate deepseek" });
  assert.equal(await rotate.getAttribute("title"), "Needs the scope rotation:write, which you were not given.");
  await rotate.click({ force: true });
  assert.equal(await dialog(desk).count(), 0);
  await desk.page.getByText("Needs the scope rotation:read").waitFor();
  assert.equal((await world.audit("action = 'admin.denied' AND reason = 'wrong_scope'")).length, 0);
  await desk.isSound();
  await desk.close();
});

test("on a phone the page does not scroll sideways, and waits for the time that was chosen", async () => {
  const desk = await open({ viewport: phone });
  await press(desk, "Rotate deepseek", desk.page);
  await dialog(desk).getByLabel("New key", { exact: true }).fill(freshKey("deepseek"));
  await dialog(desk).getByLabel("Publish it").selectOption("at");
  await dialog(desk).getByLabel("Publish at").fill("2037-01-31T09:00");
  await press(desk, "Preview");
  await dialog(desk).getByText("It is published by itself on 31 Jan 2037, 09:00.").waitFor();
  await isNoWider(desk);
  await press(desk, "Begin");
  await isNow(desk, "deepseek", "Publish");
  assert.equal(await world.number("SELECT publish_at FROM rotations WHERE provider = 'deepseek'"), Date.parse("2037-01-31T08:00:00Z"));
  await isNoWider(desk);
  await desk.shoot("providers-phone");
  await desk.isSound();
  await desk.close();
});
