#include "host/fetch.h"

#include <optional>

#include "host/frame.h"

namespace latchkey::host {
namespace {

constexpr size_t kOtherFieldsBytes = 64;

// frame_of: of one size from the start, so that no copy of the credential is left behind by growing.
std::string frame_of(const FetchRequest& request, std::optional<std::string_view> credential) {
  size_t size = kOtherFieldsBytes + request.method.size() + request.url.size() + request.body.size() +
                request.authorization_scheme.size() + credential.value_or("").size();
  for (const auto& [name, value] : request.headers) size += 8 + name.size() + value.size();
  FrameWriter frame(size);
  frame.u32(request.timeout_ms)
      .u32(request.answer_bytes_max)
      .u32(static_cast<uint32_t>(request.plain_http))
      .string(request.method)
      .string(request.url)
      .u32(static_cast<uint32_t>(request.headers.size() + (credential ? 1 : 0)));
  if (credential) frame.string("authorization").string(request.authorization_scheme, *credential);
  for (const auto& [name, value] : request.headers) frame.string(name).string(value);
  frame.string(request.body);
  return std::move(frame).take();
}

}  // namespace

Task<Result<FetchAnswer>> Fetch::send(const FetchRequest& request, const Secret& credential) {
  co_return co_await answer_of(
      frame_of(request, credential.reveal_text(SecretAccess("a credential is shown to whom it belongs to"))));
}

Task<Result<FetchAnswer>> Fetch::send(const FetchRequest& request) {
  co_return co_await answer_of(frame_of(request, std::nullopt));
}

Task<Result<FetchAnswer>> Fetch::answer_of(std::string payload) {
  ++counts_.fetches;
  const OpAnswer answer = co_await Operation(port_, request_, OpKind::kFetch, std::move(payload));
  if (answer.status != OpStatus::kOk) {
    co_return fail(ErrorCode::kUnavailable, "Another service did not answer. Try again in a moment.",
                   "fetch: " + answer.payload);
  }
  FrameReader frame(as_bytes(answer.payload));
  FetchAnswer fetched;
  fetched.status = frame.u32();
  fetched.body = frame.string();
  if (!frame.at_end()) co_return fail(ErrorCode::kInternal, "The server failed.", "a fetch answer is cut off");
  co_return fetched;
}

}  // namespace latchkey::host
