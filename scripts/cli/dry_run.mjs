// --dry-run: what a verb would do, without doing it.
import { hint } from "./output.mjs";

export const DRY_RUN = { "dry-run": { type: "boolean", help: "show what it would do and change nothing" } };

// dryQuery: what goes after a path, so that the service does the same.
export const dryQuery = (values) => (values["dry-run"] ? "?dry_run=1" : "");

// saidDry: whether it was one; says so.
export function saidDry(values) {
  if (values["dry-run"]) hint("A dry run: nothing was changed.");
  return values["dry-run"] === true;
}
