// Ask: the one question that a provision or a status call puts to D1. The trigger of
// d1/0013_usage.sql counts the request, certifies the grant and claims the seat; the facts come
// back with the answer.
#pragma once

#include <optional>
#include <string>

#include "config/config.h"
#include "host/db.h"
#include "provision/types.h"
#include "store/rate_window.h"

namespace latchkey::provision {

// Wanted: whether a grant is asked for, or only the facts.
enum class Wanted : uint8_t { kGrant, kFacts };

// Seen: the answer.
struct Seen {
  Facts facts;
  bool is_certified = false;  // the audit row of the grant is stored, the seat claimed
  store::RateWindow address;
  bool address_over_recorded = false;
  std::optional<store::RateWindow> license;
  bool license_over_recorded = false;
  // Of this machine, where it holds a seat.
  std::optional<crypto::Sealed> fernet_key;
  std::optional<int64_t> held_ring_version;
  std::string held_secrets_tag;
  // What it held before the grant, if this is one and it had been given keys then.
  std::optional<int64_t> ring_version_before;
  std::string secrets_tag_before;
};

// The windows' subjects in rate_limits and in memory.
std::string address_subject(const crypto::TokenHash& address);
std::string code_subject(const crypto::TokenHash& code);

// refusal_details: canonical JSON of what the row of a refusal says beyond its columns: which code nobody has, as its cut
// keyed hash, so that one who tries many codes is told from one who has a wrong one.
std::optional<std::string> refusal_details(Verdict verdict, const std::optional<crypto::TokenHash>& code);

// add_ask: one statement. `new_machine_id` names the machine's row if this makes it.
void add_ask(host::Batch& batch, const config::Config& config, const Client& client, const ProvisionRequest& request,
             const Terms& terms, Wanted wanted, std::string_view new_machine_id);

// read_ask: the answer of that statement, the first of its batch.
Seen read_ask(const host::BatchAnswer& answer, const Terms& terms);

}  // namespace latchkey::provision
