#include "admin/prices.h"

#include "base/limits.h"
#include "json/writer.h"
#include "pricing/table_json.h"
#include "store/queries.h"

namespace latchkey::admin {
namespace {

PriceVersion version_of(const host::Row& row) {
  return {.version = row.integer("version"),
          .created_at = row.integer("created_at"),
          .created_by = std::string(row.text("created_by")),
          .note = row.text_or_null("note").transform([](std::string_view text) { return std::string(text); })};
}

// table_of: the row of price_table_get.sql, or the table in the build where there is none.
Result<PriceTable> table_of(const std::optional<host::Row>& row) {
  PriceTable table;
  if (row) {
    table.about = version_of(*row);
    TRY(table.prices, usage::stored_prices(table.about.version, row->text("body")));
  } else {
    table.prices = usage::built_in_prices();
  }
  table.about.num_rows = static_cast<int64_t>(table.prices->list.table().rows.size());
  return table;
}

// details_of: a version, for the audit log. Canonical.
std::string details_of(const PriceVersion& about, const pricing::Difference& difference) {
  json::Writer out;
  out.begin_object().field("added", difference.added.size()).field("changed", difference.changed.size());
  out.field("removed", difference.removed.size()).field("rows", about.num_rows);
  out.field("version", about.version).end_object();
  return std::move(out).take();
}

}  // namespace

Task<Result<PriceTable>> PriceService::get(std::optional<int64_t> version) {
  host::Batch batch;
  batch.add(store::kPriceTableGet).bind(version);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  const auto row = answer.first(0);
  if (!row && version.value_or(0) != 0) co_return fail(ErrorCode::kNotFound, "There is no price table of this version.");
  co_return table_of(row);
}

Task<Result<PriceVersionPage>> PriceService::versions(std::optional<int64_t> before, uint32_t rows_max) {
  host::Batch batch;
  batch.add(store::kPriceTableList).bind(before.value_or(limits::kD1IntegerMax)).bind(rows_max + 1);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  PriceVersionPage page;
  answer.each_row(0, [&](host::Row row) {
    if (page.versions.size() == rows_max) {
      page.next = page.versions.back().version;
      return;
    }
    page.versions.push_back(version_of(row));
    page.versions.back().num_rows = row.integer("num_rows");
  });
  co_return page;
}

Task<Result<PricesSet>> PriceService::set(const pricing::PriceList& list, const std::optional<std::string>& note,
                                          const Versions& expected, Run run) {
  CO_TRY(const PriceTable newest, co_await get(std::nullopt));
  if (!expected.has(newest.about.version)) co_return Unexpected(precondition_failed("price table"));
  if (newest.prices->list.table() == list.table()) co_return PricesSet{newest.about, {}};

  const TimeMs now = host_.clock.now();
  const PricesSet set{.about = {.version = newest.about.version + 1,
                                .created_at = now,
                                .created_by = actor_.name,
                                .note = note,
                                .num_rows = static_cast<int64_t>(list.table().rows.size())},
                      .difference = pricing::compare(newest.prices->list.table(), list.table())};
  if (run == Run::kDry) co_return set;

  const provision::Client& client = actor_.client;
  host::Batch batch;
  batch.add(store::kAuditAppendPrices)
      .bind(now)
      .bind(client.request_id)
      .bind(actor_.name)
      .bind(client.address_hash.text())
      .bind(store::or_null(client.country))
      .bind(store::or_null(client.user_agent))
      .bind(details_of(set.about, set.difference))
      .bind(newest.about.version);
  batch.add(store::kPriceTableInsert)
      .bind(newest.about.version)
      .bind(pricing::print_table(list.table()))
      .bind(note)
      .bind(now)
      .bind(actor_.name);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(1) == 0) {
    co_return fail(ErrorCode::kConflict, "The prices were changed by someone else. Look at them and try again.");
  }
  co_return set;
}

Task<Result<UnpricedPage>> PriceService::unpriced(const UnpricedPlace& after, uint32_t rows_max) {
  host::Batch batch;
  batch.add(store::kUsageUnpricedList).bind(after.provider).bind(after.model).bind(rows_max + 1);
  batch.add(store::kPriceTableGet).bind(host::Null{});
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  CO_TRY(const PriceTable table, table_of(answer.first(1)));
  UnpricedPage page;
  answer.each_row(0, [&](host::Row row) {
    if (page.models.size() == rows_max) {
      page.next = UnpricedPlace{page.models.back().provider, page.models.back().model};
      return;
    }
    UnpricedModel model{.provider = std::string(row.text("provider")),
                        .model = std::string(row.text("model")),
                        .requests = row.integer("requests"),
                        .last_used_at = row.integer("last_hour") * kHourMs,
                        .reason = {}};
    const auto found = table.prices->list.find(model.provider, model.model, model.last_used_at);
    if (!found) model.reason = found.error();
    page.models.push_back(std::move(model));
  });
  co_return page;
}

}  // namespace latchkey::admin
