/** SMART backend services with openid-client and oauth4webapi: a token for a system by its own key, and a search with it. */
import { base, refusal, say, told } from "./ground.mjs";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";

const { kid, ...jwk } = told.key;
const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-384" }, false, ["sign"]);
const metadata = await (await fetch(`${base}/fhir/.well-known/smart-configuration`)).json();
const server = { issuer: base, ...metadata };

// Both libraries name the issuer in `aud` and leave `typ` out; SMART 2.2.0 wants the token endpoint's URL and `typ` JWT, and both have the hook for it.
const asSmartSays = {
  [oauth.modifyAssertion]: (header, claims) => {
    header.typ = "JWT";
    claims.aud = server.token_endpoint;
  },
};

const config = new openid.Configuration(server, told.client_id, undefined, openid.PrivateKeyJwt({ key, kid }, asSmartSays));
openid.allowInsecureRequests(config);
const first = await openid.clientCredentialsGrant(config, { scope: told.scope });
const answer = await openid.fetchProtectedResource(config, first.access_token, new URL(`${base}/fhir/Patient?_count=1`), "GET");

const plain = { [oauth.allowInsecureRequests]: true };
const client = { client_id: told.client_id };
const ask = async (scope) =>
  oauth.processClientCredentialsResponse(server, client, await oauth.clientCredentialsGrantRequest(server, client, oauth.PrivateKeyJwt({ key, kid }, asSmartSays), { scope }, plain));
const second = await ask(told.scope);

say({
  openid_client: { token_type: first.token_type, expires_in: first.expires_in, scope: first.scope, status: answer.status, type: (await answer.json()).resourceType },
  oauth4webapi: { token_type: second.token_type, expires_in: second.expires_in, scope: second.scope },
  beyond: await refusal(() => ask("system/*.cruds")),
  unmodified: await refusal(async () => openid.clientCredentialsGrant(asIssuer(), { scope: told.scope })),
});

function asIssuer() {
  const unchanged = new openid.Configuration(server, told.client_id, undefined, openid.PrivateKeyJwt({ key, kid }));
  openid.allowInsecureRequests(unchanged);
  return unchanged;
}
