// Fuzzes the whole pipeline: a request frame and a body, through http::serve on a native host
// with a licence. It never traps, the status is one we know, a body is JSON, and no provider
// key leaves but in the answer of a grant.
#include <array>
#include <memory>
#include <string>

#include "base/check.h"
#include "host/frame.h"
#include "http/pipeline.h"
#include "support/service_world.h"

namespace http = latchkey::http;
namespace host = latchkey::host;
namespace json = latchkey::json;
using latchkey::test::ServiceWorld;

namespace {

constexpr uint32_t kRunsPerWorld = 500;

// world: made anew at times, so that a run's database stays small and a crash is found again.
ServiceWorld& world() {
  static std::unique_ptr<ServiceWorld> made;
  static uint32_t num_runs = 0;
  if (!made || ++num_runs % kRunsPerWorld == 0) {
    made = std::make_unique<ServiceWorld>(std::vector<std::pair<std::string, std::string>>{
        {"RATE_LIMIT_IP_PER_HOUR", "900000"}, {"RATE_LIMIT_LICENSE_PER_HOUR", "900000"}, {"LOG_LEVEL", "error"}});
    made->add_license({});
  }
  return *made;
}

void check_response(const http::Response& response) {
  constexpr std::array statuses = {200u, 201u, 204u, 304u, 400u, 401u, 402u, 403u, 404u, 405u, 409u, 412u,
                                   413u, 415u, 422u, 429u, 500u, 503u};
  bool is_known = false;
  for (const uint32_t status : statuses) is_known = is_known || response.status == status;
  CHECK(is_known);
  CHECK(response.status != 500);
  if (!response.body.empty()) CHECK(json::Document::parse_untrusted(response.body).has_value());
  if (response.status >= 400) CHECK(latchkey::test::text_of(response, "error") != "");
  if (response.status != 200) CHECK(response.body.find("-secret") == std::string::npos);
  for (const auto& [name, value] : response.headers) {
    for (const char c : name) CHECK(!(c >= 'A' && c <= 'Z'));
    CHECK(value.find('\n') == std::string::npos && value.find('\r') == std::string::npos);
  }
}

// serve: one request with its body, to the end.
void serve(std::string frame, std::string body) {
  const auto request = http::Request::parse(std::move(frame));
  if (!request) return;
  ServiceWorld& service = world();
  host::Host own(service.host.platform(), service.host.new_request(std::move(body)), 5000);
  check_response(service.host.run(http::serve(service.app, own, *request)));
  service.host.log.records.clear();
}

}  // namespace

// Input: the body's length in two bytes, the body, and the frame. A first byte of 0xff stands for
// a frame of a client: then all the rest is the body of a provision.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  if (data[0] == 0xff) {
    host::FrameWriter frame;
    frame.string("POST").string((data[1] & 1) != 0 ? "http://a.example/keys/provision" : "http://a.example/keys/status");
    frame.string("203.0.113.7").string("NL").string("1136").string("52.4").string("4.9");
    frame.u32(1).string("content-type").string("application/json");
    serve(std::move(frame).take(), std::string(all.substr(2)));
    return 0;
  }
  const size_t body_bytes = std::min<size_t>(static_cast<size_t>(data[0]) << 8 | data[1], size - 2);
  serve(std::string(all.substr(2 + body_bytes)), std::string(all.substr(2, body_bytes)));
  return 0;
}
