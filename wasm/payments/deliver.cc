#include "payments/deliver.h"

#include <vector>

#include "alert/raise.h"
#include "base/limits.h"
#include "json/writer.h"
#include "store/payment_rows.h"
#include "store/queries.h"
#include "webhook/post.h"

namespace latchkey::payments {
namespace {

constexpr SecretAccess kSend("a generated code is handed to the seller");

struct Due {
  std::string id;
  crypto::Sealed payload;
  int64_t attempts;
};

// send: empty where the seller took it, otherwise why not.
Task<std::string> send(host::Host& host, const config::Config& config, const Due& due) {
  const config::SellerWebhook& seller = *config.payments.seller;
  const auto secret = seller.secret.open(config.master);
  const auto body = config.master.open(crypto::SealPurpose::kCodeDelivery, store::delivery_context(due.id), due.payload);
  if (!secret || !body) co_return "the code does not open";
  const Secret* const secrets[] = {&*secret};
  const webhook::Posted posted = co_await webhook::post(host, config, seller.url, secrets,
                                                        {.id = due.id,
                                                         .body = body->reveal_text(kSend),
                                                         .timeout_ms = limits::kCodeDeliveryTimeoutMs,
                                                         .answer_bytes_max = limits::kCodeDeliveryAnswerBytesMax});
  co_return posted.why;
}

constexpr std::string_view kSeller = "seller";
constexpr alert::Cause kFailing[] = {{alert::Kind::kWebhookFailing, kSeller}};

// add_failing: a buyer waits for a code that was given up.
void add_failing(host::Batch& batch, host::Host& host, const Due& due, std::string_view why) {
  const std::string details = json::Writer().begin_object().field("message", due.id).field("why", why).end_object().text();
  const alert::Raise raises[] = {
      {.kind = alert::Kind::kWebhookFailing, .subject = std::string(kSeller), .details = details}};
  alert::add_raise(batch, host, raises);
}

}  // namespace

Task<Result<Void>> run_deliveries(host::Host& host, const config::Config& config) {
  if (!config.payments.seller) co_return Void{};
  host::Batch look;
  look.add(store::kPaymentDeliveryListDue).bind(host.clock.now()).bind(limits::kCodeDeliveriesPerRun);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(look)));
  std::vector<Due> due;
  answer.each_row(0, [&](host::Row row) {
    const auto payload = row.text_or_null("payload");
    if (payload) due.push_back({std::string(row.text("id")), crypto::Sealed(std::string(*payload)), row.integer("attempts")});
  });
  Result<Void> result = Void{};
  for (const Due& one : due) {
    const std::string why = co_await send(host, config, one);
    const TimeMs now = host.clock.now();
    host::Batch batch;
    if (why.empty()) {
      batch.add(store::kPaymentDeliveryDone).bind(one.id).bind(now);
      alert::add_clear(batch, host, kFailing);
    } else {
      const bool is_last = one.attempts + 1 >= limits::kCodeDeliveryAttemptsMax;
      const TimeMs next = now + retry_delay(one.attempts, limits::kCodeDeliveryRetryMsMax);
      batch.add(store::kPaymentDeliveryFailed).bind(one.id).bind(why).bind(is_last ? std::nullopt : std::optional(next));
      if (is_last) add_failing(batch, host, one, why);
    }
    const auto stored = co_await host.db.run(std::move(batch));
    if (!stored) result = Unexpected(stored.error());
  }
  co_return result;
}

}  // namespace latchkey::payments
