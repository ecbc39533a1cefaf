// The frame of the dashboard: what it is served with, signing in and out, what a token may not do, a token that ends, a
// lost connection, and that it is light enough.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { root } from "../support/miniflare.mjs";
import { openDashboard, phone } from "./support.mjs";

const kilobyte = 1024;
const bytesMax = 150 * kilobyte;

let desk;
let dashboard;
before(async () => {
  dashboard = await openDashboard();
});
after(() => dashboard.stop());

const pages = ["Overview", "Licences", "Providers", "Usage", "Data", "Alerts", "Settings"];

describe("what is served", () => {
  const get = (path) => fetch(new URL(path, dashboard.world.url), { redirect: "manual" });

  test("has a policy that allows nothing inline, no eval, and nothing from elsewhere", async () => {
    const { headers } = await get("/admin/");
    const policy = Object.fromEntries(headers.get("content-security-policy").split("; ").map((one) => {
      const [name, ...values] = one.split(" ");
      return [name, values];
    }));
    assert.deepEqual(policy["default-src"], ["'none'"]);
    assert.deepEqual(policy["script-src"], ["'self'", "'wasm-unsafe-eval'"]);
    assert.deepEqual(policy["style-src"], ["'self'"]);
    assert.deepEqual(policy["frame-ancestors"], ["'none'"]);
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
  });

  test("leaves the API's paths to the core", async () => {
    assert.equal((await get("/admin")).headers.get("location"), "/admin/");
    assert.equal((await get("/admin/licenses")).status, 401);
    assert.equal((await get("/admin/assets/none.js")).headers.get("content-type"), "application/problem+json");
  });

  test("is under 150 KB gzipped, the client module apart", () => {
    const assets = join(root, "build/dashboard/admin/assets");
    const names = readdirSync(assets).filter((name) => /\.(js|css)$/.test(name));
    const bytes = names.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0);
    assert.ok(bytes < bytesMax, `${bytes} bytes`);
  });
});

describe("signing in", () => {
  test("says what is wrong with a token, keeps none, and opens with a right one", async () => {
    desk = await dashboard.visit({ signedIn: false });
    await desk.isSound();
    await desk.shoot("sign-in");
    await desk.page.getByLabel("Admin token").fill("lk_admin_wrong");
    await desk.page.getByRole("button", { name: "Sign in" }).click();
    await desk.page.getByRole("alert").getByText(/token/i).waitFor();
    await desk.isSound();
    await desk.signIn(dashboard.world.secrets.ADMIN_TOKEN);
    await desk.settled();
    const kept = await desk.page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, document.body.innerHTML]));
    assert.ok(!kept.includes(dashboard.world.secrets.ADMIN_TOKEN));
    await desk.page.reload();
    await desk.page.getByLabel("Admin token").waitFor();
    await desk.close();
  });

  test("by keyboard alone: in, to a page, past the navigation, out", async () => {
    desk = await dashboard.visit({ signedIn: false });
    const { keyboard } = desk.page;
    await desk.page.getByLabel("Admin token").focus();
    await keyboard.type(dashboard.world.secrets.ADMIN_TOKEN);
    await keyboard.press("Enter");
    await desk.page.getByRole("navigation", { name: "Pages", exact: true }).waitFor();
    await desk.settled();
    const focused = () => desk.page.evaluate(() => document.activeElement?.textContent);
    const tabTo = async (text) => {
      for (let presses = 0; presses < 30 && (await focused()) !== text; presses++) await keyboard.press("Tab");
      assert.equal(await focused(), text);
    };
    await tabTo("Alerts");
    await keyboard.press("Enter");
    await desk.page.getByRole("heading", { level: 1, name: "Alerts" }).waitFor();
    await tabTo("Sign out");
    await keyboard.press("Enter");
    await desk.page.getByLabel("Admin token").waitFor();
    await desk.close();
  });

  test("a token that ends in the middle is asked for again, above a page that keeps its state", async () => {
    const made = await dashboard.world.admin("POST", "/admin/tokens", { name: "ends", scopes: ["*"] });
    desk = await dashboard.visit({ token: made.body.token });
    await desk.go("Licences");
    const place = desk.page.url();
    assert.equal((await dashboard.world.admin("DELETE", `/admin/tokens/${made.body.id}`)).status, 200);
    await desk.page.getByRole("link", { name: "Alerts", exact: true }).click();
    await desk.page.getByLabel("Admin token").waitFor();
    await desk.signIn(dashboard.world.secrets.ADMIN_TOKEN);
    await desk.settled();
    assert.notEqual(desk.page.url(), place);
    await desk.page.getByRole("heading", { level: 1, name: "Alerts" }).waitFor();
    await desk.isSound();
    await desk.close();
  });
});

describe("every page", () => {
  for (const theme of ["light", "dark"]) {
    test(`is sound in ${theme}, and fits a phone`, async () => {
      desk = await dashboard.visit({ theme });
      for (const name of pages) {
        await desk.go(name);
        await desk.isSound();
        await desk.page.setViewportSize(phone);
        const { scroll, width } = await desk.page.evaluate(() => ({
          scroll: document.documentElement.scrollWidth, width: document.documentElement.clientWidth,
        }));
        assert.ok(scroll <= width, `${name} is ${scroll} wide on ${width}`);
        await desk.isSound();
        await desk.page.setViewportSize({ width: 1280, height: 900 });
      }
      await desk.close();
    });
  }

  test("with a token that may not read it says what it lacks", async () => {
    const made = await dashboard.world.admin("POST", "/admin/tokens", { name: "narrow", scopes: ["licenses:read"] });
    desk = await dashboard.visit({ token: made.body.token });
    await desk.go("Alerts");
    await desk.page.getByRole("main").getByText("alerts:read").first().waitFor();
    await desk.isSound();
    await desk.close();
  });
});
