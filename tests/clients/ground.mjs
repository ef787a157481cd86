/**
 * What every script here stands on: what it was told, how a person is asked to open an address, and how it says what it got.
 *
 * A script is started as `node NAME.mjs BASE JSON`: the gateway's address and whatever else the flow needs. It writes JSON lines.
 * {"visit": URL} asks whoever started it to go there as a person with a browser would, and to write back the address at which the app is
 * met again; {"code": true} asks for the digits of their authenticator app; {"got": ...} is the end. What goes wrong is an exception: it ends the script, and its text is the test's message.
 */
import { webcrypto } from "node:crypto";
import { createInterface } from "node:readline";

// Node 18 has both, but not under these names.
globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;

// Short enough to read in a test's report.
process.on("uncaughtException", (fault) => {
  const cause = fault.cause && JSON.stringify({ status: fault.cause.status, url: fault.cause.url, body: fault.cause.body, parameters: fault.cause.parameters });
  process.stderr.write([fault.stack, fault.error, fault.error_description, cause].filter(Boolean).join("\n"));
  process.exit(1);
});

export const base = process.argv[2];
export const told = JSON.parse(process.argv[3] ?? "{}");

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** What the person's authenticator app shows now. */
export async function code() {
  write({ code: true });
  return (await lines.next()).value;
}

/** Send the person to `url`; returns the address that brought them back. */
export async function visit(url) {
  write({ visit: String(url) });
  const { value } = await lines.next();
  return new URL(value);
}

/** The result, and the end: nothing that a client left open keeps the script alive. */
export function say(got) {
  write({ got });
  process.exitCode = 0;
  process.stdin.destroy();
}

/** What was thrown, for a flow in which a refusal is what should happen. */
export async function refusal(attempt) {
  try {
    await attempt();
  } catch (fault) {
    return { name: fault.constructor.name, message: fault.message, code: fault.code ?? null, error: fault.error ?? null, status: fault.status ?? null };
  }
  return null;
}

function write(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
