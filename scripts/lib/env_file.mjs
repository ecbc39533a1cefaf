// Env files (.dev.vars): NAME=value lines. Reading keeps what the file says; extending adds
// lines at the end and leaves every existing line, comment and order alone.
import fs from "node:fs";
import path from "node:path";

const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/;

// value: what stands behind the =, as dotenv files mean it: quotes come off, a comment after
// an unquoted value is dropped.
function valueOf(text) {
  const trimmed = text.trim();
  const quoted = /^(["'`])(.*)\1\s*(?:#.*)?$/.exec(trimmed);
  if (quoted) return quoted[1] === '"' ? quoted[2].replaceAll("\\n", "\n") : quoted[2];
  return trimmed.replace(/\s+#.*$/, "").replace(/^#.*$/, "");
}

// parseEnv: {values: Map of name to value, bad: numbers of lines that say nothing}.
export function parseEnv(text) {
  const values = new Map();
  const bad = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const match = LINE.exec(line);
    if (match) values.set(match[1], valueOf(match[2]));
    else bad.push(index + 1);
  }
  return { values, bad };
}

// readEnvFile: as parseEnv; a file that is not there is empty.
export function readEnvFile(file) {
  try {
    return parseEnv(fs.readFileSync(file, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return parseEnv("");
    throw error;
  }
}

// extendEnvFile: adds the entries whose names the file lacks. A new file is made with mode
// 0600, an existing one is narrowed to it. Written beside and renamed, so a crash leaves the
// old file whole. Returns the names added.
//   entries: [{name, value, comment}], value a string or a function that makes it
export function extendEnvFile(file, entries, header = "") {
  const exists = fs.existsSync(file);
  const before = exists ? fs.readFileSync(file, "utf8") : header;
  const { values } = parseEnv(before);
  const missing = entries.filter(({ name }) => !values.has(name));
  if (missing.length === 0) {
    fs.chmodSync(file, 0o600);
    return [];
  }
  let text = before === "" || before.endsWith("\n") ? before : `${before}\n`;
  for (const { name, value, comment } of missing) {
    if (comment) text += `\n# ${comment}\n`;
    text += `${name}=${typeof value === "function" ? value() : value}\n`;
  }
  const target = exists ? fs.realpathSync(file) : path.resolve(file);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const beside = `${target}.${process.pid}.new`;
  fs.writeFileSync(beside, text, { mode: 0o600 });
  fs.renameSync(beside, target);
  return missing.map(({ name }) => name);
}
