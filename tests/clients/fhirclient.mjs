/** SMART's own client, fhirclient, as its authors ship it for browsers: an EHR launch and a standalone launch in Chromium, from our pages to the app and back. */
import { left, open, picture, through } from "./browser.mjs";
import { base, refusal, say, told } from "./ground.mjs";
import { packaged, page as html, serve } from "./app.mjs";

const script = '<script src="fhir-client.js"></script>';
const asked = JSON.stringify({ clientId: told.client_id, scope: told.scope, redirectUri: "index.html", ...(told.secret ? { clientSecret: told.secret } : {}) });
const origin = await serve(told.port, {
  "fhir-client.js": packaged("fhirclient/build/fhir-client.js"),
  "launch.html": html(script, `await FHIR.oauth2.authorize(${asked});`),
  "index.html": html(
    script,
    `const client = await FHIR.oauth2.ready();
     const before = client.state.tokenResponse;
     const patient = await client.patient.read();
     const observations = await client.request("Observation?patient=" + client.patient.id + "&_count=5", { pageLimit: 2, flat: true });
     const user = client.user.fhirUser ? await client.user.read() : null;
     const encounter = client.encounter.id ? await client.encounter.read() : null;
     await client.refresh();
     const after = client.state.tokenResponse;
     const again = await client.patient.read();
     window.got = {
       patient, user, encounter, again: again.id, granted: before.scope, token_type: before.token_type, banner: before.need_patient_banner, style: before.smart_style_url,
       observations: observations.map((one) => one.id), turned: after.access_token !== before.access_token && after.refresh_token !== before.refresh_token,
       idToken: client.getIdToken ? client.getIdToken() : null, fhirUser: client.getFhirUser(), address: location.href,
     };`,
  ),
});

const { browser, page } = await open();
try {
  // Either the app is opened by itself, or from our side, for a client who is chosen there.
  await page.goto(told.launch === "ehr" ? `${base}/launch` : `${origin}/launch.html?iss=${encodeURIComponent(`${base}/fhir`)}`, { waitUntil: "load" });
  await page.waitForFunction((here) => !location.href.startsWith(`${here}/launch.html`), {}, origin);
  const before = await through(page);
  if (page.url().startsWith(`${origin}/launch.html`)) await page.waitForFunction((here) => !location.href.startsWith(`${here}/launch.html`), {}, origin);
  const after = await through(page);
  const got = await left(page);
  await picture(page, "app");

  // The person takes it back on the page of the account; the app, opened once more, is told so.
  await page.goto(`${base}/account`, { waitUntil: "load" });
  await picture(page, "account");
  const listed = await page.evaluate(() => document.body.innerText);
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.click('form[action="/account/end-app"] button')]);
  await page.goto(`${origin}/index.html`, { waitUntil: "load" });
  const cutOff = await refusal(() => left(page));
  say({ ...got, met: [...before, ...after], listed, cut_off: cutOff?.message });
} finally {
  await browser.close();
}
