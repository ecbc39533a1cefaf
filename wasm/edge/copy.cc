#include "edge/copy.h"

#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::edge {
namespace {

std::optional<std::string> text_of(json::Value object, std::string_view name) {
  const auto value = object.member(name);
  const auto text = value ? value->string() : std::nullopt;
  if (!text) return std::nullopt;
  return std::string(*text);
}

std::optional<int64_t> integer_of(json::Value object, std::string_view name) {
  const auto value = object.member(name);
  return value ? value->integer() : std::nullopt;
}

void write_spending(json::Writer& out, const budget::Snapshot& spending) {
  const budget::Spent& spent = spending.spent;
  out.key("budget").raw(budget::print_budget(spending.budget).value_or("null"));
  out.key("spent").begin_array();
  out.integer(spent.today.value).integer(spent.month.value).integer(spent.total.value).integer(spending.at).end_array();
}

std::optional<budget::Snapshot> spending_of(json::Value root) {
  const auto budget = root.member("budget"), spent = root.member("spent");
  const auto limits = budget ? budget::parse_budget(*budget) : std::nullopt;
  if (!limits || !spent || spent->num_items() != 4) return std::nullopt;
  const auto number = [&](size_t index) { return spent->item(index).integer().value_or(0); };
  return budget::Snapshot{
      *limits, {pricing::Nano{number(0)}, pricing::Nano{number(1)}, pricing::Nano{number(2)}}, number(3)};
}

}  // namespace

std::string license_key(std::string_view code_hash) { return "license:" + std::string(code_hash); }

std::string print(const LicenseCopy& copy) {
  json::Writer out(512);
  out.begin_object().field("id", copy.id).field("status", copy.status);
  if (copy.expires_at) out.field("expires_at", *copy.expires_at);
  if (copy.requests_per_hour) out.field("requests_per_hour", *copy.requests_per_hour);
  if (copy.spending) write_spending(out, *copy.spending);
  out.field("plan", copy.plan).key("providers").begin_array();
  for (size_t i = 0; i < config::kNumProviders; ++i) {
    if (copy.providers.has(i)) out.string(config::kProviders[i].name);
  }
  out.end_array().field("deliveries", copy.deliveries).field("version", copy.version).key("machines").begin_array();
  for (const std::string& machine : copy.machines) out.string(machine);
  out.end_array().end_object();
  return std::move(out).take();
}

std::optional<LicenseCopy> parse_license_copy(std::string_view text) {
  const auto document = json::Document::parse_host(text);
  if (!document) return std::nullopt;
  const json::Value root = document->root();
  const auto id = text_of(root, "id"), status = text_of(root, "status"), plan = text_of(root, "plan");
  const auto version = integer_of(root, "version"), deliveries = integer_of(root, "deliveries");
  const auto providers = root.member("providers"), machines = root.member("machines");
  if (!id || !status || !plan || !version || !deliveries || !providers || !machines) return std::nullopt;
  LicenseCopy copy{.id = *id,
                   .status = *status,
                   .expires_at = integer_of(root, "expires_at"),
                   .plan = *plan,
                   .deliveries = *deliveries,
                   .version = *version,
                   .requests_per_hour = integer_of(root, "requests_per_hour"),
                   .spending = spending_of(root)};
  providers->each_item([&](json::Value name) {
    if (const auto index = config::provider_index(name.string().value_or(""))) copy.providers.add(*index);
  });
  machines->each_item([&](json::Value machine) { copy.machines.emplace_back(machine.string().value_or("")); });
  return copy;
}

std::string print(const RingCopy& copy) {
  json::Writer out(1024);
  out.begin_object().field("version", copy.version).field("epoch", copy.epoch).key("keys").begin_array();
  for (const store::StoredKey& key : copy.keys) {
    out.begin_object()
        .field("id", key.id)
        .field("provider", key.provider)
        .field("version", key.version)
        .field("ring_version", key.ring_version)
        .field("sealed", key.sealed.text())
        .field("published_at", key.published_at)
        .end_object();
  }
  out.end_array().end_object();
  return std::move(out).take();
}

std::optional<RingCopy> parse_ring_copy(std::string_view text) {
  const auto document = json::Document::parse_host(text);
  if (!document) return std::nullopt;
  const json::Value root = document->root();
  const auto version = integer_of(root, "version"), epoch = integer_of(root, "epoch");
  const auto keys = root.member("keys");
  if (!version || !epoch || !keys) return std::nullopt;
  RingCopy copy{.version = *version, .epoch = *epoch};
  bool ok = true;
  keys->each_item([&](json::Value key) {
    const auto id = text_of(key, "id"), provider = text_of(key, "provider"), sealed = text_of(key, "sealed");
    const auto key_version = integer_of(key, "version"), ring_version = integer_of(key, "ring_version");
    ok = ok && id && provider && sealed && key_version && ring_version;
    const TimeMs published_at = integer_of(key, "published_at").value_or(0);
    if (ok) copy.keys.push_back({*id, *provider, *key_version, *ring_version, crypto::Sealed(*sealed), published_at});
  });
  if (!ok) return std::nullopt;
  return copy;
}

}  // namespace latchkey::edge
