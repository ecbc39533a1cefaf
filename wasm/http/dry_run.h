// ?dry_run=1: what an act would do, without doing it.
#pragma once

#include "base/run.h"
#include "http/routes.h"
#include "json/writer.h"

namespace latchkey::http {

// read_run: sets context.run from the query of a change. Any other query of one is an error, and so is this
// one where the route has no dry run: neither may be a real run to whoever asked for another.
std::vector<FieldError> read_run(Context& context, const Route& route);

// write_run: says of an answer, in an object that is open, that nothing was done.
void write_run(json::Writer& out, Run run);

}  // namespace latchkey::http
