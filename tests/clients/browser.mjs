/** Chromium with nobody at it but this script, and the person who uses it: signs in, chooses, agrees, and keeps a picture of each page. */
import { base, code, told } from "./ground.mjs";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

const PATIENCE_MS = 30_000;

/** A browser window of its own profile; `window.heard` keeps what its console said, which is what a failed test wants to know. */
export async function open() {
  const browser = await puppeteer.launch({ executablePath: told.chromium, args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"] });
  const page = await browser.newPage();
  await page.setViewport({ width: 900, height: 900 });
  page.setDefaultTimeout(PATIENCE_MS);
  page.heard = [];
  page.on("console", (message) => page.heard.push(message.text()));
  page.on("requestfailed", (request) => page.heard.push(`failed: ${request.url().split("?")[0]} ${request.failure()?.errorText}`));
  return { browser, page };
}

/** Through our pages, one after the other, to the first that is not ours. Returns the names of those met. */
export async function through(page, { client = told.client, untick = [] } = {}) {
  const met = [];
  while (page.url().startsWith(base)) {
    const [name, act] = await next(page, client, untick);
    await picture(page, name);
    met.push(name);
    if (met.length > 12) throw new Error(`going round in circles: ${met}`);
    await Promise.all([page.waitForNavigation({ waitUntil: "load" }), act()]);
  }
  return met;
}

/** A picture of the page as it stands, `NAME.png` in the folder that the test gave. */
export async function picture(page, name) {
  if (told.pictures) await page.screenshot({ path: join(told.pictures, `${told.prefix ?? ""}${name}.png`), fullPage: true });
}

/** What the app's page left behind. */
export async function left(page) {
  await page.waitForFunction(() => window.got !== undefined || window.fault !== undefined).catch(() => {});
  const { got, fault } = await page.evaluate(() => ({ got: window.got, fault: window.fault }));
  if (got === undefined) throw new Error(`${fault ?? `the app did not finish at ${page.url()}`}\n${page.heard.join("\n")}`);
  return got;
}

/** Which page this is, by what it has to fill in, and what the person does there. */
async function next(page, client, untick) {
  const has = async (selector) => (await page.$(selector)) !== null;
  if (await has("input[name=password]")) {
    return ["sign-in", async () => { await page.type("input[name=name]", told.name); await page.type("input[name=password]", told.password); await page.click("form button[type=submit]"); }];
  }
  if (await has("input[name=code]")) return ["second-step", async () => { await page.type("input[name=code]", await code()); await page.click("form button[type=submit]"); }];
  if (await has("input[name=app]")) return ["launch-app", async () => { await page.click(`input[name=app][value="${told.client_id}"]`); await (await button(page, "Open")).click(); }];
  if (await has("button[name=patient]")) return ["client", async () => (await button(page, client)).click()];
  if (await has("button[name=encounter]")) return ["visit", async () => (await button(page, "No particular visit")).click()];
  if (await has("button[name=answer][value=allow]")) {
    return ["consent", async () => { for (const scope of untick) await page.click(`input[name=scope][value="${scope}"]`); await page.click("button[name=answer][value=allow]"); }];
  }
  throw new Error(`nothing to do at ${page.url().split("?")[0]}: ${await page.evaluate(() => document.body.innerText)}`);
}

async function button(page, words) {
  for (const one of await page.$$("button")) if ((await one.evaluate((node) => node.innerText)).includes(words)) return one;
  throw new Error(`no button says ${words}: ${await page.evaluate(() => document.body.innerText)}`);
}
