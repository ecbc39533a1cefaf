#include "json/reader.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/limits.h"

namespace latchkey::json {
namespace {

// Most objects have few members: sorting their names is cheaper than a hash set.
bool has_repeated_key(const simdjson::dom::object& object) {
  std::vector<std::string_view> names;
  for (const auto [name, value] : object) names.push_back(name);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

// What simdjson accepts and we do not.
const char* find_fault(simdjson::dom::element element) {
  switch (element.type()) {
    case simdjson::dom::element_type::ARRAY:
      for (const auto item : element.get_array().value_unsafe()) {
        if (const char* fault = find_fault(item)) return fault;
      }
      return nullptr;
    case simdjson::dom::element_type::OBJECT: {
      const simdjson::dom::object object = element.get_object().value_unsafe();
      if (has_repeated_key(object)) return "a key appears twice in one object";
      for (const auto [name, value] : object) {
        if (const char* fault = find_fault(value)) return fault;
      }
      return nullptr;
    }
    default:
      return nullptr;
  }
}

std::string describe(simdjson::error_code error) {
  switch (error) {
    case simdjson::UTF8_ERROR: return "it is not valid UTF-8";
    case simdjson::DEPTH_ERROR: return "it nests deeper than 32 levels";
    case simdjson::EMPTY: return "it is empty";
    case simdjson::STRING_ERROR: return "a string has a bad escape or a lone surrogate";
    case simdjson::UNESCAPED_CHARS: return "a string holds an unescaped control character";
    case simdjson::UNCLOSED_STRING: return "a string is not closed";
    case simdjson::NUMBER_ERROR:
    case simdjson::BIGINT_ERROR: return "a value is malformed or a number is too large";
    default: return "its syntax is wrong";
  }
}

static_assert(limits::kJsonDepthMax == 32);

}  // namespace

Kind Value::kind() const {
  switch (element_.type()) {
    case simdjson::dom::element_type::NULL_VALUE: return Kind::kNull;
    case simdjson::dom::element_type::BOOL: return Kind::kBoolean;
    case simdjson::dom::element_type::STRING: return Kind::kString;
    case simdjson::dom::element_type::ARRAY: return Kind::kArray;
    case simdjson::dom::element_type::OBJECT: return Kind::kObject;
    default: return Kind::kNumber;
  }
}

std::optional<std::string_view> Value::string() const {
  std::string_view text;
  if (element_.get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

std::optional<bool> Value::boolean() const {
  bool value = false;
  if (element_.get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<int64_t> Value::integer() const {
  int64_t value = 0;
  if (element_.is_int64() && element_.get(value) == simdjson::SUCCESS) return value;
  double real = 0;
  if (!element_.is_double() || element_.get(real) != simdjson::SUCCESS) return std::nullopt;
  constexpr double exact_max = 9007199254740992.0;  // 2^53
  if (std::trunc(real) != real || std::abs(real) > exact_max) return std::nullopt;
  return static_cast<int64_t>(real);
}

std::optional<double> Value::number() const {
  double value = 0;
  if (element_.get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<Value> Value::member(std::string_view name) const {
  simdjson::dom::object object;
  simdjson::dom::element found;
  if (element_.get(object) != simdjson::SUCCESS) return std::nullopt;
  if (object.at_key(name).get(found) != simdjson::SUCCESS) return std::nullopt;
  return Value(found);
}

size_t Value::num_items() const {
  simdjson::dom::array items;
  return element_.get(items) == simdjson::SUCCESS ? items.size() : 0;
}

Value Value::item(size_t index) const {
  simdjson::dom::element found;
  CHECK(element_.at(index).get(found) == simdjson::SUCCESS);
  return Value(found);
}

simdjson::error_code Document::load(std::string_view text) {
  if (text.empty()) return simdjson::EMPTY;  // simdjson copies even nothing, from nowhere
  parser_ = std::make_unique<simdjson::dom::parser>();
  // simdjson counts the root too, and not an empty array or object.
  constexpr size_t depth_max = limits::kJsonDepthMax + 1;
  if (const auto error = parser_->allocate(std::max<size_t>(text.size(), 64), depth_max)) {
    return error;
  }
  simdjson::dom::element root;
  const auto error = parser_->parse(text.data(), text.size()).get(root);
  if (!error) root_ = Value(root);
  return error;
}

Result<Document> Document::parse_untrusted(std::string_view text) {
  Document document;
  if (const auto error = document.load(text)) {
    return fail(ErrorCode::kInvalidRequest, "The body is not JSON: " + describe(error) + ".");
  }
  simdjson::dom::element root = document.parser_->doc.root();
  if (const char* fault = find_fault(root)) {
    return fail(ErrorCode::kInvalidRequest, std::string("The body is refused: ") + fault + ".");
  }
  return document;
}

Result<Document> Document::parse_host(std::string_view text) {
  Document document;
  if (const auto error = document.load(text)) {
    return fail(ErrorCode::kInternal, "The server could not read its own store.",
                "host answer is not JSON: " + describe(error));
  }
  return document;
}

}  // namespace latchkey::json
