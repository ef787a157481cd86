/** @medplum/core against a server that is not Medplum: it gets a system's token by a signed assertion, reads, pages, creates, updates. */
import { base, refusal, say, told } from "./ground.mjs";
import { MedplumClient } from "@medplum/core";

const addresses = { baseUrl: base, fhirUrlPath: "fhir", tokenUrl: "oauth/token", authorizeUrl: "oauth/authorize" };

// Medplum's token requests name no scope, which SMART's backend services must; its `fetch` option is the place to add one.
const unchanged = new MedplumClient(addresses);
const noScope = await refusal(() => unchanged.startJwtAssertionLogin(told.assertions[0]));
const bySecret = await refusal(() => unchanged.startClientLogin(told.client_id, "a secret"));
const withScope = (url, init) => fetch(url, url.endsWith("/oauth/token") ? { ...init, body: `${init.body}&${new URLSearchParams({ scope: told.scope })}` } : init);

const client = new MedplumClient({ ...addresses, fetch: withScope });
await client.startJwtAssertionLogin(told.assertions[1]);
const patient = await client.searchOne("Patient", "family=Okafor");
const pages = [];
for await (const page of client.searchResourcePages("Observation", { patient: patient.id, code: "44261-6", _count: "5" })) pages.push(page.map((one) => one.id));
const order = { resourceType: "MedicationRequest", status: "active", intent: "order", medicationCodeableConcept: { text: "Sertraline 50 mg" }, subject: { reference: `Patient/${patient.id}` } };
const created = await client.createResource(order);
const updated = await client.updateResource({ ...created, status: "on-hold" });
const missing = await refusal(() => client.readResource("Patient", "nobody"));

say({
  no_scope: noScope?.message,
  by_secret: bySecret?.message,
  read: (await client.readResource("Patient", patient.id)).id === patient.id,
  pages,
  versions: [created.meta.versionId, updated.meta.versionId],
  history: (await client.readHistory("MedicationRequest", created.id)).entry.map((entry) => entry.resource.status),
  missing: missing?.message,
});
