#include "alert/raise.h"

#include "base/ids.h"
#include "base/limits.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::alert {
namespace {

std::string new_id(host::Host& host, std::string_view prefix) {
  ByteArray<kIdRandomBytes> random;
  host.random.fill(random);
  return make_id(prefix, host.clock.now(), random);
}

// cut: at most limits::kAlertSubjectBytesMax bytes, whole characters.
std::string_view cut(std::string_view text) {
  if (text.size() <= limits::kAlertSubjectBytesMax) return text;
  size_t size = limits::kAlertSubjectBytesMax;
  while (size > 0 && (static_cast<uint8_t>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

void bind_condition(host::Batch& batch, const std::optional<IfAudited>& condition) {
  batch.bind(condition ? std::optional(condition->request_id) : std::nullopt);
  batch.bind(condition ? std::optional(condition->item) : std::nullopt);
}

}  // namespace

std::string new_notice(host::Host& host) { return new_id(host, "msg_"); }

void add_notify(host::Batch& batch, std::string_view notice, std::string_view type, TimeMs now) {
  batch.add(store::kAlertNotify).bind(notice).bind(type).bind(now).bind(print_texts());
}

void add_raise(host::Batch& batch, host::Host& host, std::span<const Raise> raises, std::optional<IfAudited> condition) {
  if (raises.empty()) return;
  const TimeMs now = host.clock.now();
  const std::string notice = new_notice(host);
  json::Writer rows;
  rows.begin_array();
  for (const Raise& raise : raises) {
    const KindInfo& info = info_of(raise.kind);
    rows.begin_object()
        .field("id", new_id(host, "alr_"))
        .field("kind", info.name)
        .field("subject", cut(raise.subject))
        .field("severity", severity_name(raise.severity.value_or(info.severity)))
        .field("level", raise.level)
        .field("details", raise.details)
        .field("needed", raise.needed)
        .end_object();
  }
  rows.end_array();
  batch.add(store::kAlertRaise).bind(rows.text()).bind(now).bind(notice);
  bind_condition(batch, condition);
  add_notify(batch, notice, kRaised, now);
}

void add_clear(host::Batch& batch, host::Host& host, std::span<const Cause> causes, std::optional<IfAudited> condition) {
  if (causes.empty()) return;
  const TimeMs now = host.clock.now();
  const std::string notice = new_notice(host);
  json::Writer rows;
  rows.begin_array();
  for (const Cause& cause : causes) {
    rows.begin_object().field("kind", info_of(cause.kind).name).field("subject", cut(cause.subject)).end_object();
  }
  rows.end_array();
  batch.add(store::kAlertDropPending).bind(rows.text());
  bind_condition(batch, condition);
  batch.add(store::kAlertClear).bind(rows.text()).bind(now).bind(notice);
  bind_condition(batch, condition);
  add_notify(batch, notice, kResolvedType, now);
}

}  // namespace latchkey::alert
