// Prices: the table of prices in force, ready to be asked. Shared by all requests of an instance; plain data.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "pricing/price_list.h"

namespace latchkey::usage {

struct Prices {
  int64_t version = 0;  // 0: the table in the build
  pricing::PriceList list;
};
using PricesPtr = std::shared_ptr<const Prices>;

// built_in_prices: version 0. It is sound: a test reads it.
PricesPtr built_in_prices();

// stored_prices: a row of table prices. kInternal where its body is not sound.
Result<PricesPtr> stored_prices(int64_t version, std::string_view body);

// Shared: what an instance keeps between requests.
struct Shared {
  PricesPtr prices;

  // presumed: those that this isolate met last. A guess: SQL certifies it.
  PricesPtr presumed() {
    if (!prices) prices = built_in_prices();
    return prices;
  }
};

}  // namespace latchkey::usage
