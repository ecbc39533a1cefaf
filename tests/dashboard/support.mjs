// The dashboard in a real browser: Chromium against the built Worker on workerd, with everything that happened in the
// page held against what must not happen there.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { root } from "../support/miniflare.mjs";
import { openWorld } from "../support/world.mjs";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
export const shotsDir = join(root, "build/screenshots");
export const phone = { width: 390, height: 844 };
const desktop = { width: 1280, height: 900 };
const timeoutMs = 30_000; // Two browsers on two busy cores are slow, and slow is no fault.

// openDashboard: options as for openWorld. Gives the world, and
//   visit(options)  a page of its own: {theme: "light"|"dark", viewport, signedIn (true), token}
//   stop()          ends browser and world
export async function openDashboard(options = {}) {
  const world = await openWorld({ dashboard: true, ...options });
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  return {
    world,
    visit: (how) => visit(world, browser, how),
    stop: async () => {
      await browser.close();
      await world.stop();
    },
  };
}

async function visit(world, browser, { theme = "light", viewport = desktop, signedIn = true, token, route = "" } = {}) {
  const context = await browser.newContext({
    viewport, colorScheme: theme, reducedMotion: "reduce", locale: "en-GB", timezoneId: "Europe/Berlin",
  });
  context.setDefaultTimeout(timeoutMs);
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => {
    // An answer that is no success is what some tests are about; the browser logs each.
    const isAnswer = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isAnswer) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`page: ${error.message}`));
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith("http") && host !== world.url.host) faults.push(`elsewhere: ${request.url()}`);
  });
  await page.addInitScript(() => {
    globalThis.violations = [];
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      globalThis.violations.push(`${violatedDirective} ${blockedURI}`);
    });
  });
  await page.goto(new URL(`/admin/${route}`, world.url).href);
  const desk = new Desk(page, faults);
  if (signedIn) await desk.signIn(token ?? world.secrets.ADMIN_TOKEN);
  return desk;
}

// Desk: one page of the dashboard, and short words for what tests do to it.
export class Desk {
  constructor(page, faults) {
    this.page = page;
    this.faults = faults;
  }

  async signIn(token) {
    await this.page.getByLabel("Admin token").fill(token);
    await this.page.getByRole("button", { name: "Sign in" }).click();
    await this.page.getByRole("navigation", { name: "Pages", exact: true }).waitFor();
  }

  async go(name) {
    const link = this.page.getByRole("navigation", { name: "Pages", exact: true }).getByRole("link", { name, exact: true });
    await link.click();
    await link.and(this.page.locator("[aria-current=page]")).waitFor();
    await this.settled();
  }

  // at: the view of an address within the dashboard, such as #/usage/plans.
  async at(route) {
    await this.page.evaluate(async (hash) => {
      location.hash = hash;
      for (let frames = 0; frames < 2; frames++) await new Promise((resolve) => requestAnimationFrame(resolve));
    }, route);
    await this.settled();
  }

  // settled: nothing is loading any more.
  async settled() {
    await this.page.waitForFunction(() =>
      document.querySelector("main h1") && !document.querySelector(".loading, [aria-busy='true']"));
  }

  // isSound: no violation of the policy, no error, nothing from elsewhere; and axe finds nothing.
  async isSound() {
    const violations = await this.page.evaluate(() => globalThis.violations);
    assert.deepEqual([...this.faults, ...violations], []);
    await this.isAccessible();
  }

  async isAccessible() {
    if (!(await this.page.evaluate(() => "axe" in globalThis))) await this.page.evaluate(await readFile(axePath, "utf8"));
    const { violations } = await this.page.evaluate(() => globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }));
    const lines = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
    assert.deepEqual(lines, []);
  }

  // shoot: a picture of the whole page, for people: build/screenshots/NAME.png.
  async shoot(name) {
    mkdirSync(shotsDir, { recursive: true });
    await this.page.screenshot({ path: join(shotsDir, `${name}.png`), fullPage: true });
  }

  async close() {
    await this.page.context().close();
  }
}
