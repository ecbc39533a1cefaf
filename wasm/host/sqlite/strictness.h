// Strictness: makes a SQLite connection refuse what Cloudflare D1 refuses, and a little
// more, so that SQL which passes here passes there. What D1 does was asked of workerd itself.
#pragma once

#include <sqlite3.h>

namespace latchkey::host {

// Authority: whose statement is being prepared.
//   kBatch   a statement of the core or of a migration: the strict rules hold
//   kHost    the host's own: BEGIN, COMMIT, its PRAGMAs
enum class Authority : unsigned char { kBatch, kHost };

// make_strict: sets D1's limits, the defensive mode and the authorizer. `authority` is read
// at every decision and outlives the connection.
void make_strict(sqlite3* db, const Authority* authority);

}  // namespace latchkey::host
