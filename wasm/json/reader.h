// Reader: parsed JSON (RFC 8259) over simdjson. Text from outside is refused when it is
// not UTF-8, nests deeper than limits::kJsonDepthMax, repeats a key in an object, or holds a
// lone surrogate. Views point into the Document and die with it.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace latchkey::json {

inline bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

enum class Kind : uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject };

class Value {
 public:
  Value() = default;
  explicit Value(simdjson::dom::element element) : element_(element) {}

  Kind kind() const;
  bool is_null() const { return kind() == Kind::kNull; }

  std::optional<std::string_view> string() const;
  std::optional<bool> boolean() const;
  // integer: a number without a fraction that fits; D1 answers 3 as 3.0 at times, so a
  // double that is whole counts too.
  std::optional<int64_t> integer() const;
  std::optional<double> number() const;

  // member: the value of `name` in an object; nullopt where it is absent or this is none.
  std::optional<Value> member(std::string_view name) const;
  // Iteration over arrays and objects; empty for anything else.
  template <class Visit>
  void each_item(Visit visit) const {
    simdjson::dom::array items;
    if (element_.get(items) != simdjson::SUCCESS) return;
    for (const simdjson::dom::element item : items) visit(Value(item));
  }
  template <class Visit>
  void each_member(Visit visit) const {
    simdjson::dom::object members;
    if (element_.get(members) != simdjson::SUCCESS) return;
    for (const auto [name, value] : members) visit(name, Value(value));
  }
  size_t num_items() const;
  Value item(size_t index) const;

 private:
  simdjson::dom::element element_;
};

class Document {
 public:
  // parse_untrusted: for what clients send. Errors are kInvalidRequest and say what is wrong.
  static Result<Document> parse_untrusted(std::string_view text);
  // parse_host: for what the host answers. An error is kInternal.
  static Result<Document> parse_host(std::string_view text);

  Value root() const { return root_; }

 private:
  Document() = default;
  simdjson::error_code load(std::string_view text);

  std::unique_ptr<simdjson::dom::parser> parser_;
  Value root_;
};

}  // namespace latchkey::json
