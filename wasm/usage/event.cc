#include "usage/event.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "config/providers.h"
#include "json/writer.h"

namespace latchkey::usage {

std::string_view rejection_name(Rejection rejection) {
  switch (rejection) {
    case Rejection::kInvalid: return "invalid_event";
    case Rejection::kUnknownProvider: return "unknown_provider";
    case Rejection::kTooOld: return "too_old";
    case Rejection::kInFuture: return "in_future";
    case Rejection::kConflict: return "conflict";
  }
  LK_UNREACHABLE();
}

uint32_t rejection_status(Rejection rejection) { return rejection == Rejection::kConflict ? 409 : 400; }

void Sorter::add(Event event) {
  if (!config::provider_index(event.provider)) {
    return reject(event.index, Rejection::kUnknownProvider,
                  "provider must be deepseek, kimi, mistral, qwen, yandex or zhipu.");
  }
  if (event.at > now_ + limits::kUsageSkewMs) {
    return reject(event.index, Rejection::kInFuture, "at is in the future: set the clock, then report it again.");
  }
  if (event.at < now_ - limits::kUsageLateMs) {
    return reject(event.index, Rejection::kTooOld, "at is more than 35 days ago: such usage is no longer counted.");
  }
  const auto [known, is_new] = by_id_.emplace(event.event_id, events_.size());
  if (is_new) {
    events_.push_back(std::move(event));
    return;
  }
  const size_t index = std::exchange(event.index, events_[known->second].index);
  if (event == events_[known->second]) ++num_duplicates_;
  else reject(index, Rejection::kConflict, std::string(kConflictMessage));
}

std::optional<pricing::Nano> cost_of(const Event& event, const pricing::PriceList& prices) {
  const auto found = prices.find(event.provider, event.model, event.at);
  if (!found) return std::nullopt;
  const auto cost = pricing::cost_of(event.tokens, **found);
  CHECK(cost.has_value());  // counts were checked
  return std::min(cost->total, pricing::Nano{limits::kD1IntegerMax});
}

PricedRows print_rows(std::span<const Event> events, const pricing::PriceList& prices) {
  size_t num_unpriced = 0;
  json::Writer out(events.size() * 128 + 16);
  out.begin_array();
  for (const Event& event : events) {
    const pricing::Tokens& tokens = event.tokens;
    out.begin_array().string(event.event_id).integer(event.at).string(event.provider).string(event.model);
    out.integer(tokens.input).integer(tokens.output).integer(tokens.cached_input).integer(tokens.reasoning);
    if (const auto cost = cost_of(event, prices)) {
      out.integer(cost->value);
    } else {
      out.null();
      ++num_unpriced;
    }
    out.end_array();
  }
  out.end_array();
  return {std::move(out).take(), num_unpriced};
}

}  // namespace latchkey::usage
