/** fhir-kit-client as its own SMART example goes: smartAuthMetadata() says where, simple-oauth2 gets the token, the client reads with it. */
import { base, refusal, say, told, visit } from "./ground.mjs";
import { createHash, randomBytes } from "node:crypto";
import { CapabilityTool, Client } from "fhir-kit-client";
import { AuthorizationCode } from "simple-oauth2";

const client = new Client({ baseUrl: `${base}/fhir` });
const { authorizeUrl, tokenUrl } = await client.smartAuthMetadata();
const flow = new AuthorizationCode({
  client: { id: told.client_id, secret: told.secret },
  auth: { tokenHost: tokenUrl.origin, tokenPath: tokenUrl.pathname, authorizeHost: authorizeUrl.origin, authorizePath: authorizeUrl.pathname },
});

// The example is older than SMART 2: it has no PKCE, which every app must send since.
const verifier = randomBytes(32).toString("base64url");
const address = flow.authorizeURL({
  redirect_uri: told.redirect_uri,
  scope: told.scope,
  state: told.state,
  aud: `${base}/fhir`,
  code_challenge: createHash("sha256").update(verifier).digest("base64url"),
  code_challenge_method: "S256",
});
const back = await visit(address);
const { token } = await flow.getToken({ code: back.searchParams.get("code"), redirect_uri: told.redirect_uri, code_verifier: verifier });

const stranger = await refusal(() => client.read({ resourceType: "Patient", id: token.patient }));
client.bearerToken = token.access_token;
const patient = await client.read({ resourceType: "Patient", id: token.patient });
const page = await client.search({ resourceType: "Observation", searchParams: { patient: token.patient, _count: "5" } });
const next = await client.nextPage({ bundle: page });
const able = new CapabilityTool(await client.capabilityStatement());
const fresh = await flow.createToken(token).refresh();
client.bearerToken = fresh.token.access_token;

say({
  state: back.searchParams.get("state"),
  scope: token.scope,
  patient,
  stranger: stranger?.message,
  pages: [page, next].map((one) => one.entry.map((entry) => entry.resource.id)),
  able: able.resourceCan("Patient", "read"),
  again: (await client.read({ resourceType: "Patient", id: token.patient })).id,
});
