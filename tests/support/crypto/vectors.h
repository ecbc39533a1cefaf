// The test vector format, read line by line, and shared by the native tests and the wasm probe.
//
//   # a comment; an empty line ends a record
//   kind = fernet_open        what is tested: names a handler
//   outcome = ok              ok or refused
//   <field> = <value>         hex, "text", or a decimal number, as the handler reads it
//
// A field may be repeated; its values are taken in order. A record fails where its kind is
// unknown, a field is missing, or a field was left unused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace latchkey::testing {

enum class Outcome : uint8_t { kOk, kRefused };

class Record {
 public:
  Record(size_t line, std::string kind, Outcome outcome)
      : line_(line), kind_(std::move(kind)), outcome_(outcome) {}

  size_t line() const { return line_; }
  const std::string& kind() const { return kind_; }
  Outcome outcome() const { return outcome_; }

  void add(std::string name, std::string value) { fields_.push_back({std::move(name), std::move(value)}); }
  bool has(std::string_view name) const;

  // Each takes the first value of `name` that is still unused. A problem is remembered and
  // an empty value given.
  Bytes bytes(std::string_view name);
  std::string text(std::string_view name);
  uint64_t number(std::string_view name);

  // expect: remembers a failure. The first one counts.
  void expect(bool condition, std::string_view what);
  void expect_equal(ByteView actual, ByteView expected, std::string_view what);
  // finish: the failure, or "" where every field was used and every expectation held.
  std::string finish();

 private:
  struct Field {
    std::string name;
    std::string value;
    bool used = false;
  };
  std::string take(std::string_view name);

  size_t line_;
  std::string kind_;
  Outcome outcome_;
  std::vector<Field> fields_;
  std::string failure_;
};

struct VectorFile {
  std::vector<Record> records;
  // Why the file is malformed, or "".
  std::string problem;
};

VectorFile parse_vectors(std::string_view text);

// Report: what a run did. `failures` are lines for a human.
struct Report {
  size_t num_checks = 0;
  std::vector<std::string> failures;

  void check(bool condition, std::string_view what) {
    ++num_checks;
    if (!condition) failures.emplace_back(what);
  }
};

}  // namespace latchkey::testing
