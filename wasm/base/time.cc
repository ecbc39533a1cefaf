#include "base/time.h"

#include <algorithm>

#include "base/check.h"

namespace latchkey {
namespace {

// Days since 1970-01-01 of a civil date, and back: proleptic Gregorian calendar in
// 400-year eras that begin on 1 March.
int64_t days_of(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

struct Date {
  int64_t year, month, day;
};

Date date_of(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  const int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * shifted + 2) / 5 + 1};
}

// Cursor reads fixed-width digits and single characters; one failure sticks.
struct Cursor {
  std::string_view rest;
  bool ok = true;

  int64_t digits(size_t count) {
    if (rest.size() < count) ok = false;
    if (!ok) return 0;
    int64_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      if (rest[i] < '0' || rest[i] > '9') ok = false;
      value = value * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(count);
    return value;
  }
  bool accept(char c) {
    if (!ok || rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  void expect(char c) { ok = accept(c) && ok; }
};

bool is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int64_t days_in_month(int64_t year, int64_t month) {
  constexpr int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

void put(std::string& out, int64_t value, size_t width) {
  char digits[8];
  for (size_t i = width; i-- > 0; value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out.append(digits, width);
}

}  // namespace

std::string format_time(TimeMs time) {
  CHECK(time >= 0 && time <= kTimeMsMax + 999);
  const Date date = date_of(time / kDayMs);
  const int64_t second = time % kDayMs / kSecondMs;
  std::string out;
  out.reserve(20);
  put(out, date.year, 4);
  out += '-';
  put(out, date.month, 2);
  out += '-';
  put(out, date.day, 2);
  out += 'T';
  put(out, second / 3600, 2);
  out += ':';
  put(out, second / 60 % 60, 2);
  out += ':';
  put(out, second % 60, 2);
  out += 'Z';
  return out;
}

std::optional<TimeMs> parse_time(std::string_view text) {
  Cursor in{text};
  const int64_t year = in.digits(4);
  in.expect('-');
  const int64_t month = in.digits(2);
  in.expect('-');
  const int64_t day = in.digits(2);
  if (!in.ok || year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
    return std::nullopt;
  }
  const TimeMs midnight = days_of(year, month, day) * kDayMs;
  if (in.rest.empty()) return midnight;

  if (!in.accept('T') && !in.accept('t') && !in.accept(' ')) return std::nullopt;
  const int64_t hour = in.digits(2);
  in.expect(':');
  const int64_t minute = in.digits(2);
  in.expect(':');
  const int64_t second = in.digits(2);
  if (!in.ok || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  int64_t fraction_ms = 0;
  if (in.accept('.')) {
    int64_t scale = 100;
    size_t num_digits = 0;
    while (!in.rest.empty() && in.rest.front() >= '0' && in.rest.front() <= '9') {
      fraction_ms += (in.rest.front() - '0') * scale;
      scale /= 10;
      in.rest.remove_prefix(1);
      ++num_digits;
    }
    if (num_digits == 0) return std::nullopt;
  }
  int64_t offset_minutes = 0;
  if (!in.accept('Z') && !in.accept('z')) {
    const int64_t sign = in.accept('-') ? -1 : 1;
    if (sign == 1 && !in.accept('+')) return std::nullopt;
    const int64_t offset_hour = in.digits(2);
    in.expect(':');
    const int64_t offset_minute = in.digits(2);
    if (!in.ok || offset_hour > 23 || offset_minute > 59) return std::nullopt;
    offset_minutes = sign * (offset_hour * 60 + offset_minute);
  }
  if (!in.ok || !in.rest.empty()) return std::nullopt;
  const TimeMs time = midnight + hour * kHourMs + (minute - offset_minutes) * kMinuteMs +
                      second * kSecondMs + fraction_ms;
  if (time < 0 || time > kTimeMsMax) return std::nullopt;
  return time;
}

TimeMs retry_delay(int64_t attempts, TimeMs ms_max) {
  TimeMs delay = kMinuteMs;
  for (int64_t i = 0; i < attempts && delay < ms_max; ++i) delay *= 2;
  return std::min(delay, ms_max);
}

}  // namespace latchkey
