// Modules that scripts/build makes.
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*/build.js" {
  export const wasmSha256: string;
  export const build: string;
}
