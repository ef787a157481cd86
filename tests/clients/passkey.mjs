/** A person enrols by the link they were given, with a passkey of Chromium's virtual authenticator, and signs in with it: alone, as the second step, and not without proof. */
import { open, picture } from "./browser.mjs";
import { base, say, told } from "./ground.mjs";

const { browser, page } = await open();
const visible = (selector) => page.waitForSelector(selector, { visible: true });
const heading = () => page.$eval("h1", (node) => node.innerText);
const press = async (selector) => { await Promise.all([page.waitForNavigation({ waitUntil: "load" }), (await visible(selector)).click()]); return heading(); };
const passkeyButton = (action) => `form[data-passkey][action="${action}"] button`;

try {
  const cdp = await page.createCDPSession();
  await cdp.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options });
  const held = async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials;

  await page.goto(told.link, { waitUntil: "load" });
  await picture(page, "enrol");
  await page.type("#password", told.password);
  await page.type("#again", told.password);
  const second = await press("form button[type=submit]");
  await picture(page, "enrol-second");
  const codes = await press(passkeyButton("/enrol/second"));
  await picture(page, "recovery-codes");
  const [kept] = await held();

  await page.goto(`${base}/account`, { waitUntil: "load" });
  await picture(page, "account");
  const signOut = () => press('form[action="/sign-out"] button');
  const out = await signOut();
  await picture(page, "signed-out");

  await page.goto(`${base}/sign-in?next=/account`, { waitUntil: "load" });
  await picture(page, "sign-in");
  const alone = await press(passkeyButton("/sign-in/passkey"));
  const path = new URL(page.url()).pathname;
  const [used] = await held();
  await signOut();

  await page.goto(`${base}/sign-in?next=/account`, { waitUntil: "load" });
  await page.type("#name", told.name);
  await page.type("#password", told.password);
  const step = await press('form[action="/sign-in"] button');
  await picture(page, "second-step");
  const afterPassword = await press(passkeyButton("/sign-in/second"));
  await signOut();

  // Someone who holds the device and cannot open it: the authenticator says no, and the page says what to do.
  await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await page.goto(`${base}/sign-in?next=/account`, { waitUntil: "load" });
  await (await visible(passkeyButton("/sign-in/passkey"))).click();
  const alert = await (await visible("form[data-passkey] [role=alert]")).evaluate((node) => node.innerText);
  await picture(page, "refused");
  say({ second, codes, out, alone, path, step, afterPassword, alert, still: new URL(page.url()).pathname, rp: kept.rpId, resident: kept.isResidentCredential, counted: used.signCount > kept.signCount });
} finally {
  await browser.close();
}
