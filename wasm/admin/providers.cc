#include "admin/providers.h"

#include "base/ids.h"
#include "edge/sync.h"
#include "json/writer.h"
#include "provision/key_ring.h"
#include "rotation/rows.h"
#include "store/queries.h"

namespace latchkey::admin {

Task<Result<std::vector<ProviderView>>> ProviderService::list() {
  host::Batch batch;
  batch.add(store::kProviderKeyListPublished);
  batch.add(store::kKeyCheckList);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  std::vector<ProviderView> views;
  for (size_t i = 0; i < config::kNumProviders; ++i) {
    ProviderView view{.provider = config::kProviders[i].name, .source = "none"};
    if (config_.provider_secrets[i]) {
      view.source = "secret";
      view.version = provision::kWorkerSecretVersion;
    }
    answer.each_row(0, [&](host::Row row) {
      if (row.text("provider") != view.provider) return;
      view.source = "stored";
      view.version = row.integer("version");
      view.updated_at = row.integer("published_at");
      view.is_rotation_due = config_.key_max_age_days > 0 &&
                             *view.updated_at <= host_.clock.now() - config_.key_max_age_days * kDayMs;
    });
    answer.each_row(1, [&](host::Row row) {
      if (row.text("provider") == view.provider && !row.is_null("checked_at")) view.check = rotation::read_key_check(row);
    });
    views.push_back(view);
  }
  co_return views;
}

Task<Result<ProviderView>> ProviderService::set(size_t provider, const Secret& api_key, Run run) {
  const std::string_view name = config::kProviders[provider].name;
  const TimeMs now = host_.clock.now();
  host::Batch look;
  look.add(store::kProviderKeyNextVersion).bind(name);
  look.add(store::kRotationGetOpen).bind(name);
  CO_TRY(const host::BatchAnswer found, co_await host_.db.run(std::move(look)));
  const int64_t version = found.row(0, 0).integer("version");
  // A rotation staged after this look takes the version, and the batch below rolls back.
  const auto open = rotation::first_rotation(found, 1);
  if (open && open->state != rotation::State::kPublished) {
    co_return fail(ErrorCode::kConflict, "Rotation " + open->id + " of " + std::string(name) + " is " +
                                             std::string(state_name(open->state)) + ": publish or cancel it first.");
  }
  const ProviderView after{.provider = name, .source = "stored", .version = version, .updated_at = now};
  if (run == Run::kDry) co_return after;

  ByteArray<kIdRandomBytes> random;
  host_.random.fill(random);
  const std::string id = make_id("key_", now, random);
  const crypto::Sealed sealed =
      config_.master.seal(host_.random, crypto::SealPurpose::kProviderKey,
                          provision::stored_key_context(id, name, version),
                          api_key.reveal(SecretAccess("a provider key is sealed to be stored")));
  json::Writer details;
  details.begin_object().field("provider", name).field("version", version).end_object();
  store::AuditRow audit = actor_.row("provider.key_set", now);
  audit.details = details.text();
  host::Batch batch;
  batch.add(store::kProviderKeyRetire).bind(name).bind(now);
  batch.add(store::kStateMoveRing);
  batch.add(store::kProviderKeyPublish).bind(id).bind(name).bind(version).bind(sealed.text()).bind(now);
  store::add_audit(batch, audit);
  CO_TRY_VOID(co_await host_.db.run(std::move(batch)));
  const auto synced = co_await edge::sync(host_, config_, edge::kSyncAfterAct);
  if (!synced) host_.log.write(host::LogLevel::kWarning, R"({"event":"edge_sync_failed"})");
  co_return after;
}

}  // namespace latchkey::admin
