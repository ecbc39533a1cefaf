// TokenService: an admin's tokens, and the switch of the bootstrap token.
//
// Round trips: a read is one; a change is two: load, then change and audit in one batch.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/access.h"
#include "admin/actor.h"
#include "base/run.h"
#include "base/secret.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"

namespace latchkey::admin {

struct TokenView {
  std::string id;
  std::string name;
  std::string hint;
  std::string status;  // active, expired, revoked
  Scopes scopes;
  std::optional<TimeMs> expires_at;
  std::optional<TimeMs> revoked_at;
  std::string created_by;
  TimeMs created_at = 0;
  std::optional<TimeMs> last_used_at;
};

// NewToken: one to make. `scopes` are known, ascending and each once.
struct NewToken {
  std::string name;
  Scopes scopes;
  std::optional<TimeMs> expires_at;
};

struct CreatedToken {
  TokenView view;
  std::optional<Secret> token;  // shown once; a dry run makes none
};

struct TokenPage {
  std::vector<TokenView> tokens;
  std::optional<std::string> next_id;  // go on after this one; nullopt: the last page
};

// stored_scopes: of a JSON array as D1 holds it.
Scopes stored_scopes(std::string_view json);

class TokenService {
 public:
  TokenService(host::Host& host, const config::Config& config, const Actor& actor)
      : host_(host), config_(config), actor_(actor) {}

  // create: kForbidden where `held`, the maker's scopes, lack one; kConflict where a live token has the
  // name or there are too many. Where it is unknown whether the token was stored, it is revoked again, so
  // that none is live that nobody was shown.
  Task<Result<CreatedToken>> create(const NewToken& token, const Scopes& held, Run run = Run::kReal);
  Task<Result<TokenPage>> list(std::string_view after_id, uint32_t rows_max);
  // revoke: done twice it changes nothing. kConflict where nobody could make tokens afterwards.
  Task<Result<TokenView>> revoke(std::string_view id, Run run = Run::kReal);
  // bootstrap: whether ADMIN_TOKEN counts.
  Task<Result<bool>> bootstrap();
  Task<Result<bool>> set_bootstrap(bool wanted, Run run = Run::kReal);

 private:
  Task<Result<TokenView>> load(std::string_view id);
  // check_revocable: what the statement of a revocation would decide.
  Task<Result<Void>> check_revocable(const TokenView& view, TimeMs now);
  // add_revocation: two statements: the audit row, and the change, which gives a row where it was made.
  void add_revocation(host::Batch& batch, std::string_view id, std::string_view name, TimeMs now, int64_t item,
                      std::optional<std::string_view> reason) const;
  Task<void> take_back(std::string_view id, std::string_view name);

  host::Host& host_;
  const config::Config& config_;
  const Actor& actor_;
};

}  // namespace latchkey::admin
