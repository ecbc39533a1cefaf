// Bundles the floor and the peer for workerd.

import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const benchDir = fileURLToPath(new URL("..", import.meta.url));
const outDir = fileURLToPath(new URL("../../../build/bench/", import.meta.url));

// The fernet package is CommonJS and asks for "crypto"; workerd offers it as the ES module "node:crypto".
const nodeCrypto = {
  name: "node-crypto",
  setup(builder) {
    builder.onResolve({ filter: /^crypto$/ }, () => ({ path: "crypto", namespace: "node-crypto" }));
    builder.onLoad({ filter: /.*/, namespace: "node-crypto" }, () => ({
      contents: 'export { randomBytes } from "node:crypto";',
    }));
  },
};

// Takes "floor" or "peer"; gives the path of one ES module.
export async function bundleWorker(name) {
  const outfile = `${outDir}${name}/worker.mjs`;
  await build({
    entryPoints: [`${benchDir}${name}/worker.ts`],
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["browser", "module", "main"],
    external: ["node:*"],
    plugins: [nodeCrypto],
    logLevel: "warning",
  });
  return outfile;
}
