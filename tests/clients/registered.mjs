/** openid-client registers its app by itself (RFC 7591) at the address that discovery names. */
import { base, say, told } from "./ground.mjs";
import * as openid from "openid-client";

const asked = { client_name: told.name, redirect_uris: [told.redirect_uri], scope: told.scope, token_endpoint_auth_method: "client_secret_basic" };
const server = await openid.dynamicClientRegistration(new URL(base), asked, undefined, { execute: [openid.allowInsecureRequests] });
const { client_id, client_secret } = server.clientMetadata();
say({ client_id, secret: client_secret, at: server.serverMetadata().registration_endpoint });
