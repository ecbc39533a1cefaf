#include "http/fields.h"

#include <algorithm>

namespace latchkey::http {

size_t num_characters(std::string_view utf8) {
  return static_cast<size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool has_control(std::string_view utf8) {
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    if (c < 0x20 || c == 0x7f) return true;
    // C1 controls are U+0080 to U+009F: C2 80 to C2 9F.
    if (c == 0xc2 && i + 1 < utf8.size() && static_cast<unsigned char>(utf8[i + 1]) < 0xa0) return true;
  }
  return false;
}

Fields::Fields(json::Value object, std::string prefix) : object_(object), prefix_(std::move(prefix)) {
  if (object_.kind() != json::Kind::kObject) {
    errors_.push_back({prefix_.empty() ? "body" : prefix_.substr(0, prefix_.size() - 1), "must be a JSON object"});
  }
}

void Fields::add_error(std::string_view name, std::string message) {
  errors_.push_back({prefix_ + std::string(name), std::move(message)});
}

std::optional<json::Value> Fields::member(std::string_view name) const {
  const auto value = object_.member(name);
  if (!value || value->is_null()) return std::nullopt;
  return value;
}

std::optional<std::string> Fields::text(std::string_view name, size_t bytes_max, Presence presence) {
  const auto value = member(name);
  if (!value) {
    if (presence == Presence::kRequired) add_error(name, "is required");
    return std::nullopt;
  }
  const auto text = value->string();
  if (!text) {
    add_error(name, "must be a string");
  } else if (text->empty()) {
    add_error(name, "must not be empty");
  } else if (text->size() > bytes_max) {
    add_error(name, "must have at most " + std::to_string(bytes_max) + " bytes");
  } else if (has_control(*text)) {
    add_error(name, "must not hold control characters");
  } else {
    return std::string(*text);
  }
  return std::nullopt;
}

std::optional<int64_t> Fields::integer(std::string_view name, int64_t min, int64_t max, Presence presence) {
  const auto value = member(name);
  if (!value) {
    if (presence == Presence::kRequired) add_error(name, "is required");
    return std::nullopt;
  }
  const auto integer = value->integer();
  if (!integer || *integer < min || *integer > max) {
    add_error(name, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
  }
  return integer;
}

std::optional<bool> Fields::boolean(std::string_view name) {
  const auto value = member(name);
  if (!value) return std::nullopt;
  const auto boolean = value->boolean();
  if (!boolean) add_error(name, "must be true or false");
  return boolean;
}

std::optional<TimeMs> Fields::time(std::string_view name) {
  const auto value = member(name);
  if (!value) return std::nullopt;
  const auto text = value->string();
  const auto time = text ? parse_time(*text) : std::nullopt;
  if (!time) add_error(name, "must be a time such as 2027-01-31T00:00:00Z or a date such as 2027-01-31");
  return time;
}

void Fields::refuse_unknown(std::initializer_list<std::string_view> known) {
  object_.each_member([&](std::string_view name, json::Value) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::string shown(name.substr(0, 64));
      add_error(shown, "is not a known member");
    }
  });
}

}  // namespace latchkey::http
