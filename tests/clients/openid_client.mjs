/** openid-client: discovery, PKCE, a verified id_token, userinfo, a read, a refresh, revocation and signing out; with PAR and DPoP for a strict app. */
import { base, refusal, say, told, visit } from "./ground.mjs";
import * as openid from "openid-client";

const authentication = told.secret ? openid.ClientSecretBasic(told.secret) : openid.None();
const server = await openid.discovery(new URL(base), told.client_id, undefined, authentication, { execute: [openid.allowInsecureRequests] });
const bound = told.strict ? { DPoP: openid.getDPoPHandle(server, await openid.randomDPoPKeyPair("ES256")) } : undefined;
const resource = told.strict ? { resource: `${base}/fhir` } : undefined;

const verifier = openid.randomPKCECodeVerifier();
const [state, nonce] = [openid.randomState(), openid.randomNonce()];
const asked = {
  redirect_uri: told.redirect_uri,
  scope: told.scope,
  aud: `${base}/fhir`,
  state,
  nonce,
  code_challenge: await openid.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  ...resource,
};
const address = told.strict ? await openid.buildAuthorizationUrlWithPAR(server, asked, bound) : openid.buildAuthorizationUrl(server, asked);

const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
const back = await visit(address);
const tokens = await openid.authorizationCodeGrant(server, back, checks, resource, bound);
const claims = tokens.claims();
const userinfo = await openid.fetchUserInfo(server, tokens.access_token, claims.sub, bound);
const patient = await read(tokens.access_token, `Patient/${tokens.patient}`);

const fresh = await openid.refreshTokenGrant(server, tokens.refresh_token, undefined, bound);
const again = await read(fresh.access_token, `Patient/${fresh.patient ?? tokens.patient}`);
await openid.tokenRevocation(server, fresh.refresh_token);
const afterRevocation = await refusal(() => openid.refreshTokenGrant(server, fresh.refresh_token, undefined, bound));
const leaving = { id_token_hint: tokens.id_token, post_logout_redirect_uri: told.left_at, state };
const left = told.left_at ? await visit(openid.buildEndSessionUrl(server, leaving)) : null;

say({
  address: address.href,
  callback: Object.fromEntries(back.searchParams),
  token_type: tokens.token_type,
  scope: tokens.scope,
  expires_in: tokens.expires_in,
  patient: tokens.patient,
  claims,
  userinfo,
  read: [patient, again],
  turned: fresh.refresh_token !== tokens.refresh_token,
  after_revocation: afterRevocation,
  left: left?.href,
  state,
});

async function read(token, path) {
  const headers = new Headers({ Accept: "application/fhir+json" });
  const answer = await openid.fetchProtectedResource(server, token, new URL(`${base}/fhir/${path}`), "GET", undefined, headers, bound);
  return { status: answer.status, resource: await answer.json() };
}
