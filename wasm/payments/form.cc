#include "payments/form.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "json/reader.h"

namespace latchkey::payments {
namespace {

std::string decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' && i + 2 < text.size() ? hex_decode(text.substr(i + 1, 2)) : std::nullopt;
    if (byte && byte->size() == 1) {
      out += static_cast<char>(byte->front());
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace

std::optional<Form> Form::parse(std::string_view body) {
  Form form;
  while (!body.empty()) {
    const size_t end = body.find('&');
    const std::string_view field = body.substr(0, end);
    body = end == std::string_view::npos ? std::string_view() : body.substr(end + 1);
    if (field.empty()) continue;
    if (form.fields_.size() == limits::kFormFieldsMax) return std::nullopt;
    const size_t equals = field.find('=');
    const std::string_view value = equals == std::string_view::npos ? "" : field.substr(equals + 1);
    form.fields_.emplace_back(decode(field.substr(0, equals)), decode(value));
    if (!json::is_utf8(form.fields_.back().first) || !json::is_utf8(form.fields_.back().second)) return std::nullopt;
  }
  return form;
}

std::string_view Form::text(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (key == name) return value;
  }
  return {};
}

std::vector<std::string_view> Form::list(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : fields_) {
    if (key.starts_with(name) && key.size() > name.size() && key[name.size()] == '[' && key.ends_with(']')) {
      values.push_back(value);
    }
  }
  return values;
}

}  // namespace latchkey::payments
