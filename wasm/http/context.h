// Context: one request on its way through the pipeline, and the application behind it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/access.h"
#include "admin/cloudflare_access.h"
#include "base/run.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"
#include "http/message.h"
#include "http/problem.h"
#include "json/reader.h"
#include "provision/service.h"
#include "usage/prices.h"

namespace latchkey::http {

// App: what all requests of an instance share. Made once, in entry.
struct App {
  config::Config config;
  provision::Shared shared;
  usage::Shared usage{};
  bool self_test_passed = false;
  admin::AccessKeys access_keys{};
};

class Context {
 public:
  App& app;
  host::Host& host;
  const Request& request;
  provision::Client client;
  // path_parameter: the value of the route's {placeholder}, if it has one.
  std::string path_parameter;
  // body: parsed JSON; there for routes with a body.
  std::optional<json::Document> body;
  // raw_body: as it was sent; there for routes whose endpoint parses it.
  std::string raw_body;
  // body_hash: keyed, of the body as it was sent; there where the request has an Idempotency-Key.
  std::optional<crypto::TokenHash> body_hash;
  // actor: who acts, for the audit log; "admin:<token name>" behind an admin route.
  std::string actor;
  // run: kDry where ?dry_run=1 asks what the change would do.
  Run run = Run::kReal;
  // scopes: what that token allows.
  admin::Scopes scopes;
  // identity: how that admin signed in.
  admin::Identity identity;

  json::Value body_root() const { return body->root(); }

  Response problem(const Error& error, std::span<const FieldError> errors = {}) const {
    return http::problem(error, client.request_id, errors);
  }
  // invalid: 400 that names every field that is wrong.
  Response invalid(std::span<const FieldError> errors) const {
    const FieldError& first = errors.front();
    return problem(Error(ErrorCode::kInvalidRequest, first.location + " " + first.message + "."), errors);
  }
};

using Handler = Task<Result<Response>> (*)(Context&);

}  // namespace latchkey::http
