// Writer: JSON text, written in order. Keys are written as given, so canonical output is
// the caller's order of calls.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace latchkey::json {

// append_string appends `text` (valid UTF-8) as a JSON string: quotes, backslashes and
// control characters escaped, everything else as it is (RFC 8785, section 3.2.2.2).
void append_string(std::string& out, std::string_view text);

class Writer {
 public:
  Writer() = default;
  explicit Writer(size_t reserve_bytes) { out_.reserve(reserve_bytes); }

  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }
  Writer& key(std::string_view name);

  Writer& string(std::string_view text);
  Writer& integer(int64_t value);
  Writer& boolean(bool value) { return raw(value ? "true" : "false"); }
  Writer& null() { return raw("null"); }
  // raw: text that is JSON already.
  Writer& raw(std::string_view json);

  Writer& field(std::string_view name, std::string_view text) { return key(name).string(text); }
  Writer& field(std::string_view name, const char* text) { return key(name).string(text); }
  Writer& field(std::string_view name, std::integral auto value) {
    key(name);
    if constexpr (std::same_as<decltype(value), bool>) return boolean(value);
    else return integer(static_cast<int64_t>(value));
  }
  // field of an optional: null where it holds nothing.
  template <class T>
  Writer& field(std::string_view name, const std::optional<T>& value) {
    return value ? field(name, *value) : key(name).null();
  }
  // time: as format_time writes it.
  Writer& time(std::string_view name, std::optional<TimeMs> at);

  const std::string& text() const { return out_; }
  std::string take() && { return std::move(out_); }

 private:
  Writer& open(char bracket);
  Writer& close(char bracket);
  void separate();

  std::string out_;
  bool needs_comma_ = false;
};

}  // namespace latchkey::json
