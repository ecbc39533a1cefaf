// Bundles worker/dashboard to build/dashboard, which the Worker serves as static assets:
//   admin/index.html         the page
//   admin/assets/*-HASH.*    its code, styles and pages; named by their content, so they are kept for good
//   admin/assets/client-*/   the client module (build/client), which verifies the audit log; left out where it is not built
//   _headers                 what they are served with
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const source = join(root, "worker/dashboard");
const target = join(root, "build/dashboard");
const assets = join(target, "admin/assets");

// Nothing inline, nothing from elsewhere; wasm-unsafe-eval lets the client module be compiled.
const policy = [
  "default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
  "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
].join("; ");
const headers = `/admin/*
  Content-Security-Policy: ${policy}
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Resource-Policy: same-origin
  Permissions-Policy: camera=(), geolocation=(), microphone=()
  Referrer-Policy: no-referrer
  Strict-Transport-Security: max-age=63072000; includeSubDomains
  X-Content-Type-Options: nosniff
  Cache-Control: no-cache
/admin/assets/*
  ! Cache-Control
  Cache-Control: public, max-age=31536000, immutable
`;

await rm(target, { recursive: true, force: true });
await mkdir(assets, { recursive: true });
const clientModule = await copyClient();
const { metafile } = await build({
  entryPoints: [join(source, "main.tsx")],
  outdir: assets,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2023",
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  metafile: true,
  define: { CLIENT_MODULE: JSON.stringify(clientModule) },
  legalComments: "linked",
  logLevel: "warning",
});

const entry = Object.keys(metafile.outputs).find((name) => /\/main-\w+\.js$/.test(name));
const { cssBundle } = metafile.outputs[entry];
const page = await readFile(join(source, "index.html"), "utf8");
await writeFile(join(target, "admin/index.html"), page
  .replace("{js}", `/admin/assets/${basename(entry)}`)
  .replace("{css}", `/admin/assets/${basename(cssBundle)}`));
await writeFile(join(target, "_headers"), headers);

// copyClient: where the page finds the client module; empty where it is not built.
async function copyClient() {
  const files = ["latchkey-client.js", "latchkey-client.wasm"].map((name) => join(root, "build/client", name));
  if (!files.every((file) => existsSync(file))) return "";
  const hash = createHash("sha256");
  for (const file of files) hash.update(await readFile(file));
  const folder = `client-${hash.digest("hex").slice(0, 8)}`;
  for (const file of files) await cp(file, join(assets, folder, basename(file)));
  return `/admin/assets/${folder}/latchkey-client.js`;
}
