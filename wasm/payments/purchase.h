// Purchase: a row of purchases.
#pragma once

#include <optional>
#include <string>

#include "host/db.h"
#include "payments/decide.h"

namespace latchkey::payments {

struct Purchase {
  std::string id;
  std::string key;
  std::string provider;
  std::optional<std::string> product;
  std::string outcome;  // licensed, unmapped, no_email, held
  Standing standing;
  std::optional<std::string> license_id;
  int64_t revision = 0;
  TimeMs created_at = 0;
  TimeMs updated_at = 0;
};

inline Purchase read_purchase(const host::Row& row) {
  const auto own = [](std::optional<std::string_view> text) {
    return text ? std::optional<std::string>(*text) : std::nullopt;
  };
  return {.id = std::string(row.text("id")),
          .key = std::string(row.text("purchase_key")),
          .provider = std::string(row.text("provider")),
          .product = own(row.text_or_null("product")),
          .outcome = std::string(row.text("outcome")),
          .standing = read_standing(row.text("standing")),
          .license_id = own(row.text_or_null("license_id")),
          .revision = row.integer("revision"),
          .created_at = row.integer("created_at"),
          .updated_at = row.integer("updated_at")};
}

}  // namespace latchkey::payments
