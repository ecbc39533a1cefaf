// Form: application/x-www-form-urlencoded, as the URL standard reads it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::payments {

class Form {
 public:
  // parse: nullopt where it has more than limits::kFormFieldsMax fields, or is no UTF-8.
  static std::optional<Form> parse(std::string_view body);

  // text: the first of that name; empty where there is none.
  std::string_view text(std::string_view name) const;
  // list: name[], name[0], name[1] ... and so on, in order.
  std::vector<std::string_view> list(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace latchkey::payments
