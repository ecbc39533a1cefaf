// Fuzzes what clients send as JSON: whatever is accepted is walked, written again, and read
// to the same text.
#include <simdjson.h>

#include <set>
#include <string>

#include "base/check.h"
#include "base/limits.h"
#include "json/reader.h"
#include "json/writer.h"

namespace json = latchkey::json;

namespace {

void check_text(std::string_view text) { CHECK(simdjson::validate_utf8(text.data(), text.size())); }

void write_number(json::Value value, json::Writer& out) {
  CHECK(value.number().has_value());
  if (const auto integer = value.integer()) {
    out.integer(*integer);
  } else {
    out.raw("0.5");
  }
}

// walk: visits everything through the public interface and writes it down.
void walk(json::Value value, size_t depth, json::Writer& out) {
  // simdjson allows one empty array or object more.
  CHECK(depth <= latchkey::limits::kJsonDepthMax + 1);
  switch (value.kind()) {
    case json::Kind::kNull: out.null(); break;
    case json::Kind::kBoolean: out.boolean(*value.boolean()); break;
    case json::Kind::kNumber: write_number(value, out); break;
    case json::Kind::kString:
      check_text(*value.string());
      out.string(*value.string());
      break;
    case json::Kind::kArray: {
      size_t num_items = 0;
      out.begin_array();
      value.each_item([&](json::Value item) { walk(item, depth + 1, out), ++num_items; });
      out.end_array();
      CHECK(num_items == value.num_items());
      break;
    }
    case json::Kind::kObject: {
      std::set<std::string_view> names;
      out.begin_object();
      value.each_member([&](std::string_view name, json::Value member) {
        check_text(name);
        CHECK(names.insert(name).second);
        CHECK(value.member(name)->kind() == member.kind());
        walk(member, depth + 1, out.key(name));
      });
      out.end_object();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = json::Document::parse_untrusted(text);
  if (!document) {
    CHECK(document.error().code() == latchkey::ErrorCode::kInvalidRequest);
    CHECK(document.error().message().starts_with("The body is "));
    return 0;
  }
  json::Writer first;
  walk(document->root(), 0, first);
  const auto again = json::Document::parse_untrusted(first.text());
  CHECK(again.has_value());
  json::Writer second;
  walk(again->root(), 0, second);
  CHECK(first.text() == second.text());
  return 0;
}
