// Migrations of a deployed database, by wrangler. Each goes to D1 as a file, with its entry in
// wrangler's own table, and is taken whole or not at all. `wrangler d1 migrations apply` hands D1 the
// text to split instead, and D1 at times cuts a trigger in two: "incomplete input" (workers-sdk
// issues 10998, 15178, 15690).
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const TABLE =
  "CREATE TABLE IF NOT EXISTS d1_migrations(id INTEGER PRIMARY KEY AUTOINCREMENT, " +
  "name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)";

// migrate: applies what the database lacks, in order of name; gives the names.
//   wrangler(args, options)   runs it, gives its stdout, throws where it fails
//   place                     ["--remote"], or ["--local", "--persist-to", DIR] in tests
export function migrate({ wrangler, root, database, names, place, environment, say }) {
  const execute = (args, options) =>
    wrangler(["d1", "execute", database, ...place, `--env=${environment}`, ...args], options);
  const listed = execute(["--json", "--command", `${TABLE}; SELECT name FROM d1_migrations`], { capture: true });
  const applied = namesIn(listed);
  const due = names.filter((name) => !applied.includes(name));
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "latchkey-migrate-"));
  try {
    for (const name of due) {
      say(`Migrations: applying ${name}`);
      const file = path.join(directory, name);
      const text = fs.readFileSync(path.join(root, "d1", name), "utf8");
      fs.writeFileSync(file, `${text}\nINSERT INTO d1_migrations (name) VALUES ('${name}');\n`);
      execute(["--yes", "--file", file]);
    }
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
  return due;
}

// The rows of the last statement of `d1 execute --json`.
function namesIn(stdout) {
  try {
    const answers = JSON.parse(stdout.slice(stdout.indexOf("["), stdout.lastIndexOf("]") + 1));
    return answers.at(-1).results.map(({ name }) => name);
  } catch {
    throw new Error("'wrangler d1 execute --json' answered with something that is no list of results.");
  }
}
