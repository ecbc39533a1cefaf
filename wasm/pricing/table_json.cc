#include "pricing/table_json.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/limits.h"
#include "pricing/money.h"

namespace latchkey::pricing {
namespace {

// Members: reads one object's members and notes what is wrong, under a prefix.
class Members {
 public:
  Members(json::Value object, std::string prefix, std::vector<Finding>& errors)
      : object_(object), prefix_(std::move(prefix)), errors_(errors) {}

  bool is_object(std::initializer_list<std::string_view> known) {
    if (object_.kind() != json::Kind::kObject) {
      add(prefix_.empty() ? "table" : prefix_.substr(0, prefix_.size() - 1), "must be an object.");
      return false;
    }
    object_.each_member([&](std::string_view name, json::Value) {
      if (std::ranges::find(known, name) != known.end()) return;
      add(prefix_ + std::string(name.substr(0, 64)), "is not a known member.");
    });
    return true;
  }

  std::optional<std::string> text(std::string_view name) {
    const auto value = present(name);
    if (!value) return std::nullopt;
    const auto text = value->string();
    if (!text) add(prefix_ + std::string(name), "must be text.");
    return text ? std::optional<std::string>(*text) : std::nullopt;
  }

  std::string required_text(std::string_view name) { return required(name, text(name)); }

  std::optional<TimeMs> time(std::string_view name) {
    const auto value = present(name);
    if (!value) return std::nullopt;
    const auto text = value->string();
    const auto time = text ? parse_time(*text) : std::nullopt;
    if (!time) add(prefix_ + std::string(name), "must be a time: YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ.");
    return time;
  }

  TimeMs required_time(std::string_view name) { return required(name, time(name)); }

  std::optional<Rate> rate(std::string_view name) {
    const auto value = present(name);
    if (!value) return std::nullopt;
    const auto text = value->string();
    const auto amount = text ? parse_usd(*text) : std::nullopt;
    if (!amount) {
      add(prefix_ + std::string(name), "must be dollars for a million tokens as decimal text: \"0.28\".");
      return std::nullopt;
    }
    return Rate{amount->value};
  }

  Rate required_rate(std::string_view name) { return required(name, rate(name)); }

 private:
  std::optional<json::Value> present(std::string_view name) const {
    const auto value = object_.member(name);
    return value && !value->is_null() ? value : std::nullopt;
  }

  template <class T>
  T required(std::string_view name, std::optional<T> value) {
    if (!present(name)) add(prefix_ + std::string(name), "is missing.");
    return std::move(value).value_or(T{});
  }

  void add(std::string location, std::string message) {
    if (errors_.size() < limits::kPriceFindingsMax) errors_.push_back({std::move(location), std::move(message)});
  }

  json::Value object_;
  std::string prefix_;
  std::vector<Finding>& errors_;
};

Price read_price(Members row) {
  Price price;
  if (!row.is_object({"provider", "model", "effective_from", "effective_to", "input", "cached_input", "output",
                      "reasoning", "source", "as_of", "note"})) {
    return price;
  }
  price.provider = row.required_text("provider");
  price.model = row.required_text("model");
  price.effective_from = row.required_time("effective_from");
  price.effective_to = row.time("effective_to");
  price.input = row.required_rate("input");
  price.cached_input = row.rate("cached_input");
  price.output = row.required_rate("output");
  price.reasoning = row.rate("reasoning");
  price.source = row.text("source");
  price.as_of = row.text("as_of");
  price.note = row.text("note");
  return price;
}

Alias read_alias(Members row) {
  Alias alias;
  if (!row.is_object({"provider", "alias", "model"})) return alias;
  alias.provider = row.required_text("provider");
  alias.alias = row.required_text("alias");
  alias.model = row.required_text("model");
  return alias;
}

// read_list: the items of one member; more than `items_max` are not looked at.
template <class Read>
void read_list(json::Value object, std::string name, size_t items_max, std::vector<Finding>& errors, Read read) {
  const auto list = object.member(name);
  if (!list || list->is_null()) return;
  if (list->kind() != json::Kind::kArray) {
    errors.push_back({name, "must be an array."});
    return;
  }
  if (list->num_items() > items_max) {
    errors.push_back({name, "must hold at most " + std::to_string(items_max) + " items."});
    return;
  }
  size_t index = 0;
  list->each_item([&](json::Value item) { read(Members(item, name + "[" + std::to_string(index++) + "].", errors)); });
}

void write_rate(json::Writer& out, std::string_view name, Rate rate) {
  out.field(name, print_usd(Nano{rate.nanos_per_million}));
}

void write_text(json::Writer& out, std::string_view name, const std::optional<std::string>& text) {
  if (text) out.field(name, *text);
}

}  // namespace

ReadTable read_table(json::Value object, std::string_view other_member) {
  ReadTable read;
  if (!Members(object, "", read.errors).is_object({"rows", "aliases", other_member.empty() ? "rows" : other_member})) return read;
  read_list(object, "rows", limits::kPriceRowsMax, read.errors,
            [&](Members row) { read.table.rows.push_back(read_price(std::move(row))); });
  read_list(object, "aliases", limits::kPriceAliasesMax, read.errors,
            [&](Members row) { read.table.aliases.push_back(read_alias(std::move(row))); });
  return read;
}

void write_price(json::Writer& out, const Price& price) {
  out.begin_object().field("provider", price.provider).field("model", price.model);
  out.time("effective_from", price.effective_from);
  if (price.effective_to) out.time("effective_to", price.effective_to);
  write_rate(out, "input", price.input);
  if (price.cached_input) write_rate(out, "cached_input", *price.cached_input);
  write_rate(out, "output", price.output);
  if (price.reasoning) write_rate(out, "reasoning", *price.reasoning);
  write_text(out, "source", price.source);
  write_text(out, "as_of", price.as_of);
  write_text(out, "note", price.note);
  out.end_object();
}

void write_members(json::Writer& out, const Table& table) {
  out.key("rows").begin_array();
  for (const Price& price : table.rows) write_price(out, price);
  out.end_array().key("aliases").begin_array();
  for (const Alias& alias : table.aliases) {
    out.begin_object().field("provider", alias.provider).field("alias", alias.alias);
    out.field("model", alias.model).end_object();
  }
  out.end_array();
}

void write_table(json::Writer& out, const Table& table) {
  out.begin_object();
  write_members(out, table);
  out.end_object();
}

std::string print_table(const Table& table) {
  json::Writer out;
  write_table(out, table);
  return std::move(out).take();
}

}  // namespace latchkey::pricing
