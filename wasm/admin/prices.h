// PriceService: tables of prices, whole and in versions. A version never changes: another table is the next one, and
// is in force as soon as it is stored.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/actor.h"
#include "admin/decide.h"
#include "base/run.h"
#include "base/task.h"
#include "host/host.h"
#include "pricing/difference.h"
#include "usage/prices.h"

namespace latchkey::admin {

// PriceVersion: one table without its rows. Version 0 is in the build: nobody made it.
struct PriceVersion {
  int64_t version = 0;
  std::optional<TimeMs> created_at = {};
  std::optional<std::string> created_by = {};
  std::optional<std::string> note = {};
  int64_t num_rows = 0;
};

struct PriceTable {
  PriceVersion about;
  usage::PricesPtr prices;
};

struct PriceVersionPage {
  std::vector<PriceVersion> versions;
  std::optional<int64_t> next;  // go on before this one; nullopt: the last page
};

struct PricesSet {
  PriceVersion about;
  pricing::Difference difference;  // from the table before
};

// UnpricedModel: one that was used without a price.
struct UnpricedModel {
  std::string provider;
  std::string model;
  int64_t requests = 0;
  TimeMs last_used_at = 0;  // to the hour
  std::optional<pricing::Unpriced> reason;  // nullopt: the table in force has a price; history is to be priced anew
};
struct UnpricedPlace {
  std::string provider;
  std::string model;
};
struct UnpricedPage {
  std::vector<UnpricedModel> models;
  std::optional<UnpricedPlace> next;
};

class PriceService {
 public:
  PriceService(host::Host& host, const Actor& actor) : host_(host), actor_(actor) {}

  // get: a table, the newest where no version is named. One trip. kNotFound where there is no such version.
  Task<Result<PriceTable>> get(std::optional<int64_t> version);
  // versions: those that admins stored, newest first.
  Task<Result<PriceVersionPage>> versions(std::optional<int64_t> before, uint32_t rows_max);
  // set: the next version; the newest where it holds the same already. Two trips. kPreconditionFailed where the
  // newest is none of `expected`, kConflict where another came in between.
  Task<Result<PricesSet>> set(const pricing::PriceList& list, const std::optional<std::string>& note,
                              const Versions& expected, Run run);
  // unpriced: models used without a price, by name. Uses that cron has not summed yet are not among them.
  Task<Result<UnpricedPage>> unpriced(const UnpricedPlace& after, uint32_t rows_max);

 private:
  host::Host& host_;
  const Actor& actor_;
};

}  // namespace latchkey::admin
