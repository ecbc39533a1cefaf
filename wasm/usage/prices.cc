#include "usage/prices.h"

#include "base/check.h"
#include "json/reader.h"
#include "pricing/default_table.h"
#include "pricing/table_json.h"

namespace latchkey::usage {

PricesPtr built_in_prices() {
  auto prices = stored_prices(0, pricing::default_table_json());
  CHECK(prices.has_value());
  return std::move(*prices);
}

Result<PricesPtr> stored_prices(int64_t version, std::string_view body) {
  TRY(const json::Document document, json::Document::parse_host(body));
  pricing::ReadTable read = pricing::read_table(document.root());
  if (!read.errors.empty()) {
    return fail(ErrorCode::kInternal, "The server's table of prices can not be read.",
                "prices " + std::to_string(version) + ": " + read.errors.front().location);
  }
  TRY(pricing::PriceList list, pricing::PriceList::of(std::move(read.table)));
  return std::make_shared<const Prices>(version, std::move(list));
}

}  // namespace latchkey::usage
