#include "health/exposition.h"

#include "base/check.h"

namespace latchkey::health {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

enum class Quotes : bool { kAsTheyAre, kEscaped };

void append_escaped(std::string& out, std::string_view text, Quotes quotes) {
  for (const char c : text) {
    if (c == '\\') out += "\\\\";
    else if (c == '\n') out += "\\n";
    else if (c == '"' && quotes == Quotes::kEscaped) out += "\\\"";
    else out += c;
  }
}

// append_value: without a point where it is whole, and no zero at its end.
void append_value(std::string& out, Value value) {
  const bool is_negative = value.units < 0;
  const uint64_t magnitude = is_negative ? 0 - static_cast<uint64_t>(value.units) : static_cast<uint64_t>(value.units);
  std::string text = std::to_string(magnitude);
  const auto digits = static_cast<size_t>(value.digits);
  if (text.size() <= digits) text.insert(0, digits + 1 - text.size(), '0');
  if (digits > 0) {
    text.insert(text.size() - digits, 1, '.');
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  if (is_negative) out += '-';
  out += text;
}

}  // namespace

Exposition& Exposition::family(std::string_view name, MetricType type, std::string_view help) {
  CHECK(is_name(name) && (type == MetricType::kCounter) == name.ends_with("_total"));
  name_ = name;
  out_.append("# HELP ").append(name).append(" ");
  append_escaped(out_, help, Quotes::kAsTheyAre);
  out_.append("\n# TYPE ").append(name).append(type == MetricType::kCounter ? " counter\n" : " gauge\n");
  return *this;
}

Exposition& Exposition::sample(Value value, std::initializer_list<Label> labels) {
  CHECK(!name_.empty());
  out_ += name_;
  char open = '{';
  for (const Label& label : labels) {
    CHECK(is_name(label.name));
    out_ += open;
    out_.append(label.name).append("=\"");
    append_escaped(out_, label.value, Quotes::kEscaped);
    out_ += '"';
    open = ',';
  }
  if (labels.size() > 0) out_ += '}';
  out_ += ' ';
  append_value(out_, value);
  out_ += '\n';
  return *this;
}

}  // namespace latchkey::health
