#include "payments/deliver.h"

#include <vector>

#include "base/check.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/mac.h"
#include "payments/service.h"
#include "store/payment_rows.h"
#include "store/queries.h"

namespace latchkey::payments {
namespace {

constexpr SecretAccess kSign("what is handed to the seller is signed under the webhook's secret");
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
  const std::string seconds = std::to_string(host.clock.now() / kSecondMs);
  const std::string signature = webhook_signature(*secret, due.id, seconds, body->reveal_text(kSend));
  const std::pair<std::string_view, std::string_view> headers[] = {{"content-type", "application/json"},
                                                                   {"webhook-id", due.id},
                                                                   {"webhook-timestamp", seconds},
                                                                   {"webhook-signature", signature}};
  using enum host::FetchRequest::PlainHttp;
  const host::FetchRequest request{.method = "POST",
                                   .url = seller.url,
                                   .authorization_scheme = "",
                                   .headers = headers,
                                   .body = body->reveal_text(kSend),
                                   .timeout_ms = limits::kCodeDeliveryTimeoutMs,
                                   .answer_bytes_max = limits::kCodeDeliveryAnswerBytesMax,
                                   .plain_http = config.production ? kRefused : kAllowed};
  const auto answer = co_await host.fetch.send(request);
  if (!answer) co_return "no answer";
  co_return answer->status >= 200 && answer->status < 300 ? std::string() : "HTTP " + std::to_string(answer->status);
}

}  // namespace

std::string webhook_signature(const Secret& secret, std::string_view id, std::string_view seconds,
                              std::string_view body) {
  std::string_view text = secret.reveal_text(kSign);
  text.remove_prefix(std::string_view("whsec_").size());
  auto key = base64_decode(text);
  CHECK(key.has_value());  // config/payments.cc saw to it
  const crypto::HmacKey mac(*key);
  wipe(*key);
  return "v1," + base64_encode(mac.mac({as_bytes(id), as_bytes("."), as_bytes(seconds), as_bytes("."), as_bytes(body)}));
}

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
    } else {
      const bool is_last = one.attempts + 1 >= limits::kCodeDeliveryAttemptsMax;
      const TimeMs next = now + retry_delay(one.attempts, limits::kCodeDeliveryRetryMsMax);
      batch.add(store::kPaymentDeliveryFailed).bind(one.id).bind(why).bind(is_last ? std::nullopt : std::optional(next));
    }
    const auto stored = co_await host.db.run(std::move(batch));
    if (!stored) result = Unexpected(stored.error());
  }
  co_return result;
}

}  // namespace latchkey::payments
