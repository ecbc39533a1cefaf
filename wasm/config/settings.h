// Settings: every variable and secret of the Worker's environment, in one table that the
// parser, `latchkey config` and the operator's page share.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace latchkey::config {

enum class SettingKind : uint8_t { kSecret, kText, kInteger };
enum class Required : uint8_t { kNo, kYes };

struct Setting {
  std::string_view name;
  SettingKind kind;
  Required required;
  std::string_view default_value;  // Empty: none.
  std::string_view description;
  int64_t min = 0;  // Integers only.
  int64_t max = 0;
};

std::span<const Setting> settings();

}  // namespace latchkey::config
