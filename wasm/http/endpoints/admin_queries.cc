// /admin/queries
#include "admin/queries.h"
#include "base/limits.h"
#include "http/endpoints.h"
#include "http/fields.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

using store::Recipe;

void write_parameter(json::Writer& out, const Recipe::Parameter& parameter) {
  out.begin_object().field("name", parameter.name).field("description", parameter.description);
  if (parameter.is_integer) {
    out.field("type", "integer").field("required", false).field("default", parameter.value);
    out.field("minimum", parameter.min).field("maximum", parameter.max);
  } else {
    out.field("type", "text").field("required", true);
  }
  out.end_object();
}

void write_plot(json::Writer& out, const std::optional<Recipe::Plot>& plot) {
  if (!plot) {
    out.null();
    return;
  }
  out.begin_object().field("kind", plot->kind).field("x", plot->x).key("y").begin_array();
  for (const std::string_view y : plot->ys) out.string(y);
  out.end_array().key("value");
  plot->value.empty() ? out.null() : out.string(plot->value);
  out.end_object();
}

void write_recipe(json::Writer& out, const Recipe& recipe) {
  out.begin_object()
      .field("name", recipe.name)
      .field("title", recipe.title)
      .field("description", recipe.description)
      .key("parameters")
      .begin_array();
  for (const Recipe::Parameter& parameter : recipe.parameters) write_parameter(out, parameter);
  out.end_array().key("columns").begin_array();
  for (const Recipe::Column& column : recipe.columns) {
    out.begin_object().field("name", column.name).field("type", store::cell_type_name(column.type)).end_object();
  }
  out.end_array().key("plot");
  write_plot(out, recipe.plot);
  out.end_object();
}

// names_of: "days, newest", or that there are none.
std::string names_of(const Recipe& recipe) {
  std::string names;
  for (const Recipe::Parameter& one : recipe.parameters) names += (names.empty() ? "" : ", ") + std::string(one.name);
  return names.empty() ? "it takes none" : "it takes " + names;
}

// parse_arguments: of each parameter what is given, or its default.
admin::QueryArguments parse_arguments(const Recipe& recipe, json::Value given, std::vector<FieldError>& errors) {
  given.each_member([&](std::string_view name, json::Value) {
    if (recipe.find_parameter(name)) return;
    errors.push_back({"parameters." + std::string(name.substr(0, 64)), "is no parameter of this query: " + names_of(recipe)});
  });
  Fields fields(given, "parameters.");
  admin::QueryArguments arguments;
  for (const Recipe::Parameter& parameter : recipe.parameters) {
    if (parameter.is_integer) {
      arguments.emplace_back(fields.integer(parameter.name, parameter.min, parameter.max).value_or(parameter.value));
    } else {
      arguments.emplace_back(
          fields.text(parameter.name, limits::kQueryTextBytesMax, Presence::kRequired).value_or(std::string()));
    }
  }
  for (const FieldError& error : fields.errors()) errors.push_back(error);
  return arguments;
}

}  // namespace

Task<Result<Response>> admin_query_list(Context&) {
  json::Writer out(16384);
  out.begin_object().key("data").begin_array();
  for (const store::NamedQuery& file : store::cookbook()) write_recipe(out, admin::find_recipe(file.name).value());
  out.end_array().end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_query_run(Context& context) {
  const auto recipe = admin::find_recipe(context.path_parameter);
  if (!recipe) {
    co_return fail(ErrorCode::kNotFound, "There is no query of this name. There are: " + admin::recipe_names() + ".");
  }
  Fields fields(context.body_root());
  fields.refuse_unknown({"parameters", "limit"});
  const auto rows_max = static_cast<uint32_t>(
      fields.integer("limit", 1, limits::kQueryRowsMax).value_or(limits::kQueryRowsMax));
  const json::Document none = json::Document::parse_host("{}").value();
  const auto given = fields.member("parameters").value_or(none.root());
  std::vector<FieldError> errors = fields.take_errors();
  const admin::QueryArguments arguments = parse_arguments(*recipe, given, errors);
  if (!errors.empty()) co_return context.invalid(errors);

  CO_TRY(const admin::QueryAnswer answer, co_await admin::run_query(context.host, *recipe, arguments, rows_max));
  json::Writer out(16384);
  out.begin_object().field("name", recipe->name).key("columns").begin_array();
  for (const Recipe::Column& column : recipe->columns) out.string(column.name);
  out.end_array().key("rows");
  const bool is_whole = admin::write_rows(out, *recipe, answer, rows_max);
  out.field("truncated", answer.has_more || !is_whole)
      .field("rows_read", answer.rows_read())
      .field("duration_ms", answer.took)
      .end_object();
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
