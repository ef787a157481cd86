/** oauth4webapi: every answer is checked as RFC 9207, RFC 7636 and OpenID Connect say; a strict app also proves its key (RFC 9449), nonce included. */
import { base, refusal, say, told, visit } from "./ground.mjs";
import * as oauth from "oauth4webapi";

const plain = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(base);
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, plain));
const client = { client_id: told.client_id };
const authentication = told.secret ? oauth.ClientSecretBasic(told.secret) : oauth.None();
const DPoP = told.strict ? oauth.DPoP(client, await oauth.generateKeyPair("ES256")) : undefined;
const options = { ...plain, DPoP };
const resource = told.strict ? { resource: `${base}/fhir` } : {};

const verifier = oauth.generateRandomCodeVerifier();
const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
const asked = {
  client_id: told.client_id,
  response_type: "code",
  redirect_uri: told.redirect_uri,
  scope: told.scope,
  aud: `${base}/fhir`,
  state,
  nonce,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  ...resource,
};

const back = await visit(await addressOf(asked));
const elsewhere = new URL(back);
elsewhere.searchParams.set("iss", "https://elsewhere.example");
const mixedUp = await refusal(() => oauth.validateAuthResponse(server, client, elsewhere, state));
const callback = oauth.validateAuthResponse(server, client, back, state);

const tokens = await withNonce(
  () => oauth.authorizationCodeGrantRequest(server, client, authentication, callback, told.redirect_uri, verifier, { ...options, additionalParameters: resource }),
  (answer) => oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce, requireIdToken: true }),
);
const claims = oauth.getValidatedIdTokenClaims(tokens);
const userinfo = await withNonce(
  () => oauth.userInfoRequest(server, client, tokens.access_token, options),
  (answer) => oauth.processUserInfoResponse(server, client, claims.sub, answer),
);
const found = await withNonce(
  () => oauth.protectedResourceRequest(tokens.access_token, "GET", new URL(`${base}/fhir/Observation?patient=${tokens.patient}&code=44261-6`), new Headers(), undefined, options),
  (answer) => answer.json(),
);

say({
  issuer_said: callback.get("iss"),
  mixed_up: mixedUp,
  token_type: tokens.token_type,
  scope: tokens.scope,
  patient: tokens.patient,
  claims,
  userinfo,
  found: (found.entry ?? []).map((entry) => entry.resource.resourceType),
  bearer_alone: told.strict ? (await fetch(`${base}/fhir/Patient/${tokens.patient}`, { headers: { Authorization: `Bearer ${tokens.access_token}` } })).status : null,
});

/** Where the person goes: the request itself, or what stands for it once it was pushed (RFC 9126). */
async function addressOf(parameters) {
  const address = new URL(server.authorization_endpoint);
  const pushed = told.strict
    ? await withNonce(
        () => oauth.pushedAuthorizationRequest(server, client, authentication, parameters, options),
        (answer) => oauth.processPushedAuthorizationResponse(server, client, answer),
      )
    : null;
  address.search = new URLSearchParams(pushed ? { client_id: client.client_id, request_uri: pushed.request_uri } : parameters);
  return address;
}

/** Once more if the server asks for a nonce in the proof (RFC 9449 section 8): the library has kept it from the first answer. */
async function withNonce(ask, read) {
  try {
    return await read(await ask());
  } catch (fault) {
    if (!oauth.isDPoPNonceError(fault)) throw fault;
    return await read(await ask());
  }
}
