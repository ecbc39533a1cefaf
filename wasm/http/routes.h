// The route table: every path of the service, with what it needs. OpenAPI, the Allow header
// and the tests all read it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "http/context.h"

namespace latchkey::http {

// kAdmin: an admin with the route's scope. kSignedIn: any admin. kHook: by what a payment provider brings
// (hook_auth.h).
enum class Auth : uint8_t { kNone, kAdmin, kSignedIn, kHook };
constexpr bool is_for_admins(Auth auth) { return auth == Auth::kAdmin || auth == Auth::kSignedIn; }
// Body: whether a route reads one. kOptional takes an empty body for {}; kRaw and kForm are JSON and a form that the
// endpoint parses itself.
enum class Body : uint8_t { kNone, kOptional, kRequired, kRaw, kForm };

// DryRun: whether ?dry_run=1 asks what a mutation would do. One without refuses every query, so that it is never
// real to whoever asked for a dry run.
enum class DryRun : uint8_t { kNone, kHas };

struct Route {
  Method method;
  std::string_view path;  // one {placeholder} at most
  std::string_view operation;
  Auth auth;
  std::string_view scope;   // kAdmin: what a token must allow
  Body body;
  uint32_t body_bytes_max;
  std::string_view request_schema;   // a name in schema/, or empty
  std::string_view response_schema;  // a name in schema/
  uint32_t success_status;
  std::string_view summary;
  Handler handler;
  DryRun dry_run = DryRun::kNone;
};

std::span<const Route> routes();
// known_scopes: every scope that a route names, sorted.
std::vector<std::string_view> known_scopes();

// Match: the route of a request, or why there is none.
struct Match {
  const Route* route = nullptr;
  std::string_view path_parameter;
  std::vector<Method> allowed;  // methods of this path, when only the method is wrong
};
Match match(Method method, std::string_view path);

}  // namespace latchkey::http
