#include "support/crypto/vectors.h"

#include <charconv>
#include <optional>

#include "base/encoding.h"

namespace latchkey::testing {
namespace {

std::optional<Bytes> parse_bytes(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    const ByteView inner = as_bytes(value.substr(1, value.size() - 2));
    return Bytes(inner.begin(), inner.end());
  }
  return hex_decode(value);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

struct Line {
  std::string_view name;
  std::string_view value;
};

std::optional<Line> parse_line(std::string_view line) {
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const Line parsed{trim(line.substr(0, equals)), trim(line.substr(equals + 1))};
  if (parsed.name.empty()) return std::nullopt;
  return parsed;
}

std::optional<Outcome> parse_outcome(std::string_view value) {
  if (value == "ok") return Outcome::kOk;
  if (value == "refused") return Outcome::kRefused;
  return std::nullopt;
}

// Builder: a record's first two lines are its kind and its outcome.
struct Builder {
  VectorFile file;
  std::string kind;
  bool in_record = false;

  void fail(size_t line, std::string_view what) {
    if (file.problem.empty()) file.problem = "line " + std::to_string(line) + ": " + std::string(what);
  }

  void field(size_t number, const Line& line) {
    if (in_record) {
      file.records.back().add(std::string(line.name), std::string(line.value));
    } else if (kind.empty()) {
      if (line.name != "kind" || line.value.empty()) return fail(number, "a record begins with its kind");
      kind = line.value;
    } else {
      const std::optional<Outcome> outcome = parse_outcome(line.value);
      if (line.name != "outcome" || !outcome) return fail(number, "outcome is ok or refused");
      file.records.emplace_back(number - 1, std::exchange(kind, {}), *outcome);
      in_record = true;
    }
  }

  void end_record(size_t number) {
    if (!kind.empty()) fail(number, "a record has no outcome");
    in_record = false;
  }
};

}  // namespace

bool Record::has(std::string_view name) const {
  for (const Field& field : fields_) {
    if (!field.used && field.name == name) return true;
  }
  return false;
}

std::string Record::take(std::string_view name) {
  for (Field& field : fields_) {
    if (field.used || field.name != name) continue;
    field.used = true;
    return field.value;
  }
  expect(false, "missing field " + std::string(name));
  return {};
}

Bytes Record::bytes(std::string_view name) {
  const std::optional<Bytes> bytes = parse_bytes(take(name));
  expect(bytes.has_value(), "field is neither hex nor text: " + std::string(name));
  return bytes.value_or(Bytes());
}

std::string Record::text(std::string_view name) { return std::string(as_text(bytes(name))); }

uint64_t Record::number(std::string_view name) {
  const std::string value = take(name);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  expect(error == std::errc() && end == value.data() + value.size(),
         "field is no number: " + std::string(name));
  return number;
}

void Record::expect(bool condition, std::string_view what) {
  if (!condition && failure_.empty()) failure_ = what;
}

void Record::expect_equal(ByteView actual, ByteView expected, std::string_view what) {
  if (hex_encode(actual) == hex_encode(expected)) return;
  expect(false, std::string(what) + ": got " + hex_encode(actual) + ", want " + hex_encode(expected));
}

std::string Record::finish() {
  for (const Field& field : fields_) expect(field.used, "unused field " + field.name);
  if (failure_.empty()) return {};
  return "line " + std::to_string(line_) + " (" + kind_ + "): " + failure_;
}

VectorFile parse_vectors(std::string_view text) {
  Builder builder;
  size_t number = 0;
  while (!text.empty()) {
    ++number;
    const size_t end = text.find('\n');
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) {
      builder.end_record(number);
    } else if (line.front() != '#') {
      const std::optional<Line> parsed = parse_line(line);
      if (!parsed) {
        builder.fail(number, "not of the form name = value");
      } else {
        builder.field(number, *parsed);
      }
    }
  }
  builder.end_record(number);
  if (builder.file.records.empty()) builder.fail(number, "no records");
  return std::move(builder.file);
}

}  // namespace latchkey::testing
