#include "pricing/price_list.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/check.h"
#include "base/limits.h"
#include "config/providers.h"
#include "pricing/check.h"

namespace latchkey::pricing {
namespace {

using Views = std::tuple<std::string_view, std::string_view>;

struct Prefix {
  std::string_view provider, prefix;
};

// What routers, libraries and model hubs put before the names of a provider's models.
constexpr Prefix kPrefixes[] = {
    {"deepseek", "deepseek/"}, {"deepseek", "deepseek-ai/"}, {"kimi", "kimi/"},       {"kimi", "moonshot/"},
    {"kimi", "moonshotai/"},   {"mistral", "mistral/"},      {"mistral", "mistralai/"}, {"qwen", "alibaba/"},
    {"qwen", "dashscope/"},    {"qwen", "qwen/"},            {"yandex", "yandex/"},   {"zhipu", "bigmodel/"},
    {"zhipu", "z-ai/"},        {"zhipu", "zai/"},            {"zhipu", "zai-org/"},   {"zhipu", "zhipu/"},
    {"zhipu", "zhipuai/"},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// Yandex names a model by a URI of folder, model and branch.
std::string_view without_uri(std::string_view model) {
  constexpr std::string_view scheme = "gpt://";
  if (!model.starts_with(scheme)) return model;
  const size_t folder_end = model.find('/', scheme.size());
  return folder_end == std::string_view::npos ? model : model.substr(folder_end + 1);
}

std::string_view without_branch(std::string_view model) {
  for (const std::string_view branch : {"/latest", "/rc", "/deprecated"}) {
    if (model.ends_with(branch)) return model.substr(0, model.size() - branch.size());
  }
  return model;
}

Views model_of(const Price& price) { return {price.provider, price.model}; }
Views name_of(const Alias& alias) { return {alias.provider, alias.alias}; }

}  // namespace

std::string normal_model(std::string_view provider, std::string_view model) {
  const std::string lowered = lower(trim(model));
  std::string_view name = lowered;
  if (provider == "yandex") name = without_branch(without_uri(name));
  for (const Prefix& one : kPrefixes) {
    if (one.provider == provider && name.starts_with(one.prefix)) return std::string(name.substr(one.prefix.size()));
  }
  return std::string(name);
}

bool is_model_name(std::string_view text) {
  const auto is_alnum = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (text.empty() || text.size() > limits::kPriceNameBytesMax) return false;
  if (!is_alnum(text.front()) || !is_alnum(text.back())) return false;
  return std::ranges::all_of(
      text, [&](char c) { return is_alnum(c) || c == '.' || c == '_' || c == ':' || c == '-'; });
}

std::string_view unpriced_name(Unpriced reason) {
  switch (reason) {
    case Unpriced::kUnknownProvider: return "unknown_provider";
    case Unpriced::kUnknownModel: return "unknown_model";
    case Unpriced::kTooEarly: return "too_early";
    case Unpriced::kEnded: return "ended";
  }
  LK_UNREACHABLE();
}

Result<PriceList> PriceList::of(Table table) {
  const Findings findings = check_table(table);
  if (!findings.errors.empty()) {
    const Finding& first = findings.errors.front();
    return fail(ErrorCode::kUnprocessable, "The price table is not sound: " + first.location + ": " + first.message);
  }
  std::ranges::sort(table.rows, {}, [](const Price& row) {
    return std::tuple<std::string_view, std::string_view, TimeMs>(row.provider, row.model, row.effective_from);
  });
  std::ranges::sort(table.aliases, {}, name_of);
  return PriceList(std::move(table));
}

std::expected<const Price*, Unpriced> PriceList::find(std::string_view provider, std::string_view model,
                                                      TimeMs at) const {
  const std::string provider_name = lower(trim(provider));
  if (!config::provider_index(provider_name)) return std::unexpected(Unpriced::kUnknownProvider);
  const std::string name = normal_model(provider_name, model);
  Views wanted(provider_name, name);
  const auto alias = std::ranges::lower_bound(table_.aliases, wanted, {}, name_of);
  if (alias != table_.aliases.end() && name_of(*alias) == wanted) wanted = {provider_name, alias->model};

  const auto rows = std::ranges::equal_range(table_.rows, wanted, {}, model_of);
  if (rows.empty()) return std::unexpected(Unpriced::kUnknownModel);
  const auto next = std::ranges::upper_bound(rows, at, {}, &Price::effective_from);
  if (next == rows.begin()) return std::unexpected(Unpriced::kTooEarly);
  const Price& price = *std::prev(next);
  if (price.effective_to && at >= *price.effective_to) return std::unexpected(Unpriced::kEnded);
  return &price;
}

}  // namespace latchkey::pricing
