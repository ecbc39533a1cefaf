#include "edge/sync.h"

#include "edge/copy.h"
#include "json/reader.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::edge {
namespace {

struct Behind {
  std::string code_hash;
  LicenseCopy copy;
};

Behind behind_of(host::Row row) {
  Behind behind{.code_hash = std::string(row.text("code_hash")),
                .copy = {.id = std::string(row.text("id")),
                         .status = std::string(row.text("status")),
                         .expires_at = row.integer_or_null("expires_at"),
                         .plan = std::string(row.text("plan")),
                         .deliveries = row.integer("deliveries"),
                         .version = row.integer("version")}};
  if (const auto providers = json::Document::parse_host(row.text("providers"))) {
    providers->root().each_item([&](json::Value name) {
      if (const auto index = config::provider_index(name.string().value_or(""))) behind.copy.providers.add(*index);
    });
  }
  if (const auto machines = json::Document::parse_host(row.text("machines"))) {
    machines->root().each_item(
        [&](json::Value machine) { behind.copy.machines.emplace_back(machine.string().value_or("")); });
  }
  return behind;
}

struct RingState {
  RingCopy copy;
  int64_t kv_ring_version = 0;
  int64_t kv_epoch = 0;
  bool is_behind() const { return kv_ring_version != copy.version || kv_epoch != copy.epoch; }
};

RingState ring_of(const host::BatchAnswer& answer, size_t settings_at, size_t keys_at) {
  RingState state;
  answer.each_row(settings_at, [&](host::Row row) {
    const std::string_view name = row.text("name");
    const int64_t value = row.integer("value");
    if (name == "ring_version") state.copy.version = value;
    if (name == "epoch") state.copy.epoch = value;
    if (name == "kv_ring_version") state.kv_ring_version = value;
    if (name == "kv_epoch") state.kv_epoch = value;
  });
  state.copy.keys = store::stored_keys(answer, keys_at);
  return state;
}

// Written marks, as the JSON arrays that the marking statements take.
struct Marks {
  json::Writer licenses;
  json::Writer machines;
};

void add_marks(Marks& marks, const LicenseCopy& copy) {
  marks.licenses.begin_object().field("id", copy.id).field("version", copy.version).end_object();
  for (const std::string& machine : copy.machines) {
    marks.machines.begin_object().field("id", copy.id).field("machine", machine).end_object();
  }
}

}  // namespace

Task<Result<SyncReport>> sync(host::Host& host, const config::Config& config, uint32_t licenses_max) {
  // 1. What is behind?
  host::Batch look;
  look.add(store::kLicenseListBehindKv).bind(licenses_max);
  look.add(store::kSettingList).add(store::kProviderKeyListPublished);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(look)));
  std::vector<Behind> behind;
  answer.each_row(0, [&](host::Row row) { behind.push_back(behind_of(row)); });
  const RingState ring = ring_of(answer, 1, 2);
  SyncReport report;
  if (behind.empty() && !ring.is_behind()) co_return report;

  // 2. Write it to KV, ring first: it is what every licence needs.
  Result<Void> written = Void{};
  if (ring.is_behind()) {
    written = co_await host.kv.put(kRingKey, print(ring.copy));
    if (written) written = co_await host.kv.put(kJwksKey, config.signing.jwks());
    report.ring = written.has_value();
  }
  Marks marks;
  marks.licenses.begin_array();
  marks.machines.begin_array();
  for (size_t i = 0; i < behind.size() && written; ++i) {
    written = co_await host.kv.put(license_key(behind[i].code_hash), print(behind[i].copy));
    if (!written) break;
    add_marks(marks, behind[i].copy);
    ++report.licenses;
  }
  marks.licenses.end_array();
  marks.machines.end_array();

  // 3. Mark what was written; what was not stays behind.
  host::Batch mark;
  mark.add(store::kLicenseMarkInKv).bind(marks.licenses.text());
  mark.add(store::kMachineMarkInKv).bind(marks.machines.text());
  if (report.ring) {
    mark.add(store::kSettingSet).bind("kv_ring_version").bind(ring.copy.version);
    mark.add(store::kSettingSet).bind("kv_epoch").bind(ring.copy.epoch);
  }
  CO_TRY_VOID(co_await host.db.run(std::move(mark)));
  if (!written) co_return Unexpected(std::move(written).error());
  co_return report;
}

}  // namespace latchkey::edge
