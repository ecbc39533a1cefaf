// What the client endpoints share: reading who asks, and saying no.
#pragma once

#include <variant>

#include "budget/budget.h"
#include "http/context.h"
#include "http/fields.h"
#include "provision/types.h"

namespace latchkey::http {

// parse_machine_id: the member machine_id; empty where it is wrong, with its error.
Secret parse_machine_id(Fields& fields);

// parse_client_request: the members that provision and status have in common (license_id,
// machine_id, receipt) and those of provision. Unknown members are ignored: clients in the
// field are older and newer than we are. Either the request or the 400 that names every
// wrong field.
std::variant<provision::ProvisionRequest, Response> parse_client_request(Context& context);

// refusal: the problem document of a verdict, with its rate-limit headers.
Response refusal(const Context& context, provision::Verdict verdict,
                 std::span<const provision::Window> windows);
// The same with what the outcome knows more: which budget is used up, when a seat, or the next release, is free.
Response refusal(const Context& context, const provision::ProvisionOutcome& outcome);
Response refusal(const Context& context, const provision::StatusOutcome& outcome);
Response refusal(const Context& context, const provision::ReleaseOutcome& outcome);
// budget_refusal: names the limit, what was spent of it, and when it resets.
Response budget_refusal(const Context& context, const budget::Standing& used_up,
                        std::span<const provision::Window> windows);
Response refusal(const Context& context, Error error, std::span<const provision::Window> windows);

// add_rate_limit_headers: RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers).
void add_rate_limit_headers(Response& response, std::span<const provision::Window> windows);

void write_key_versions(json::Writer& out, const std::array<int64_t, config::kNumProviders>& versions,
                        provision::ProviderSet providers);
void write_providers(json::Writer& out, provision::ProviderSet providers);
void write_notices(json::Writer& out, std::span<const provision::Notice> notices);


// write_standing: the value of `usage`: what was spent of a budget, in USD.
void write_standing(json::Writer& out, const budget::Standing& standing);

}  // namespace latchkey::http
