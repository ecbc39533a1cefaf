// Fields: reads the members of one JSON object and collects everything wrong with them, so
// that a client hears of all its mistakes at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "http/problem.h"
#include "json/reader.h"

namespace latchkey::http {

enum class Presence : uint8_t { kOptional, kRequired };

class Fields {
 public:
  // `prefix` goes in front of locations: "rows[3].".
  explicit Fields(json::Value object, std::string prefix = {});

  // text: null and absent are nullopt (an error where required). Otherwise 1 to bytes_max
  // bytes without control characters.
  std::optional<std::string> text(std::string_view name, size_t bytes_max,
                                  Presence presence = Presence::kOptional);
  std::optional<int64_t> integer(std::string_view name, int64_t min, int64_t max,
                                 Presence presence = Presence::kOptional);
  std::optional<bool> boolean(std::string_view name);
  std::optional<TimeMs> time(std::string_view name);
  // member: anything; nullopt for null and absent.
  std::optional<json::Value> member(std::string_view name) const;
  // has: the member is there, be it null.
  bool has(std::string_view name) const { return object_.member(name).has_value(); }

  // refuse_unknown: every member that is not in `known` is an error.
  void refuse_unknown(std::initializer_list<std::string_view> known);
  void add_error(std::string_view name, std::string message);

  bool ok() const { return errors_.empty(); }
  const std::vector<FieldError>& errors() const { return errors_; }
  std::vector<FieldError> take_errors() { return std::move(errors_); }

 private:
  json::Value object_;
  std::string prefix_;
  std::vector<FieldError> errors_;
};

// num_characters: code points of valid UTF-8.
size_t num_characters(std::string_view utf8);

// has_control: a C0 or C1 control character, or DEL.
bool has_control(std::string_view utf8);

}  // namespace latchkey::http
