// What the admin endpoints of licences and plans share: reading terms, printing a licence.
#pragma once

#include <optional>

#include "admin/licenses.h"
#include "http/context.h"
#include "http/fields.h"
#include "json/writer.h"

namespace latchkey::http {

// parse_providers, parse_deliveries: an array of at least one known name; nullopt where it is absent or wrong.
std::optional<config::ProviderSet> parse_providers(Fields& fields, std::string_view name);
std::optional<int64_t> parse_deliveries(Fields& fields, std::string_view name);
// parse_limits: an object of amounts in USD, decimal text; nullopt where it is absent or wrong.
std::optional<budget::Limits> parse_limits(Fields& fields, std::string_view name);
std::optional<budget::Enforcement> parse_enforcement(Fields& fields, std::string_view name);
// write_budget: all three, in USD, null where there is none.
void write_budget(json::Writer& out, const budget::Limits& limits);
void write_provider_names(json::Writer& out, config::ProviderSet providers);
void write_deliveries(json::Writer& out, int64_t deliveries);

// parse_reason: one word of a-z0-9_-, as it stands in the audit log.
std::optional<std::string> parse_reason(Fields& fields);

inline constexpr std::string_view kStatusMustBe = "must be active, suspended, revoked or expired";
bool is_status(std::string_view text);

// write_members: the members of a licence, into an object that is open.
void write_members(json::Writer& out, const admin::LicenseView& view);
// print: the whole of it; a dry run says so.
std::string print(const admin::LicenseView& view, Run run = Run::kReal);
// tagged: the answer with one licence and the tag of its version.
Response tagged(const admin::LicenseView& view, Run run = Run::kReal);


}  // namespace latchkey::http
