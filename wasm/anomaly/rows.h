// Rows of the tables anomaly_trails and anomaly_addresses, as the walk reads and writes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "anomaly/guessing.h"
#include "anomaly/score.h"
#include "anomaly/trail.h"
#include "host/db.h"

namespace latchkey::anomaly {

// Alarm: the last hour that alarmed.
struct Alarm {
  int64_t hour = 0;
  int64_t score = 0;
  std::string reasons = "[]";  // JSON
  friend bool operator==(const Alarm&, const Alarm&) = default;
};

std::optional<Alarm> read_alarm(const host::Row& row);
// stored_reasons: a JSON array; what somebody else wrote there counts as nothing.
std::string stored_reasons(std::optional<std::string_view> text);

// LicenseHour: what a licence did in an hour, and its row so far.
struct LicenseHour {
  std::string license_id;
  Hour hour;
  std::string trail;
  std::optional<int64_t> done_hour;  // it is scored up to this one; nullopt: it has no row
  std::optional<Alarm> alarm;
};
LicenseHour read_license_hour(const host::Row& row, int64_t hour);

// AddressHour: the same of an address.
struct AddressHour {
  std::string address_hash;
  Tries tries;
  std::string trail;
  std::optional<int64_t> done_hour;
  std::optional<int64_t> alarm_hour;
};
AddressHour read_address_hour(const host::Row& row, int64_t hour);

// print_license, print_address: the row after the hour, as anomaly_store_*.sql take it.
std::string print_license(const LicenseHour& license, const Trail& trail, const Score& score, TimeMs now);
std::string print_address(const AddressHour& address, const AddressTrail& trail, const Score& score, TimeMs now);

// print_reasons: a JSON array; its objects are canonical.
std::string print_reasons(const Score& score);

}  // namespace latchkey::anomaly
