// The providers whose keys we hand out, in ascending order of name: HPKE seals them in
// this order, and bit i of a ProviderSet is provider i.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace latchkey::config {

struct Provider {
  std::string_view name;
  std::string_view secret_name;  // The Worker secret that holds its key until D1 does.
  std::string_view base_url_name;  // The variable for another address of its API, in development.
};

inline constexpr size_t kNumProviders = 6;
inline constexpr std::array<Provider, kNumProviders> kProviders = {{
    {"deepseek", "DEEPSEEK_API_KEY", "PROVIDER_BASE_URL_DEEPSEEK"},
    {"kimi", "KIMI_API_KEY", "PROVIDER_BASE_URL_KIMI"},
    {"mistral", "MISTRAL_API_KEY", "PROVIDER_BASE_URL_MISTRAL"},
    {"qwen", "QWEN_API_KEY", "PROVIDER_BASE_URL_QWEN"},
    {"yandex", "YANDEX_API_KEY", "PROVIDER_BASE_URL_YANDEX"},
    {"zhipu", "ZHIPU_API_KEY", "PROVIDER_BASE_URL_ZHIPU"},
}};

constexpr std::optional<size_t> provider_index(std::string_view name) {
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (kProviders[i].name == name) return i;
  }
  return std::nullopt;
}

// ProviderSet: a set of provider indices.
class ProviderSet {
 public:
  static constexpr ProviderSet all() {
    ProviderSet set;
    set.bits_ = (1u << kNumProviders) - 1;
    return set;
  }
  constexpr void add(size_t index) { bits_ |= 1u << index; }
  constexpr bool has(size_t index) const { return (bits_ >> index & 1) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr ProviderSet operator&(ProviderSet other) const {
    ProviderSet set;
    set.bits_ = bits_ & other.bits_;
    return set;
  }
  friend constexpr bool operator==(ProviderSet, ProviderSet) = default;

 private:
  uint32_t bits_ = 0;
};

}  // namespace latchkey::config
