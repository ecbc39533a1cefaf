// The house rules. Each takes the tree and gives its findings, and each finding says what to
// write instead: {file, line, message}.
import { longFunctions } from "./functions.mjs";
import { reachable, readRooms, roomOf } from "./rooms.mjs";

export const SECRET_ACCESS_LIST = "scripts/lib/secret_access.txt";
export const UNTESTED_LIST = "scripts/lib/untested.txt";

const FUNCTION_LINES_MAX = 100;
const FILE_LINES_MAX = 900;
// Prose and code stay under 110; tables may be a little wider.
const LINE_COLUMNS_MAX = 140;

// What generators write is as long as its source.
const CODE = /(?<!\.gen)\.(cc|h|tsx?|mjs|js)$|^scripts\/[^/.]+$/;
// This tool and its tests spell out what they forbid.
const ABOUT_RULES = /^scripts\/lib\/tidy\/|^tests\/cli\/tidy\.test\.mjs$/;

function eachLine(files, check) {
  const findings = [];
  for (const file of files) {
    for (const [index, line] of file.lines.entries()) {
      const message = check(line, file);
      if (message) findings.push({ file: file.name, line: index + 1, message });
    }
  }
  return findings;
}

function select(tree, pattern) {
  return tree.filter(({ name }) => pattern.test(name) && !ABOUT_RULES.test(name));
}

function withoutComment(line) {
  return line.replace(/(^|\s)\/\/.*$/, "");
}

// SQL is read in one place: queries live in the store. The SQLite host judges SQL by its
// words, as D1 does.
const SQL =
  /\b(SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\b|UPDATE\s+\w+\s+SET\b|DELETE\s+FROM\b|(CREATE|ALTER|DROP)\s+(TABLE|INDEX|VIEW|TRIGGER)\b|PRAGMA\s)/;

function sqlOutsideStore(tree) {
  const files = select(tree, /^(wasm\/.*\.(cc|h)|worker\/.*\.tsx?)$/).filter(({ name }) => {
    return !name.startsWith("wasm/store/") && !name.startsWith("wasm/host/sqlite/");
  });
  return eachLine(files, (line) => {
    const found = SQL.exec(withoutComment(line));
    return (
      found &&
      `SQL (${found[1].trim()}) outside the store: move the query to wasm/store and call it by name.`
    );
  });
}

function cmakeOf(tree) {
  return tree.find(({ name }) => name === "wasm/CMakeLists.txt")?.text ?? "";
}

// A library's headers and what in a LIBS line permits them.
const LIBRARY_HEADERS = [
  { header: /^simdjson/, lib: "simdjson", instead: "json/reader.h" },
  { header: /^sqlite3/, lib: "SQLite::SQLite3", instead: "host/db.h" },
];

function includeMessage(rooms, name, target) {
  const from = roomOf(rooms, name.slice("wasm/".length));
  if (target.startsWith("openssl/")) {
    const mayUse = from === "crypto" || name === "wasm/base/secret.cc";
    return mayUse ? null : `BoringSSL's <${target}> outside the crypto room: use a header of wasm/crypto.`;
  }
  const library = LIBRARY_HEADERS.find(({ header }) => header.test(target));
  if (library) {
    const mayUse = rooms.get(from)?.libs.includes(library.lib);
    return mayUse ? null : `<${target}> in room ${from}: use ${library.instead}.`;
  }
  const to = roomOf(rooms, target);
  const isRoom = to !== null && (rooms.has(to) || to === "entry");
  if (!isRoom || to === from) return null;
  if (from === "entry")
    return to === "host/sqlite" ? `entry runs on the wasm host: use host/worker, not ${target}.` : null;
  if (reachable(rooms, from).has(to)) return null;
  const allowed =
    [...reachable(rooms, from)]
      .filter((room) => room !== from)
      .sort()
      .join(", ") || "nothing";
  return (
    `room ${from} may not include ${target}: its DEPENDS in wasm/CMakeLists.txt reach ${allowed}. ` +
    "Move the code, or take what it needs as a parameter."
  );
}

function includes(tree) {
  const rooms = readRooms(cmakeOf(tree));
  return eachLine(select(tree, /^wasm\/.*\.(cc|h)$/), (line, { name }) => {
    const target = /^\s*#\s*include\s*["<]([^">]+)[">]/.exec(line)?.[1];
    return target ? includeMessage(rooms, name, target) : null;
  });
}

// readList: lines `name [rest]` of a pinned list; # begins a comment.
function readList(tree, list) {
  const text = tree.find(({ name }) => name === list)?.text ?? "";
  const lines = text.split("\n").map((line) => line.replace(/#.*$/, "").trim());
  return new Map(lines.filter(Boolean).map((line) => [line.split(/\s+/)[0], line.replace(/^\S+\s*/, "")]));
}

function count(text, pattern) {
  return text.match(pattern)?.length ?? 0;
}

const ACCESS_MADE = /\bSecretAccess(\s+\w+)?\s*[({]/g;
const ACCESS_USED = /\b(reveal|reveal_text|fill)\(\s*(SecretAccess\b|k[A-Z]|\w*access\b)/g;

// secretAccesses: [[file, "N made, M used"]] of the places that can look into a Secret.
export function secretAccesses(tree) {
  return tree
    .filter(({ name }) => /^wasm\/.*\.(cc|h)$/.test(name) && name !== "wasm/base/secret.h")
    .map(({ name, lines }) => {
      const code = lines.map(withoutComment).join("\n");
      return [name, count(code, ACCESS_MADE), count(code, ACCESS_USED)];
    })
    .filter(([, made, used]) => made + used > 0)
    .map(([name, made, used]) => [name, `${made} made, ${used} used`]);
}

function secretAccess(tree) {
  const pinned = readList(tree, SECRET_ACCESS_LIST);
  const found = new Map(secretAccesses(tree));
  const names = [...new Set([...found.keys(), ...pinned.keys()])];
  return names
    .filter((name) => found.get(name) !== pinned.get(name))
    .map((name) => {
      const [is, was] = [found.get(name) ?? "none", pinned.get(name) ?? "none"];
      const message =
        `SecretAccess here: ${is}; in ${SECRET_ACCESS_LIST}: ${was}. If each use is needed and leaks ` +
        "nothing, run scripts/tidy --pin and commit the list with its reason.";
      return { file: name, line: 1, message };
    });
}

function sizes(tree) {
  const findings = [];
  for (const { name, lines } of select(tree, CODE)) {
    if (lines.length > FILE_LINES_MAX) {
      const message = `${lines.length} lines; at most ${FILE_LINES_MAX}: split it by what its parts are about.`;
      findings.push({ file: name, line: 1, message });
    }
    for (const { line, length } of longFunctions(lines, FUNCTION_LINES_MAX)) {
      const message = `a function of ${length} lines; at most ${FUNCTION_LINES_MAX}: move its steps into functions of their own.`;
      findings.push({ file: name, line, message });
    }
  }
  return [
    ...findings,
    ...eachLine(select(tree, CODE), (line) => {
      return line.length > LINE_COLUMNS_MAX && !/https?:\/\//.test(line)
        ? `${line.length} columns; at most ${LINE_COLUMNS_MAX}: break the line.`
        : null;
    }),
  ];
}

const WORDS = [
  { where: /^worker\//, word: /\bconsole\.log\(/, instead: "log through imports.ts, at a level" },
  {
    where: /^wasm\/.*\.(cc|h)$/,
    word: /(?<!\w)(printf|fprintf|puts)\s*\(|std::(cout|cerr)\b/,
    instead: "use the log port (host/log.h)",
  },
  { where: CODE, word: /\bTODO\(now\)/, instead: "do it before committing" },
  {
    where: CODE,
    word: /\bFIXME\b/,
    instead: "fix it, or file an issue and describe the limit in a comment",
  },
  { where: /\.(ts|mjs|js)$/, word: /(^|\s)debugger;/, instead: "remove it" },
  {
    where: /^tests\//,
    word: /\b(test|it|describe|suite|t)\.only\(|\bonly:\s*true/,
    instead: "remove it, so that every test runs",
  },
  {
    where: /^tests\//,
    word: /\b(test|it|describe|suite|t)\.(skip|todo)\(|\b(skip|todo):\s*true|\bGTEST_SKIP\b|\bDISABLED_/,
    instead: "make the test pass, or delete it",
  },
];

function words(tree) {
  return WORDS.flatMap(({ where, word, instead }) => {
    return eachLine(select(tree, where), (line) => {
      const found = word.exec(line);
      return found && `'${found[0].trim()}': ${instead}.`;
    });
  });
}

// Tests may feed any text to what they test.
function emoji(tree) {
  return eachLine(select(tree, /^(?!tests\/)/), (line) => {
    return /\p{Emoji_Presentation}|\ufe0f/u.test(line) ? "an emoji: say it in words." : null;
  });
}

function roomNames(tree) {
  const names = tree.map(({ name }) => /^wasm\/([^/]+)\/.*\.(cc|h)$/.exec(name)?.[1]).filter(Boolean);
  return [...new Set(names)];
}

function readmes(tree) {
  const names = new Set(tree.map(({ name }) => name));
  return roomNames(tree)
    .filter((room) => !names.has(`wasm/${room}/README.md`))
    .map((room) => {
      const message = `room ${room} has no README.md: write a page on what it does, what it depends on, where its tests are.`;
      return { file: `wasm/${room}`, line: 1, message };
    });
}

// untestedSources: sources whose header no native test includes.
export function untestedSources(tree) {
  const names = new Set(tree.map(({ name }) => name));
  const included = new Set(
    select(tree, /^tests\/(native|fuzz|support)\/.*\.(cc|h)$/).flatMap(({ text }) =>
      [...text.matchAll(/^#include "([^"]+)"/gm)].map(([, target]) => target),
    ),
  );
  return [...names].filter((name) => {
    const stem = /^wasm\/(.+)\.cc$/.exec(name)?.[1];
    // These exist in a wasm build only: tests/worker and tests/client cover them.
    if (stem === undefined || /^(host\/worker|entry|client\/abi)\//.test(stem)) return false;
    return names.has(`wasm/${stem}.h`) && !included.has(`${stem}.h`);
  });
}

function untested(tree) {
  const pinned = readList(tree, UNTESTED_LIST);
  const missing = untestedSources(tree);
  return [
    ...missing
      .filter((name) => !pinned.has(name))
      .map((name) => {
        const header = name.slice("wasm/".length).replace(/\.cc$/, ".h");
        return {
          file: name,
          line: 1,
          message: `no native test includes ${header}: write one in tests/native.`,
        };
      }),
    ...[...pinned.keys()]
      .filter((name) => !missing.includes(name))
      .map((name) => {
        return {
          file: UNTESTED_LIST,
          line: 1,
          message: `${name} is tested or gone: take it off the list (scripts/tidy --pin).`,
        };
      }),
  ];
}

export const RULES = { sqlOutsideStore, includes, secretAccess, sizes, words, emoji, readmes, untested };

// check: the findings of all rules.
export function check(tree) {
  return Object.values(RULES).flatMap((rule) => rule(tree));
}
