#include "json/reader.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/limits.h"

namespace latchkey::json {

using simdjson::dom::element;

// Element: between what a Value stores and what simdjson calls it.
struct Element {
  static element of(const Value& value) { return std::bit_cast<element>(value.stored_); }
  static Value value(element from) {
    Value to;
    to.stored_ = std::bit_cast<Value::Stored>(from);
    return to;
  }
};

struct Document::Parser : simdjson::dom::parser {};
void Document::ParserDelete::operator()(Parser* parser) const { delete parser; }
Document::Document() = default;

namespace {

// Most objects have few members: sorting their names is cheaper than a hash set.
bool has_repeated_key(const simdjson::dom::object& object) {
  std::vector<std::string_view> names;
  for (const auto [name, value] : object) names.push_back(name);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

// What simdjson accepts and we do not.
const char* find_fault(element value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
      for (const auto item : value.get_array().value_unsafe()) {
        if (const char* fault = find_fault(item)) return fault;
      }
      return nullptr;
    case simdjson::dom::element_type::OBJECT: {
      const simdjson::dom::object object = value.get_object().value_unsafe();
      if (has_repeated_key(object)) return "a key appears twice in one object";
      for (const auto [name, member] : object) {
        if (const char* fault = find_fault(member)) return fault;
      }
      return nullptr;
    }
    default:
      return nullptr;
  }
}

const char* describe(simdjson::error_code error) {
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

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

Value::Value() : stored_(std::bit_cast<Stored>(element())) {}

Kind Value::kind() const {
  switch (Element::of(*this).type()) {
    case simdjson::dom::element_type::NULL_VALUE: return Kind::kNull;
    case simdjson::dom::element_type::BOOL: return Kind::kBoolean;
    case simdjson::dom::element_type::STRING: return Kind::kString;
    case simdjson::dom::element_type::ARRAY: return Kind::kArray;
    case simdjson::dom::element_type::OBJECT: return Kind::kObject;
    default: return Kind::kNumber;
  }
}

namespace {

template <class T>
std::optional<T> get(element from) {
  T value{};
  if (from.get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string_view> Value::string() const { return get<std::string_view>(Element::of(*this)); }
std::optional<bool> Value::boolean() const { return get<bool>(Element::of(*this)); }
std::optional<double> Value::number() const { return get<double>(Element::of(*this)); }

std::optional<int64_t> Value::integer() const {
  const element from = Element::of(*this);
  if (from.is_int64()) return get<int64_t>(from);
  if (!from.is_double()) return std::nullopt;
  const double real = get<double>(from).value_or(0);
  constexpr double exact_max = 9007199254740992.0;  // 2^53
  if (std::trunc(real) != real || std::abs(real) > exact_max) return std::nullopt;
  return static_cast<int64_t>(real);
}

std::optional<Value> Value::member(std::string_view name) const {
  const auto object = get<simdjson::dom::object>(Element::of(*this));
  element found;
  if (!object || object->at_key(name).get(found) != simdjson::SUCCESS) return std::nullopt;
  return Element::value(found);
}

void Value::visit_items(void (*visit)(void* to, Value item), void* to) const {
  const auto items = get<simdjson::dom::array>(Element::of(*this));
  if (!items) return;
  for (const element item : *items) visit(to, Element::value(item));
}

void Value::visit_members(void (*visit)(void* to, std::string_view name, Value value), void* to) const {
  const auto members = get<simdjson::dom::object>(Element::of(*this));
  if (!members) return;
  for (const auto [name, value] : *members) visit(to, name, Element::value(value));
}

size_t Value::num_items() const {
  const auto items = get<simdjson::dom::array>(Element::of(*this));
  return items ? items->size() : 0;
}

Value Value::item(size_t index) const {
  element found;
  CHECK(Element::of(*this).at(index).get(found) == simdjson::SUCCESS);
  return Element::value(found);
}

const char* Document::load(std::string_view text) {
  if (text.empty()) return describe(simdjson::EMPTY);  // simdjson copies even nothing, from nowhere
  parser_.reset(new Parser());
  // simdjson counts the root too, and not an empty array or object.
  constexpr size_t depth_max = limits::kJsonDepthMax + 1;
  if (const auto error = parser_->allocate(std::max<size_t>(text.size(), 64), depth_max)) return describe(error);
  element root;
  if (const auto error = parser_->parse(text.data(), text.size()).get(root)) return describe(error);
  root_ = Element::value(root);
  return nullptr;
}

Result<Document> Document::parse_untrusted(std::string_view text) {
  Document document;
  if (const char* why = document.load(text)) {
    return fail(ErrorCode::kInvalidRequest, std::string("The body is not JSON: ") + why + ".");
  }
  if (const char* fault = find_fault(Element::of(document.root()))) {
    return fail(ErrorCode::kInvalidRequest, std::string("The body is refused: ") + fault + ".");
  }
  return document;
}

Result<Document> Document::parse_host(std::string_view text) {
  Document document;
  if (const char* why = document.load(text)) {
    return fail(ErrorCode::kInternal, "The server could not read its own store.",
                std::string("host answer is not JSON: ") + why);
  }
  return document;
}

}  // namespace latchkey::json
