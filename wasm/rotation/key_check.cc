#include "rotation/key_check.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "alert/raise.h"
#include "base/limits.h"
#include "json/writer.h"
#include "provision/key_ring.h"
#include "rotation/verify.h"
#include "store/queries.h"
#include "store/rows.h"

namespace latchkey::rotation {
namespace {

// Checked: a provider with its key, where it has one.
struct Checked {
  size_t provider = 0;
  std::string key_tag;
  crypto::Sealed sealed;
  std::optional<store::StoredKey> stored;  // nullopt: the Worker secret

  std::string name() const { return std::string(config::kProviders[provider].name); }
  crypto::SealContext context() const {
    return stored ? provision::stored_key_context(stored->id, stored->provider, stored->version)
                  : config::secret_context(provider);
  }
};

bool may_ask(const config::Config& config, size_t provider) {
  return config.production || !config.provider_base_urls[provider].empty();
}

// current_keys: what clients get: D1's key, otherwise the Worker secret.
std::vector<Checked> current_keys(const config::Config& config, const std::vector<store::StoredKey>& stored) {
  std::vector<Checked> keys;
  for (size_t i = 0; i < config::kNumProviders; ++i) {
    if (!may_ask(config, i)) continue;
    const auto found = std::ranges::find(stored, config::kProviders[i].name, &store::StoredKey::provider);
    if (found != stored.end()) {
      keys.push_back({.provider = i, .key_tag = found->id, .sealed = found->sealed, .stored = *found});
    } else if (const auto& secret = config.provider_secrets[i]) {
      keys.push_back({.provider = i, .key_tag = std::string(secret->tag.text()), .sealed = secret->sealed, .stored = {}});
    }
  }
  return keys;
}

void add_alerts(host::Batch& batch, host::Host& host, const Checked& key, const Finding& finding) {
  using enum alert::Kind;
  const std::string name = key.name();
  json::Writer details;
  details.begin_object().field("answer", finding.detail).field("provider", name);
  details.field("version", key.stored ? key.stored->version : provision::kWorkerSecretVersion).end_object();
  if (finding.verdict == Verdict::kCouldNotAsk) {
    const alert::Raise raises[] = {{.kind = kProviderKeyUnreachable,
                                    .subject = name,
                                    .details = details.text(),
                                    .needed = limits::kAlertAfterKeyUnreachable}};
    return alert::add_raise(batch, host, raises);
  }
  const alert::Cause over[] = {{kProviderKeyUnreachable, name}, {kProviderKeyRefused, name}};
  const bool is_accepted = finding.verdict == Verdict::kAccepted;
  alert::add_clear(batch, host, std::span(over).first(is_accepted ? 2 : 1));
  if (is_accepted) return;
  const alert::Raise raises[] = {{.kind = kProviderKeyRefused, .subject = name, .details = details.text()}};
  alert::add_raise(batch, host, raises);
}

// check: claims it, asks, and stores what came of it with its alerts.
Task<Result<Void>> check(host::Host& host, const config::Config& config, const Checked& key) {
  const TimeMs now = host.clock.now();
  const TimeMs lease_until = now + limits::kKeyCheckLeaseMs;
  const std::string name = key.name();
  host::Batch claim;
  claim.add(store::kKeyCheckClaim).bind(name).bind(key.key_tag).bind(now).bind(lease_until);
  CO_TRY(const host::BatchAnswer claimed, co_await host.db.run(std::move(claim)));
  if (claimed.num_rows(0) == 0) co_return Void{};  // another run has it

  Finding finding{Verdict::kCouldNotAsk, "the stored key does not open"};
  const auto opened = config.master.open(crypto::SealPurpose::kProviderKey, key.context(), key.sealed);
  if (opened) finding = co_await ask(host, config, key.provider, *opened);

  const TimeMs asked_at = host.clock.now();
  host::Batch batch;
  batch.add(store::kKeyCheckStore).bind(name).bind(lease_until).bind(verdict_name(finding.verdict)).bind(finding.detail);
  batch.bind(asked_at).bind(asked_at + config.key_check_minutes * kMinuteMs);
  add_alerts(batch, host, key, finding);
  CO_TRY_VOID(co_await host.db.run(std::move(batch)));
  co_return Void{};
}

}  // namespace

KeyCheck read_key_check(const host::Row& row) {
  const auto checked_at = row.integer_or_null("checked_at");
  return {.provider = std::string(row.text("provider")),
          .key_tag = std::string(row.text("key_tag")),
          .verdict = checked_at ? parse_verdict(row.text("verdict")) : std::nullopt,
          .detail = std::string(row.text("detail")),
          .checked_at = checked_at,
          .due_at = row.integer("due_at")};
}

bool is_check_due(const std::optional<KeyCheck>& last, std::string_view key_tag, TimeMs now) {
  return !last || last->due_at <= now || last->key_tag != key_tag;
}

Task<Result<Void>> run_key_checks(host::Host& host, const config::Config& config) {
  if (config.key_check_minutes == 0) co_return Void{};
  bool may_ask_any = false;
  for (size_t i = 0; i < config::kNumProviders; ++i) may_ask_any = may_ask_any || may_ask(config, i);
  if (!may_ask_any) co_return Void{};

  // 1. Whose check is due, longest waiting first?
  host::Batch look;
  look.add(store::kProviderKeyListPublished);
  look.add(store::kKeyCheckList);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(look)));
  std::vector<KeyCheck> last;
  answer.each_row(1, [&](host::Row row) { last.push_back(read_key_check(row)); });
  const auto last_of = [&](const Checked& key) {
    const auto found = std::ranges::find(last, key.name(), &KeyCheck::provider);
    return found == last.end() ? std::nullopt : std::optional(*found);
  };
  std::vector<Checked> keys = current_keys(config, store::stored_keys(answer, 0));
  const TimeMs now = host.clock.now();
  std::erase_if(keys, [&](const Checked& key) { return !is_check_due(last_of(key), key.key_tag, now); });
  std::ranges::sort(keys, {}, [&](const Checked& key) {
    const auto found = last_of(key);
    return std::pair(found ? found->due_at : 0, key.provider);
  });
  if (keys.size() > limits::kKeyChecksPerRun) {
    keys.erase(keys.begin() + limits::kKeyChecksPerRun, keys.end());
  }

  // 2. Ask.
  Result<Void> result = Void{};
  for (const Checked& key : keys) {
    auto checked = co_await check(host, config, key);
    if (!checked) result = std::move(checked);
  }
  co_return result;
}

}  // namespace latchkey::rotation
