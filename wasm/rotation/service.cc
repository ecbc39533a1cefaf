#include "rotation/service.h"

#include "alert/raise.h"
#include "base/ids.h"
#include "base/limits.h"
#include "edge/sync.h"
#include "json/writer.h"
#include "provision/key_ring.h"
#include "rotation/rows.h"
#include "rotation/verify.h"
#include "store/queries.h"

namespace latchkey::rotation {
namespace {

constexpr std::string_view kAfterEveryId = "rot_~";

constexpr SecretAccess kAccess("a provider key is hashed and sealed to be stored");

// An Idempotency-Key is anybody's text: hashed it has one size, and a prefix no provider key shares.
std::string idempotency_hash_of(const config::Config& config, const std::optional<std::string>& key) {
  if (!key) return {};
  return std::string(config.index.hash(crypto::IndexPurpose::kKeyTag, "idempotency|" + *key).text());
}

std::string details_of(const Rotation& rotation, std::optional<std::string_view> verdict) {
  json::Writer out;
  out.begin_object().field("provider", rotation.provider).field("rotation", rotation.id);
  if (verdict) out.field("verdict", *verdict);
  out.field("version", rotation.to_version).end_object();
  return std::move(out).take();
}

Error changed_meanwhile(const Rotation& rotation) {
  return Error(ErrorCode::kConflict, "Rotation " + rotation.id + " was changed by someone else. Look at it and try again.");
}

size_t provider_of(const Rotation& rotation) {
  const auto provider = config::provider_index(rotation.provider);
  CHECK(provider.has_value());
  return *provider;
}

void log_old_key(host::Log& log, const Rotation& rotation) {
  json::Writer record;
  record.begin_object()
      .field("event", "old_key_still_accepted")
      .field("rotation", rotation.id)
      .field("provider", rotation.provider)
      .end_object();
  log.write(host::LogLevel::kWarning, record.text());
}

// add_alert: a new key that was refused is an alert, until one is published. Its condition is the step's audit row.
void add_alert(host::Batch& batch, host::Host& host, const Rotation& before, const Rotation& after,
               alert::IfAudited step) {
  if (after.state == State::kFailed && before.state != State::kFailed) {
    const alert::Raise raises[] = {{.kind = alert::Kind::kRotationFailed,
                                    .subject = before.provider,
                                    .details = details_of(before, after.verdict_detail)}};
    alert::add_raise(batch, host, raises, step);
  } else if (after.state == State::kPublished && before.state != State::kPublished) {
    const alert::Cause causes[] = {{alert::Kind::kRotationFailed, before.provider}};
    alert::add_clear(batch, host, causes, step);
  }
}

// add_key_change: what the step does to the keys and the ring, before the rotation's own row.
void add_key_change(host::Batch& batch, const Rotation& before, const Rotation& after, TimeMs now) {
  const auto remove = [&](int64_t version) {
    batch.add(store::kProviderKeyDelete).bind(before.provider).bind(version).bind(now).bind(before.id).bind(
        before.revision);
  };
  switch (key_change(before.state, after.state)) {
    case KeyChange::kNone: return;
    case KeyChange::kDeleteNew: return remove(before.to_version);
    case KeyChange::kDeleteOld: return remove(before.from_version.value_or(0));
    case KeyChange::kPublish: break;
  }
  batch.add(store::kProviderKeyStepDown)
      .bind(before.provider)
      .bind(now)
      .bind(before.id)
      .bind(before.revision)
      .bind(after.state == State::kRetired ? 1 : 0);
  batch.add(store::kStateMoveRingRotated).bind(before.id).bind(before.revision);
  batch.add(store::kProviderKeyPublishStaged)
      .bind(before.provider)
      .bind(before.to_version)
      .bind(before.id)
      .bind(before.revision)
      .bind(now);
}

}  // namespace

// Found: what a start has to know.
struct RotationService::Found {
  std::optional<Rotation> asked;
  std::optional<Rotation> open;
  int64_t next_version = 0;
  std::optional<int64_t> from_version;
};

std::string_view RotationService::worker_secret(const config::Config& config, const Rotation& rotation) {
  const size_t provider = provider_of(rotation);
  const bool was_there = rotation.from_version == provision::kWorkerSecretVersion && config.provider_secrets[provider];
  return was_there ? config::kProviders[provider].secret_name : std::string_view();
}

Task<Result<RotationService::Found>> RotationService::look(const NewRotation& wanted,
                                                           std::string_view idempotency_hash) {
  const std::string_view provider = config::kProviders[wanted.provider].name;
  host::Batch batch;
  batch.add(store::kRotationGetAsked).bind(store::or_null(idempotency_hash));
  batch.add(store::kRotationGetOpen).bind(provider);
  batch.add(store::kProviderKeyNextVersion).bind(provider);
  batch.add(store::kProviderKeyListPublished);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  Found found{.asked = first_rotation(answer, 0),
              .open = first_rotation(answer, 1),
              .next_version = answer.row(2, 0).integer("version"),
              .from_version = std::nullopt};
  if (config_.provider_secrets[wanted.provider]) found.from_version = provision::kWorkerSecretVersion;
  answer.each_row(3, [&](host::Row row) {
    if (row.text("provider") == provider) found.from_version = row.integer("version");
  });
  co_return found;
}

Task<Result<Rotation>> RotationService::stage(const NewRotation& wanted, std::string_view idempotency_hash,
                                              Rotation planned) {
  const TimeMs now = host_.clock.now();
  ByteArray<kIdRandomBytes> random;
  host_.random.fill(random);
  planned.id = make_id("rot_", now, random);
  host_.random.fill(random);
  const std::string key_id = make_id("key_", now, random);
  const crypto::Sealed sealed = config_.master.seal(
      host_.random, crypto::SealPurpose::kProviderKey,
      provision::stored_key_context(key_id, planned.provider, planned.to_version), wanted.api_key.reveal(kAccess));

  const std::string details = details_of(planned, std::nullopt);
  store::AuditRow audit = by_;
  audit.at = now;
  audit.item = num_audits_++;
  audit.action = "rotation.staged";
  audit.details = details;
  host::Batch batch;
  batch.add(store::kRotationInsert)
      .bind(planned.id)
      .bind(planned.provider)
      .bind(planned.from_version)
      .bind(planned.to_version)
      .bind(key_id)
      .bind(planned.material_hash)
      .bind(store::or_null(idempotency_hash))
      .bind(planned.must_verify ? 1 : 0)
      .bind(planned.is_emergency ? 1 : 0)
      .bind(planned.grace_days)
      .bind(ends_by_name(planned.ends_by))
      .bind(planned.publish_at)
      .bind(planned.publish_at)
      .bind(by_.actor)
      .bind(now);
  batch.add(store::kProviderKeyStage)
      .bind(key_id)
      .bind(planned.provider)
      .bind(planned.to_version)
      .bind(sealed.text())
      .bind(now);
  store::add_audit(batch, audit);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  co_return read_rotation(answer.row(0, 0));
}

Task<Result<Rotation>> RotationService::start(const NewRotation& wanted) {
  // 1. Is it asked again, or is another one open?
  const std::string_view provider = config::kProviders[wanted.provider].name;
  const std::string asked_hash = idempotency_hash_of(config_, wanted.idempotency_key);
  const std::string material_hash(
      config_.index.hash(crypto::IndexPurpose::kKeyTag, wanted.api_key.reveal(kAccess)).text());
  CO_TRY(Found found, co_await look(wanted, asked_hash));
  CO_TRY(const Rotation* same, decide_start(provider, material_hash, found.asked, found.open));

  // 2. Stage it.
  Rotation rotation{.provider = std::string(provider),
                    .from_version = found.from_version,
                    .to_version = found.next_version,
                    .material_hash = material_hash,
                    .must_verify = wanted.must_verify,
                    .is_emergency = wanted.is_emergency,
                    .grace_days = wanted.is_emergency ? 0 : wanted.grace_days,
                    .ends_by = wanted.ends_by,
                    .publish_at = wanted.publish_at};
  if (same != nullptr) {
    rotation = *same;
  } else if (run_ == Run::kDry) {
    rotation.actor = by_.actor;
    rotation.created_at = rotation.updated_at = host_.clock.now();
  } else {
    auto staged = co_await stage(wanted, asked_hash, std::move(rotation));
    // The answer may be lost, or another one was quicker: then it is there now.
    if (!staged) {
      CO_TRY(found, co_await look(wanted, asked_hash));
      CO_TRY(same, decide_start(provider, material_hash, found.asked, found.open));
      if (same == nullptr) co_return Unexpected(std::move(staged).error());
    }
    rotation = staged ? std::move(*staged) : *same;
  }

  // 3. Go on, as far as it goes without being asked. A provider that cannot be asked ends it.
  for (auto next = goes_on(rotation); next; next = goes_on(rotation)) {
    const State before = rotation.state;
    if (*next == Act::kVerify) {
      CO_TRY(rotation, co_await verify(rotation, &wanted.api_key));
    } else {
      CO_TRY(rotation, co_await publish(rotation));
    }
    if (rotation.state == before) break;
  }
  co_return rotation;
}

Task<Result<Rotation>> RotationService::load(std::string_view id) {
  host::Batch batch;
  batch.add(store::kRotationGet).bind(id);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  auto rotation = first_rotation(answer, 0);
  if (!rotation) co_return fail(ErrorCode::kNotFound, "There is no rotation with this id.");
  co_return std::move(*rotation);
}

Task<Result<Rotation>> RotationService::act(std::string_view id, Act act) {
  CO_TRY(const Rotation rotation, co_await load(id));
  CO_TRY(const Ready ready, decide_act(rotation, act));
  if (ready == Ready::kDoneAlready) co_return rotation;
  switch (act) {
    case Act::kVerify: co_return co_await verify(rotation, nullptr);
    case Act::kPublish: co_return co_await publish(rotation);
    case Act::kCancel:
      co_return co_await store(rotation, after_cancel(rotation, host_.clock.now()), "rotation.cancelled", std::nullopt);
    case Act::kRetire: co_return co_await end_grace(rotation, GraceEnd::kByAdmin);
  }
  LK_UNREACHABLE();
}

Task<Result<RotationPage>> RotationService::list(std::string_view before_id, uint32_t rows_max) {
  host::Batch batch;
  batch.add(store::kRotationList).bind(before_id.empty() ? kAfterEveryId : before_id).bind(rows_max + 1);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  RotationPage page;
  answer.each_row(0, [&](host::Row row) { page.rotations.push_back(read_rotation(row)); });
  if (page.rotations.size() > rows_max) {
    page.rotations.pop_back();
    page.next_id = page.rotations.back().id;
  }
  co_return page;
}

Task<Result<Adoption>> RotationService::adoption_of(const Rotation& rotation) {
  host::Batch batch;
  batch.add(store::kRotationAdoption)
      .bind(host_.clock.now() - limits::kAdoptionSeenMs)
      .bind(rotation.ring_version.value_or(0));
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  co_return read_adoption(answer.row(0, 0));
}

Task<Result<Shown>> RotationService::show(std::string_view id) {
  CO_TRY(Rotation rotation, co_await load(id));
  Shown shown{.rotation = std::move(rotation), .adoption = std::nullopt};
  if (shown.rotation.ring_version) {
    CO_TRY(shown.adoption, co_await adoption_of(shown.rotation));
  }
  co_return shown;
}

Task<Result<std::optional<Secret>>> RotationService::key_of(const Rotation& rotation, int64_t version) {
  host::Batch batch;
  batch.add(store::kProviderKeyGet).bind(rotation.provider).bind(version);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  const auto row = answer.first(0);
  const auto sealed = row ? row->text_or_null("sealed") : std::nullopt;
  if (sealed) {
    const std::string id(row->text("id"));
    CO_TRY(Secret key, config_.master.open(crypto::SealPurpose::kProviderKey,
                                           provision::stored_key_context(id, rotation.provider, version),
                                           crypto::Sealed(std::string(*sealed))));
    co_return std::optional<Secret>(std::move(key));
  }
  const size_t provider = provider_of(rotation);
  if (row || version != provision::kWorkerSecretVersion || !config_.provider_secrets[provider]) {
    co_return std::optional<Secret>();
  }
  CO_TRY(Secret key, config_.master.open(crypto::SealPurpose::kProviderKey, config::secret_context(provider),
                                         config_.provider_secrets[provider]->sealed));
  co_return std::optional<Secret>(std::move(key));
}

Task<Result<Rotation>> RotationService::verify(const Rotation& rotation, const Secret* key) {
  std::optional<Secret> stored;
  if (key == nullptr) {
    CO_TRY(stored, co_await key_of(rotation, rotation.to_version));
    if (!stored) co_return Unexpected(changed_meanwhile(rotation));
    key = &*stored;
  }
  const Finding finding = co_await ask(host_, config_, provider_of(rotation), *key);
  const Rotation after = after_verify(rotation, finding, host_.clock.now());
  const std::string_view action = finding.verdict == Verdict::kAccepted  ? "rotation.verified"
                                  : finding.verdict == Verdict::kRefused ? "rotation.failed"
                                                                         : "rotation.not_verified";
  co_return co_await store(rotation, after, action, verdict_name(finding.verdict));
}

Task<Result<Rotation>> RotationService::publish(const Rotation& rotation) {
  const Rotation after = after_publish(rotation, host_.clock.now());
  const auto reason = rotation.is_emergency ? std::optional<std::string_view>("emergency") : std::nullopt;
  CO_TRY(Rotation published, co_await store(rotation, after, "rotation.published", reason));
  if (run_ == Run::kDry) co_return published;
  const auto synced = co_await edge::sync(host_, config_, edge::kSyncAfterAct);
  if (!synced) host_.log.write(host::LogLevel::kWarning, R"({"event":"edge_sync_failed"})");
  co_return published;
}

Task<Result<Rotation>> RotationService::end_grace(const Rotation& rotation, GraceEnd by) {
  std::optional<Finding> finding;
  auto key = co_await key_of(rotation, rotation.from_version.value_or(0));
  if (!key && key.error().code() == ErrorCode::kUnavailable) co_return Unexpected(std::move(key).error());
  if (!key) {
    finding = Finding{Verdict::kCouldNotAsk, "the old key does not open"};
  } else if (*key) {
    finding = co_await ask(host_, config_, provider_of(rotation), **key);
  }
  const Rotation after = after_grace(rotation, finding, by, host_.clock.now());
  const bool is_accepted = finding && finding->verdict == Verdict::kAccepted;
  if (is_accepted && run_ == Run::kReal) log_old_key(host_.log, rotation);
  const bool is_over = after.state == State::kRetired;
  co_return co_await store(rotation, after, is_over ? "rotation.retired" : "",
                           is_accepted ? std::optional<std::string_view>("old_key_still_accepted") : std::nullopt);
}

Task<Result<Rotation>> RotationService::step(const Rotation& rotation) {
  switch (due_step(rotation, host_.clock.now())) {
    case Step::kNone: co_return rotation;
    case Step::kVerify: co_return co_await verify(rotation, nullptr);
    case Step::kPublish: co_return co_await publish(rotation);
    case Step::kEndGrace: co_return co_await end_grace(rotation, GraceEnd::kByCron);
    case Step::kCheckAdoption: break;
  }
  CO_TRY(const Adoption adoption, co_await adoption_of(rotation));
  co_return co_await store(rotation, after_adoption_check(rotation, adoption, host_.clock.now()), "", std::nullopt);
}

Task<Result<Rotation>> RotationService::store(const Rotation& before, const Rotation& after, std::string_view action,
                                              std::optional<std::string_view> reason) {
  if (run_ == Run::kDry) co_return after;
  const TimeMs now = host_.clock.now();
  host::Batch batch;
  if (!action.empty()) {
    batch.add(store::kAuditAppendRotation)
        .bind(now)
        .bind(by_.request_id)
        .bind(num_audits_++)
        .bind(action)
        .bind(reason)
        .bind(by_.actor)
        .bind(by_.address_hash)
        .bind(by_.country)
        .bind(by_.user_agent)
        .bind(details_of(before, after.verdict_detail))
        .bind(before.id)
        .bind(before.revision);
    add_alert(batch, host_, before, after, {by_.request_id, num_audits_ - 1});
  }
  add_key_change(batch, before, after, now);
  add_update(batch, before, after, now);
  const size_t last = batch.num_statements() - 1;
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  auto stored = first_rotation(answer, last);
  if (!stored) co_return Unexpected(changed_meanwhile(before));
  co_return std::move(*stored);
}

namespace {

void log_aged_key(host::Log& log, std::string_view provider, TimeMs published_at, TimeMs now) {
  json::Writer record;
  record.begin_object()
      .field("event", "key_rotation_due")
      .field("provider", provider)
      .field("age_days", (now - published_at) / kDayMs)
      .end_object();
  log.write(host::LogLevel::kWarning, record.text());
}

// step_as_cron: one step, under a request id of its own.
Task<Result<Void>> step_as_cron(host::Host& host, const config::Config& config, const Rotation& rotation,
                                std::optional<Act> act) {
  if (!config::provider_index(rotation.provider)) co_return Void{};  // A provider that a newer build added.
  ByteArray<kIdRandomBytes> random;
  host.random.fill(random);
  const std::string request_id = make_id("req_", host.clock.now(), random);
  const store::AuditRow by{.request_id = request_id, .outcome = "done", .actor = "cron"};
  RotationService service(host, config, by);
  auto stepped = act ? co_await service.act(rotation.id, *act) : co_await service.step(rotation);
  // kConflict: an admin was quicker, and it is as it should be.
  if (!stepped && stepped.error().code() != ErrorCode::kConflict) co_return Unexpected(std::move(stepped).error());
  co_return Void{};
}

}  // namespace

Task<Result<Void>> run_due(host::Host& host, const config::Config& config) {
  const TimeMs now = host.clock.now();
  host::Batch look;
  look.add(store::kRotationListDue).bind(now).bind(limits::kRotationsPerRun);
  if (config.key_max_age_days > 0) look.add(store::kRotationListAged).bind(now - config.key_max_age_days * kDayMs);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(look)));
  std::vector<std::pair<Rotation, std::optional<Act>>> due;
  answer.each_row(0, [&](host::Row row) { due.emplace_back(read_rotation(row), std::nullopt); });
  if (config.key_max_age_days > 0) {
    answer.each_row(1, [&](host::Row row) {
      const TimeMs published_at = row.integer("key_published_at");
      const auto open = row.is_null("id") ? std::nullopt : std::optional(read_rotation(row));
      switch (decide_aging(published_at, open, now)) {
        case Aging::kNone: return;
        case Aging::kPublish: due.emplace_back(*open, Act::kPublish); return;
        case Aging::kAsk: log_aged_key(host.log, row.text("key_provider"), published_at, now); return;
      }
    });
  }
  Result<Void> result = Void{};
  for (const auto& [rotation, act] : due) {
    auto stepped = co_await step_as_cron(host, config, rotation, act);
    if (!stepped) result = std::move(stepped);
  }
  co_return result;
}

}  // namespace latchkey::rotation
