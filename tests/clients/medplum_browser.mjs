/** @medplum/core in a browser: signInWithRedirect to our pages, the code, reads, and a refresh when its access token is no longer good. */
import { left, open, picture, through } from "./browser.mjs";
import { base, say, told } from "./ground.mjs";
import { packaged, page as html, serve } from "./app.mjs";

const login = JSON.stringify({ clientId: told.client_id, scope: told.scope }); // it is sent back to its own origin, "/"
const origin = await serve(told.port, {
  "medplum.mjs": packaged("@medplum/core/dist/esm/index.mjs"),
  "index.html": html(
    "",
    // SMART wants to know for which FHIR server the token is (aud). Medplum sends cookies and a header of its own along with every request, which a
    // gateway of another origin does not allow: its `fetch` option is the place to leave them out.
    `const { MedplumClient } = await import("./medplum.mjs");
     const fetched = [];
     const client = new MedplumClient({
       baseUrl: "${base}/", fhirUrlPath: "fhir", tokenUrl: "oauth/token", clientId: "${told.client_id}", cacheTime: 0,
       authorizeUrl: "oauth/authorize?" + new URLSearchParams({ aud: "${base}/fhir" }),
       fetch: async (url, init) => {
         const { "X-Medplum": own, ...headers } = init.headers;
         const answer = await fetch(url, { ...init, headers, credentials: "omit" });
         fetched.push(answer.status);
         return answer;
       },
     });
     await client.signInWithRedirect(${login});
     if (client.getAccessToken()) {
       const patients = await client.searchResources("Patient", {});
       const observations = await client.searchResources("Observation", { patient: patients[0].id, code: "44261-6" });
       const before = client.getAccessToken();
       await fetch("${base}/oauth/revoke", { method: "POST", body: new URLSearchParams({ client_id: "${told.client_id}", token: before }) });
       const again = await client.readResource("Patient", patients[0].id);
       window.got = { patient: patients[0], observations: observations.length, again: again.id, turned: before !== client.getAccessToken(), fetched };
     }`,
  ),
});

const { browser, page } = await open();
try {
  await page.goto(`${origin}/`, { waitUntil: "load" });
  await page.waitForFunction((here) => !location.href.startsWith(here), {}, origin);
  const met = await through(page);
  const got = await left(page);
  await picture(page, "app");
  say({ ...got, met });
} finally {
  await browser.close();
}
