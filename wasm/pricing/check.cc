#include "pricing/check.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/limits.h"
#include "config/providers.h"
#include "pricing/money.h"
#include "pricing/price_list.h"

namespace latchkey::pricing {
namespace {

using Key = std::tuple<std::string_view, std::string_view, TimeMs, size_t>;
constexpr std::string_view kNameForm =
    "must be in lower case, without the provider in front: letters, digits and . _ : - within.";

std::string place(std::string_view list, size_t index, std::string_view field) {
  return std::string(list) + "[" + std::to_string(index) + "]." + std::string(field);
}

class Checker {
 public:
  explicit Checker(const Table& table) : table_(table) {}

  Findings run() && {
    if (!check_sizes()) return std::move(findings_);
    for (size_t i = 0; i < table_.rows.size(); ++i) check_row(i);
    check_periods();
    for (size_t i = 0; i < table_.aliases.size(); ++i) check_alias(i);
    check_repeated_aliases();
    return std::move(findings_);
  }

 private:
  void error(std::string location, std::string message) {
    add(findings_.errors, std::move(location), std::move(message));
  }
  void warn(std::string location, std::string message) {
    add(findings_.warnings, std::move(location), std::move(message));
  }
  static void add(std::vector<Finding>& list, std::string location, std::string message) {
    if (list.size() < limits::kPriceFindingsMax) list.push_back({std::move(location), std::move(message)});
  }

  bool check_sizes() {
    if (table_.rows.empty()) error("rows", "must hold at least one price.");
    if (table_.rows.size() > limits::kPriceRowsMax) {
      error("rows", "must hold at most " + std::to_string(limits::kPriceRowsMax) + " prices.");
    }
    if (table_.aliases.size() > limits::kPriceAliasesMax) {
      error("aliases", "must hold at most " + std::to_string(limits::kPriceAliasesMax) + " aliases.");
    }
    return findings_.errors.empty();
  }

  void check_provider(std::string_view list, size_t index, const std::string& provider) {
    if (!config::provider_index(provider)) error(place(list, index, "provider"), "is not a provider we know.");
  }

  // Only a name in normal form is ever found.
  void check_name(std::string location, const std::string& name) {
    if (!is_model_name(name)) error(std::move(location), std::string(kNameForm));
  }

  void check_rate(size_t index, std::string_view field, Rate rate) {
    if (rate.nanos_per_million < 0) error(place("rows", index, field), "must not be negative.");
    if (rate.nanos_per_million > limits::kRateNanosMax) {
      error(place("rows", index, field), "is more than 10000 dollars for a million tokens: is it in that unit?");
    }
  }

  void check_row(size_t index) {
    const Price& row = table_.rows[index];
    check_provider("rows", index, row.provider);
    check_name(place("rows", index, "model"), row.model);
    check_rate(index, "input", row.input);
    check_rate(index, "output", row.output);
    if (row.cached_input) check_rate(index, "cached_input", *row.cached_input);
    if (row.reasoning) check_rate(index, "reasoning", *row.reasoning);
    if (row.cached_input && *row.cached_input > row.input) {
      warn(place("rows", index, "cached_input"), "is dearer than input that was not cached.");
    }
    check_time(index, "effective_from", row.effective_from);
    if (row.effective_to) {
      check_time(index, "effective_to", *row.effective_to);
      if (*row.effective_to <= row.effective_from) {
        error(place("rows", index, "effective_to"), "must be later than effective_from.");
      }
    }
    check_origin(index, row);
  }

  void check_time(size_t index, std::string_view field, TimeMs time) {
    if (time < 0 || time > kTimeMsMax || time % kSecondMs != 0) {
      error(place("rows", index, field), "must be a whole second from 1970 to 9999.");
    }
  }

  void check_origin(size_t index, const Price& row) {
    if (row.source && (!row.source->starts_with("https://") || !is_text(*row.source))) {
      error(place("rows", index, "source"), "must be an https URL of at most 300 bytes.");
    }
    if (row.as_of && (row.as_of->size() != std::string_view("YYYY-MM-DD").size() || !parse_time(*row.as_of))) {
      error(place("rows", index, "as_of"), "must be a date: YYYY-MM-DD.");
    }
    if (row.note && !is_text(*row.note)) {
      error(place("rows", index, "note"), "must be 1 to 300 bytes without control characters.");
    }
  }

  static bool is_text(std::string_view text) {
    const bool has_control =
        std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    return !text.empty() && text.size() <= limits::kPriceTextBytesMax && !has_control;
  }

  Key key_of(size_t index) const {
    const Price& row = table_.rows[index];
    return {row.provider, row.model, row.effective_from, index};
  }

  // Each model's rows in their order of time: each ends where the next begins.
  void check_periods() {
    order_.resize(table_.rows.size());
    for (size_t i = 0; i < order_.size(); ++i) order_[i] = i;
    std::ranges::sort(order_, {}, [this](size_t index) { return key_of(index); });
    for (size_t i = 0; i < order_.size(); ++i) {
      const bool has_next = i + 1 < order_.size() && is_same_model(order_[i], order_[i + 1]);
      check_period(order_[i], has_next ? &table_.rows[order_[i + 1]] : nullptr, has_next ? order_[i + 1] : 0);
    }
  }

  bool is_same_model(size_t a, size_t b) const {
    return table_.rows[a].provider == table_.rows[b].provider && table_.rows[a].model == table_.rows[b].model;
  }

  void check_period(size_t index, const Price* next, size_t next_index) {
    const Price& row = table_.rows[index];
    if (next == nullptr) {
      if (row.effective_to) warn(place("rows", index, "effective_to"), "nothing follows: later use has no price.");
      return;
    }
    const std::string other = "rows[" + std::to_string(next_index) + "]";
    if (next->effective_from == row.effective_from) {
      const std::string first = "rows[" + std::to_string(std::min(index, next_index)) + "]";
      error(place("rows", std::max(index, next_index), "effective_from"), "is the same as that of " + first + ".");
    } else if (row.effective_to && *row.effective_to > next->effective_from) {
      error(place("rows", index, "effective_to"), "overlaps " + other + ", which begins earlier.");
    } else if (row.effective_to && *row.effective_to < next->effective_from) {
      error(place("rows", index, "effective_to"), "leaves no price until " + other + " begins.");
    }
  }

  bool has_model(std::string_view provider, std::string_view model) const {
    const auto name_of = [this](size_t index) {
      return std::pair<std::string_view, std::string_view>(table_.rows[index].provider, table_.rows[index].model);
    };
    return std::ranges::binary_search(order_, std::pair(provider, model), {}, name_of);
  }

  void check_alias(size_t index) {
    const Alias& alias = table_.aliases[index];
    check_provider("aliases", index, alias.provider);
    check_name(place("aliases", index, "alias"), alias.alias);
    if (has_model(alias.provider, alias.alias)) {
      error(place("aliases", index, "alias"), "has prices of its own: remove them or the alias.");
    }
    if (!has_model(alias.provider, alias.model)) {
      error(place("aliases", index, "model"), "is not a model of this provider with a price in this table.");
    }
  }

  void check_repeated_aliases() {
    std::vector<size_t> order(table_.aliases.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto name_of = [this](size_t index) {
      return std::pair<std::string_view, std::string_view>(table_.aliases[index].provider, table_.aliases[index].alias);
    };
    std::ranges::sort(order, {}, [&](size_t index) { return std::pair(name_of(index), index); });
    for (size_t i = 1; i < order.size(); ++i) {
      if (name_of(order[i - 1]) != name_of(order[i])) continue;
      error(place("aliases", order[i], "alias"), "is the same as that of aliases[" + std::to_string(order[i - 1]) + "].");
    }
  }

  const Table& table_;
  std::vector<size_t> order_;  // of the rows, by model and time
  Findings findings_;
};

}  // namespace

Findings check_table(const Table& table) { return Checker(table).run(); }

}  // namespace latchkey::pricing
