// /admin/master
#include "admin/master.h"

#include "http/cursor.h"
#include "http/dry_run.h"
#include "http/endpoints.h"
#include "http/endpoints/acting.h"
#include "http/fields.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

constexpr std::string_view kBoundTo = "master-rewrap";

// A place as a cursor: the number of its table and the id, as in "2:mch_...".
std::string cursor_of(const crypto::Index& index, const admin::RewrapPlace& place) {
  return make_cursor(index, kBoundTo, std::to_string(place.table) + ":" + place.after_id);
}

std::optional<admin::RewrapPlace> place_of(const crypto::Index& index, std::string_view cursor) {
  const auto text = open_cursor(index, kBoundTo, cursor);
  if (!text || text->size() < 2 || (*text)[1] != ':') return std::nullopt;
  const auto table = static_cast<size_t>((*text)[0] - '0');
  if (table >= std::size(admin::kRewrapTables)) return std::nullopt;
  return admin::RewrapPlace{table, text->substr(2)};
}

void write_kids(json::Writer& out, const config::Config& config) {
  out.field("sealing_kid", config.master.sealing_kid()).key("kids").begin_array();
  for (const std::string& kid : config.master.kids()) out.string(kid);
  out.end_array();
}

}  // namespace

Task<Result<Response>> admin_master_show(Context& context) {
  json::Writer out;
  out.begin_object();
  write_kids(out, context.app.config);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_master_rewrap(Context& context) {
  const config::Config& config = context.app.config;
  Fields fields(context.body_root());
  fields.refuse_unknown({"cursor"});
  const auto cursor = fields.text("cursor", limits::kCursorBytesMax);
  admin::RewrapPlace place;
  if (cursor) {
    const auto found = place_of(config.index, *cursor);
    if (!found) fields.add_error("cursor", "is not one of this job");
    else place = *found;
  }
  if (!fields.ok()) co_return context.invalid(fields.errors());

  const admin::Actor actor = actor_of(context);
  admin::MasterService service(context.host, config, actor);
  CO_TRY(const admin::RewrapSlice slice, co_await service.rewrap(place, context.run));
  json::Writer out;
  out.begin_object();
  write_kids(out, config);
  out.field("table", slice.table).field("looked_at", slice.looked_at).field("rewrapped", slice.rewrapped);
  out.key("unreadable").begin_array();
  for (const std::string& id : slice.unreadable) out.string(id);
  out.end_array().key("next_cursor");
  slice.next ? out.string(cursor_of(config.index, *slice.next)) : out.null();
  write_run(out, context.run);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
