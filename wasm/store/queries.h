// Queries: every SQL statement of the service, one file each in queries/, named
// entity_operation_qualifier and here kEntityOperationQualifier. No other source holds SQL but the
// migrations; scripts/tidy sees to it.
#pragma once

#include <span>
#include <string_view>

#include "store/query_names.h"

namespace latchkey::store {

struct NamedQuery {
  std::string_view name;
  std::string_view sql;
};

// all_queries: for the tests that prepare each one and read its plan.
std::span<const NamedQuery> all_queries();

// cookbook: the files of d1/cookbook, by name, as they are.
std::span<const NamedQuery> cookbook();

// migrations: names of the migrations of d1/, in order: the schema that these queries are for.
std::span<const std::string_view> migrations();

}  // namespace latchkey::store
