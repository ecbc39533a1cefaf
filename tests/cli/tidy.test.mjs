// The house-rule checker finds what it forbids, leaves alone what is allowed, and says what to
// write instead.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { check, RULES } from "../../scripts/lib/tidy/rules.mjs";
import { readTree } from "../../scripts/lib/tidy/tree.mjs";
import { rootPath } from "../../scripts/lib/paths.mjs";
import { runProgram, temporaryDirectory } from "./support.mjs";

const CMAKE = `function(latchkey_room name)
endfunction()
latchkey_room(base LIBS boringssl)
latchkey_room(json DEPENDS base LIBS simdjson)
latchkey_room(crypto DEPENDS base LIBS boringssl)
latchkey_room(host DEPENDS base json)
latchkey_room(store DEPENDS base host)
latchkey_room(license DEPENDS base crypto)
latchkey_room(http DEPENDS base license)
if(X)
  latchkey_room(host/worker DEPENDS base host)
else()
  latchkey_room(host/sqlite DEPENDS base host LIBS SQLite::SQLite3)
endif()
`;

function tree(files) {
  return Object.entries({ "wasm/CMakeLists.txt": CMAKE, ...files }).map(([name, text]) => ({
    name,
    text,
    lines: text.split("\n"),
  }));
}

function findings(rule, files) {
  return RULES[rule](tree(files)).map(({ file, line, message }) => `${file}:${line}: ${message}`);
}

// forbids: each text in `file` gives one finding that contains `expected`; allows: none.
function forbids(rule, file, text, expected) {
  const found = findings(rule, { [file]: text });
  assert.equal(found.length, 1, `${file}: ${text} -> ${found}`);
  assert.ok(found[0].includes(expected), found[0]);
}

function allows(rule, file, text) {
  assert.deepEqual(findings(rule, { [file]: text }), [], `${file}: ${text}`);
}

test("SQL stands in the store and nowhere else", () => {
  for (const sql of [
    '"SELECT * FROM a"',
    '"INSERT INTO a"',
    '"INSERT OR IGNORE INTO a"',
    '"UPDATE a SET b"',
    '"DELETE FROM a"',
    '"CREATE TABLE a"',
  ]) {
    forbids("sqlOutsideStore", "wasm/license/service.cc", `x = ${sql};`, "move the query to wasm/store");
    forbids("sqlOutsideStore", "worker/src/ops.ts", `x = ${sql};`, "move the query to wasm/store");
    allows("sqlOutsideStore", "wasm/store/queries.cc", `x = ${sql};`);
    allows("sqlOutsideStore", "wasm/host/sqlite/db.cc", `x = ${sql};`);
  }
  allows("sqlOutsideStore", "wasm/http/routes.cc", '{"DELETE", "/x"},  // like SELECT in SQL');
});

test("a room includes only what its DEPENDS line reaches", () => {
  forbids("includes", "wasm/license/a.cc", '#include "store/b.h"', "reach base, crypto");
  forbids("includes", "wasm/base/a.h", '#include "crypto/b.h"', "reach nothing");
  forbids(
    "includes",
    "wasm/http/endpoints/a.cc",
    '#include "host/sqlite/b.h"',
    "room http may not include",
  );
  forbids("includes", "wasm/entry/a.cc", '#include "host/sqlite/b.h"', "host/worker");
  allows(
    "includes",
    "wasm/http/endpoints/a.cc",
    '#include "crypto/b.h"\n#include "http/c.h"\n#include <vector>',
  );
  allows("includes", "wasm/host/worker/a.cc", '#include "json/b.h"\n#include "host/db.h"');
  allows("includes", "wasm/entry/a.cc", '#include "http/b.h"\n#include "host/worker/b.h"');
});

test("library headers stay in the room that wraps the library", () => {
  forbids("includes", "wasm/license/a.cc", "#include <openssl/mem.h>", "use a header of wasm/crypto");
  forbids("includes", "wasm/base/bytes.cc", "#include <openssl/mem.h>", "use a header of wasm/crypto");
  forbids("includes", "wasm/http/a.cc", '#include "simdjson.h"', "json/reader.h");
  forbids("includes", "wasm/host/a.cc", "#include <sqlite3.h>", "host/db.h");
  allows("includes", "wasm/base/secret.cc", "#include <openssl/mem.h>");
  allows("includes", "wasm/crypto/a.cc", "#include <openssl/mem.h>");
  allows("includes", "wasm/json/a.cc", '#include "simdjson.h"');
  allows("includes", "wasm/host/sqlite/a.cc", "#include <sqlite3.h>");
});

test("every place that can look into a Secret is pinned with its uses", () => {
  const use = 'x.reveal(SecretAccess("why"));';
  const named = 'constexpr SecretAccess kWhy("why");\nx.reveal_text(kWhy);\ny.fill(kWhy);';
  const list = "scripts/lib/secret_access.txt";
  const file = "wasm/crypto/a.cc";
  assert.equal(findings("secretAccess", { [file]: use }).length, 1);
  assert.equal(
    findings("secretAccess", { [file]: use + use, [list]: `${file} 1 made, 1 used\n` }).length,
    1,
  );
  assert.equal(findings("secretAccess", { [file]: "", [list]: `${file} 1 made, 1 used\n` }).length, 1);
  assert.match(findings("secretAccess", { [file]: named })[0], /here: 1 made, 2 used; .* none\./);
  assert.deepEqual(
    findings("secretAccess", { [file]: use, [list]: `# why\n${file} 1 made, 1 used\n` }),
    [],
  );
  assert.deepEqual(
    findings("secretAccess", { "tests/native/a.cc": use, "wasm/http/b.cc": "// SecretAccess(" }),
    [],
  );
  assert.deepEqual(findings("secretAccess", { "wasm/base/a.cc": "std::fill(begin, end, 0);" }), []);
});

test("long functions, files and lines are found", () => {
  const body = (lines) => "  x();\n".repeat(lines);
  forbids(
    "sizes",
    "wasm/http/a.cc",
    `Task<int> f(int a,\n           int b) {\n${body(99)}}\n`,
    "a function of 102 lines",
  );
  forbids("sizes", "worker/src/a.ts", `export function f(): void {\n${body(120)}}\n`, "move its steps");
  forbids(
    "sizes",
    "scripts/a.mjs",
    `class A {\n  async f() {\n${"    x();\n".repeat(120)}  }\n}\n`,
    ":2: a function",
  );
  forbids("sizes", "wasm/http/a.cc", "x;\n".repeat(901), "split it");
  forbids("sizes", "wasm/http/a.cc", `// ${"y".repeat(150)}`, "break the line");
  allows("sizes", "wasm/http/a.cc", `int f() {\n${body(90)}}\nint g() {\n${body(90)}}\n`);
  allows(
    "sizes",
    "wasm/http/a.cc",
    `namespace x {\n${"int f();\n".repeat(300)}}\nstruct A {\n${"  int a;\n".repeat(200)}};\n`,
  );
});

test("debug words and switched-off tests are found with what to do instead", () => {
  forbids("words", "worker/src/a.ts", "console.log(1);", "imports.ts");
  forbids("words", "wasm/http/a.cc", '  printf("x");', "log port");
  forbids("words", "wasm/http/a.cc", "std::cerr << x;", "log port");
  forbids("words", "wasm/http/a.cc", "// TODO(now): x", "before committing");
  forbids("words", "scripts/start", "# FIXME", "fix it");
  forbids("words", "tests/worker/a.test.mjs", "test.only('x', f);", "every test runs");
  forbids("words", "tests/worker/a.test.mjs", "test.skip('x', f);", "make the test pass");
  forbids("words", "tests/worker/a.test.mjs", "test('x', { skip: true }, f);", "make the test pass");
  forbids("words", "tests/native/a.cc", "TEST(A, DISABLED_B) {", "make the test pass");
  allows("words", "wasm/http/a.cc", 'std::snprintf(b, n, "x"); views.skip(1);');
  allows("words", "scripts/lib/a.mjs", "console.log(1);");
});

test("emoji are found outside test data", () => {
  forbids("emoji", "README.md", "done \u2705", "say it in words");
  allows("emoji", "README.md", "naive -> na\u00efve \u2264 3 \u00a9");
  allows("emoji", "tests/native/a.cc", '"\u{1F511}"');
});

test("a room without README and a source without test are found", () => {
  assert.equal(findings("readmes", { "wasm/crypto/a.cc": "" }).length, 1);
  assert.deepEqual(findings("readmes", { "wasm/crypto/a.cc": "", "wasm/crypto/README.md": "" }), []);
  const source = { "wasm/crypto/a.cc": "", "wasm/crypto/a.h": "" };
  const pinned = { "scripts/lib/untested.txt": "wasm/crypto/a.cc\n" };
  const tested = { "tests/native/crypto/all_test.cc": '#include "crypto/a.h"\n' };
  assert.equal(findings("untested", source).length, 1);
  assert.deepEqual(findings("untested", { ...source, ...pinned }), []);
  assert.deepEqual(findings("untested", { ...source, ...tested }), []);
  assert.match(findings("untested", { ...source, ...tested, ...pinned })[0], /take it off the list/);
});

test("the program reads a tree from disk, lists findings with place, and exits 1", async (t) => {
  const root = temporaryDirectory(t);
  const write = (name, text) => {
    fs.mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  };
  write("wasm/CMakeLists.txt", CMAKE);
  write("wasm/license/README.md", "x");
  write("wasm/license/a.cc", '\n#include "store/b.h"\nSecretAccess("x");\n');
  write("scripts/lib/.keep", "");
  const bad = await runProgram(rootPath("scripts/tidy"), ["--root", root]);
  assert.equal(bad.status, 1);
  assert.match(bad.stdout, /^wasm\/license\/a\.cc:2: room license may not include store\/b\.h/m);
  assert.match(bad.stdout, /2 findings$/m);
  write("wasm/license/a.cc", 'SecretAccess("x");\n');
  const pinned = await runProgram(rootPath("scripts/tidy"), ["--root", root, "--pin"]);
  assert.equal(pinned.status, 0, pinned.stdout);
  assert.match(
    fs.readFileSync(path.join(root, "scripts/lib/secret_access.txt"), "utf8"),
    /^wasm\/license\/a\.cc 1 made, 0 used$/m,
  );
  assert.equal((await runProgram(rootPath("scripts/tidy"), ["--frob"])).status, 2);
});

test("binary files, corpora and vectors are not read as prose", (t) => {
  const root = temporaryDirectory(t);
  fs.mkdirSync(path.join(root, "tests/fuzz/corpus/x"), { recursive: true });
  fs.writeFileSync(path.join(root, "tests/fuzz/corpus/x/1"), Buffer.from([0xff, 0x00]));
  fs.writeFileSync(path.join(root, "a.wasm"), "");
  fs.writeFileSync(path.join(root, "a.md"), "x");
  assert.deepEqual(
    readTree(root).map(({ name }) => name),
    ["a.md"],
  );
  assert.deepEqual(check(readTree(root)), []);
});
