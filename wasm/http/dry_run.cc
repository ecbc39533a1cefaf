#include "http/dry_run.h"

namespace latchkey::http {
namespace {

constexpr std::string_view kName = "dry_run";

}  // namespace

std::vector<FieldError> read_run(Context& context, const Route& route) {
  std::vector<FieldError> errors;
  const bool is_change = is_for_admins(route.auth) && route.method != Method::kGet;
  if (!is_change && route.dry_run == DryRun::kNone) return errors;
  for (const std::string& name : context.request.query_names()) {
    const bool is_known = name == kName && route.dry_run == DryRun::kHas;
    if (!is_known) errors.push_back({"query." + name.substr(0, 64), "is not a parameter of this request"});
  }
  const auto asked = context.request.query_value(kName);
  if (asked && *asked != "1" && errors.empty()) errors.push_back({"query.dry_run", "must be 1, or be left out"});
  context.run = asked ? Run::kDry : Run::kReal;
  return errors;
}

void write_run(json::Writer& out, Run run) {
  if (run == Run::kDry) out.field(kName, true);
}

}  // namespace latchkey::http
