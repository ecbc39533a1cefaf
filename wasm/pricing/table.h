// Table: what providers ask for their models' tokens, and since when. Plain data; check.h says whether it is sound,
// price_list.h finds the price of a moment.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace latchkey::pricing {

// Rate: nano-dollars per 1,000,000 tokens: price lists are written per million, so "0.28" of a list is this number
// by the same reading as an amount of money, and nine digits behind the point are more than any list uses.
struct Rate {
  int64_t nanos_per_million = 0;
  friend constexpr auto operator<=>(Rate, Rate) = default;
};

// Price: what one model's tokens cost from `effective_from` until the model's next row begins.
struct Price {
  std::string provider;  // of config/providers.h
  std::string model;     // in normal form, see price_list.h
  TimeMs effective_from = 0;                // whole seconds
  std::optional<TimeMs> effective_to = {};  // the model's end; only of its last row
  Rate input = {}, output = {};
  std::optional<Rate> cached_input = {};  // nullopt: as input
  std::optional<Rate> reasoning = {};     // nullopt: as output
  // Where the price is from, for people.
  std::optional<std::string> source = {};  // URL
  std::optional<std::string> as_of = {};   // YYYY-MM-DD: when it was read there
  std::optional<std::string> note = {};
  friend bool operator==(const Price&, const Price&) = default;
};

// Alias: another name that a model is billed under: a dated one, an older one. Never of another alias.
struct Alias {
  std::string provider;
  std::string alias;  // in normal form
  std::string model;
  friend bool operator==(const Alias&, const Alias&) = default;
};

struct Table {
  std::vector<Price> rows;
  std::vector<Alias> aliases;
  friend bool operator==(const Table&, const Table&) = default;
};

// Finding: one thing wrong with a table, and where: "rows[3].input".
struct Finding {
  std::string location;
  std::string message;
  friend bool operator==(const Finding&, const Finding&) = default;
};

}  // namespace latchkey::pricing
