// Where things are in this repository.
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

export function rootPath(...parts) {
  return path.join(ROOT, ...parts);
}
