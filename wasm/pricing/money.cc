#include "pricing/money.h"

namespace latchkey::pricing {
namespace {

constexpr size_t kWholeDigitsMax = 9;
constexpr size_t kFractionDigitsMax = 9;

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

int64_t number_of(std::string_view digits) {
  int64_t number = 0;
  for (const char digit : digits) number = number * 10 + (digit - '0');
  return number;
}

}  // namespace

std::optional<Nano> parse_usd(std::string_view text) {
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  if (!all_digits(whole) || whole.size() > kWholeDigitsMax) return std::nullopt;
  if (whole.size() > 1 && whole[0] == '0') return std::nullopt;
  int64_t nanos = number_of(whole) * kNanosPerDollar;
  if (point != std::string_view::npos) {
    std::string fraction(text.substr(point + 1));
    if (!all_digits(fraction) || fraction.size() > kFractionDigitsMax) return std::nullopt;
    fraction.resize(kFractionDigitsMax, '0');
    nanos += number_of(fraction);
  }
  return Nano{nanos};
}

std::string print_usd(Nano amount) {
  // The least int64 has no positive twin: magnitudes are unsigned.
  const bool is_negative = amount.value < 0;
  const uint64_t bits = static_cast<uint64_t>(amount.value);
  const uint64_t magnitude = is_negative ? 0 - bits : bits;
  std::string out = is_negative ? "-" : "";
  out += std::to_string(magnitude / kNanosPerDollar);
  std::string fraction = std::to_string(magnitude % kNanosPerDollar);
  if (fraction == "0") return out;
  fraction.insert(0, kFractionDigitsMax - fraction.size(), '0');
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return out + "." + fraction;
}

Result<Nano> add(Nano a, Nano b) {
  Nano sum;
  if (__builtin_add_overflow(a.value, b.value, &sum.value)) {
    return fail(ErrorCode::kUnprocessable, "The sum of these costs is too large to be counted.");
  }
  return sum;
}

}  // namespace latchkey::pricing
