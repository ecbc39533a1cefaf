// PriceList: a sound table, ready to be asked: which price was in force for this model then?
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/result.h"
#include "pricing/table.h"

namespace latchkey::pricing {

// normal_model: the name under which a model is priced: lower case, without surrounding space, and without what
// routers put in front ("deepseek/deepseek-chat", "moonshotai/kimi-k2.5"; of Yandex "gpt://FOLDER/yandexgpt/latest").
// Only prefixes that mean this very provider go: the same model at another one has another price. Dates and
// versions behind a name stay: where they mean the same price, the table has an alias.
std::string normal_model(std::string_view provider, std::string_view model);

// is_model_name: a name in normal form that a table may hold: a-z, 0-9 and . _ : - within.
bool is_model_name(std::string_view text);

// Unpriced: why there is no price. Never the same as a price of nothing.
enum class Unpriced : uint8_t {
  kUnknownProvider,
  kUnknownModel,
  kTooEarly,  // before the model's first price
  kEnded,     // after its explicit end
};
std::string_view unpriced_name(Unpriced reason);

class PriceList {
 public:
  // of: fails with the first error that check_table finds.
  static Result<PriceList> of(Table table);

  // find: the price in force at `at`. The pointer lives as long as the list stays where it is.
  std::expected<const Price*, Unpriced> find(std::string_view provider, std::string_view model, TimeMs at) const;

  // table: its rows in ascending order of provider, model and time.
  const Table& table() const { return table_; }

 private:
  explicit PriceList(Table table) : table_(std::move(table)) {}
  Table table_;
};

}  // namespace latchkey::pricing
