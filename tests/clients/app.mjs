/** The app's own site on a port of its own: another origin than the gateway, so that what a browser allows across origins is really asked. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript", mjs: "text/javascript" };

/** A file of an installed package, by its path below node_modules. */
export function packaged(path) {
  return readFileSync(fileURLToPath(new URL(`node_modules/${path}`, import.meta.url)));
}

/** Serve `files` (name to content) on `port` of this machine until the script ends; any query is ignored, as a static site does. */
export async function serve(port, files) {
  const server = createServer((request, response) => {
    const name = new URL(request.url, "http://app").pathname.slice(1) || "index.html";
    response.writeHead(name in files ? 200 : 404, { "Content-Type": TYPES[name.split(".").pop()] ?? "text/plain" });
    response.end(files[name] ?? "");
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  server.unref();
  return `http://127.0.0.1:${port}`;
}

/** A page with these scripts in it; what it finds out it leaves in `window.got`, what goes wrong in `window.fault`. */
export function page(head, script) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>App</title><link rel="icon" href="data:,">${head}</head><body><script type="module">
try { ${script} } catch (fault) { console.error(fault); window.fault = String(fault.stack ?? fault); }
</script></body></html>`;
}
