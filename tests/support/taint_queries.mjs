// The requests of the session, the overview and the cookbook, for taint.test.mjs: good ones, and bad ones that put secrets
// where they do not belong.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./miniflare.mjs";

const cookbook = readdirSync(join(root, "d1/cookbook")).map((file) => file.replace(".sql", ""));

// queryRoutes: route to its requests.
export function queryRoutes({ ask, asAdmin, looks, text, licenseId }) {
  return {
    "GET /admin/session": looks("/admin/session", () => `/admin/session?x=${text.machine}`),
    "GET /admin/overview": looks("/admin/overview", () => `/admin/overview?x=${text.machine}`),
    "GET /admin/queries": looks("/admin/queries"),
    "POST /admin/queries/{query}": (headers) => {
      const run = (name, body) => ask("POST", `/admin/queries/${name}`, body, asAdmin(headers));
      return [
        ...cookbook.map((name) => () => run(name, {})),
        () => run("license_story", { parameters: { license: licenseId() } }),
        () => run("license_machines", { parameters: { license: licenseId() } }),
        () => run("license_acts", { parameters: { license: text.simpleCode } }),
        () => run("license_acts", { parameters: { newest: text.machine, license: [text.simpleCode] } }),
        () => run("key_ages", { sql: text.simpleCode, limit: text.machine }),
      ];
    },
  };
}
