#include "store/audit_record.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::store {
namespace {

bool write_canonical(json::Writer& out, json::Value value);

bool write_array(json::Writer& out, json::Value array) {
  bool ok = true;
  out.begin_array();
  array.each_item([&](json::Value item) { ok = ok && write_canonical(out, item); });
  out.end_array();
  return ok;
}

bool write_object(json::Writer& out, json::Value object) {
  std::vector<std::pair<std::string_view, json::Value>> members;
  object.each_member([&](std::string_view name, json::Value value) { members.emplace_back(name, value); });
  std::ranges::sort(members, {}, &std::pair<std::string_view, json::Value>::first);
  bool ok = true;
  out.begin_object();
  for (const auto& [name, value] : members) {
    out.key(name);
    ok = ok && write_canonical(out, value);
  }
  out.end_object();
  return ok;
}

// write_canonical: false where the value holds a number with a fraction, which has no form
// here; what was written is then not whole.
bool write_canonical(json::Writer& out, json::Value value) {
  switch (value.kind()) {
    case json::Kind::kNull: out.null(); return true;
    case json::Kind::kBoolean: out.boolean(*value.boolean()); return true;
    case json::Kind::kString: out.string(*value.string()); return true;
    case json::Kind::kArray: return write_array(out, value);
    case json::Kind::kObject: return write_object(out, value);
    case json::Kind::kNumber: break;
  }
  const auto integer = value.integer();
  if (integer) out.integer(*integer);
  return integer.has_value();
}

void write_details(json::Writer& out, std::string_view text) {
  const auto document = json::Document::parse_untrusted(text);
  json::Writer object;
  if (document && document->root().kind() == json::Kind::kObject && write_object(object, document->root())) {
    out.key("details").raw(object.text());
  } else {
    out.field("details", text);
  }
}

}  // namespace

std::string audit_record(const host::Row& row) {
  json::Writer out(512);
  const auto text = [&](std::string_view name) {
    if (const auto value = row.text_or_null(name)) out.field(name, *value);
  };
  out.begin_object();
  text("action");
  text("actor");
  text("address_hash");
  out.field("at", row.integer("at"));
  text("country");
  if (const auto details = row.text_or_null("details")) write_details(out, *details);
  out.field("item", row.integer("item"));
  text("license_id");
  text("machine_hash");
  text("outcome");
  text("reason");
  text("request_id");
  text("user_agent");
  out.end_object();
  return std::move(out).take();
}

}  // namespace latchkey::store
