// Content: what stands in an opened line.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "backup/decide.h"
#include "backup/file.h"
#include "config/config.h"

namespace latchkey::backup {

inline constexpr std::string_view kEndTable = "end";

// print_counts: rows of each table, as a JSON object with its names in ascending order.
std::string print_counts(const std::array<int64_t, kNumTables>& counts);

class Content {
 public:
  bool is_end() const { return table_ == kNumTables; }
  // table: kNumTables for the last line.
  size_t table() const { return table_; }
  std::string_view table_name() const { return is_end() ? kEndTable : kTables[table_]; }

  // rows: as they are stored again, each sealed value tried with this service's keys.
  Result<Rows> rows(const config::Config& config, bool index_lost, TimeMs now) const;

  // Of the last line.
  std::array<int64_t, kNumTables> counts() const;
  int64_t last_seq() const;
  // state: the row of that table, as JSON.
  std::string state() const;

 private:
  friend Result<Content> open_line(const Key& key, const Place& place, std::string_view line);
  Content(json::Document document, size_t table) : document_(std::move(document)), table_(table) {}

  json::Document document_;
  size_t table_;
};

// open_line: kUnprocessable where it is not the line that was written in this place.
Result<Content> open_line(const Key& key, const Place& place, std::string_view line);

}  // namespace latchkey::backup
