// Event: one call of a model, as a client reports it, and what it cost. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "pricing/cost.h"
#include "pricing/price_list.h"

namespace latchkey::usage {

struct Event {
  size_t index = 0;      // in the request
  std::string event_id;  // 1 to limits::kEventIdBytesMax bytes, unique within its licence
  std::string provider;  // of config/providers.h
  std::string model;     // in normal form
  pricing::Tokens tokens;
  TimeMs at = 0;
  friend bool operator==(const Event&, const Event&) = default;
};

// Rejection: why an event is not stored. The words are forever.
enum class Rejection : uint8_t {
  kInvalid,          // a field is missing or malformed
  kUnknownProvider,
  kTooOld,           // limits::kUsageLateMs
  kInFuture,         // limits::kUsageSkewMs
  kConflict,         // its id is that of another event
};
std::string_view rejection_name(Rejection rejection);
// rejection_status: the HTTP status that it would have as a request of its own.
uint32_t rejection_status(Rejection rejection);

inline constexpr std::string_view kConflictMessage = "event_id is that of another event with other content.";

struct Rejected {
  size_t index = 0;
  Rejection why = Rejection::kInvalid;
  std::string message;
};

// Sorter: judges the events of one report, one after the other.
class Sorter {
 public:
  explicit Sorter(TimeMs now) : now_(now) {}

  // add: its provider, its time, and whether its id was in the report before.
  void add(Event event);
  void reject(size_t index, Rejection why, std::string message) {
    rejected_.push_back({index, why, std::move(message)});
  }

  // events: those that may be stored, no two of one id.
  const std::vector<Event>& events() const { return events_; }
  // num_duplicates: events that came twice.
  size_t num_duplicates() const { return num_duplicates_; }
  const std::vector<Rejected>& rejected() const { return rejected_; }

 private:
  TimeMs now_;
  std::vector<Event> events_;
  std::unordered_map<std::string, size_t> by_id_;
  size_t num_duplicates_ = 0;
  std::vector<Rejected> rejected_;
};

// cost_of: what an event costs; nullopt: no price is known.
std::optional<pricing::Nano> cost_of(const Event& event, const pricing::PriceList& prices);

// PricedRows: the events as usage_event_insert.sql takes them.
struct PricedRows {
  std::string text;
  size_t num_unpriced = 0;
};
PricedRows print_rows(std::span<const Event> events, const pricing::PriceList& prices);

}  // namespace latchkey::usage
