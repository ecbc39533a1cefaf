#include "http/openapi.h"

#include "http/routes.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

constexpr char kSchemas[] = {
#embed "../../schema/components.json"
};

std::string schema_ref(std::string_view name) { return "#/components/schemas/" + std::string(name); }

void write_json_content(json::Writer& out, std::string_view media_type, std::string_view schema) {
  out.key("content").begin_object().key(media_type).begin_object().key("schema").begin_object();
  out.field("$ref", schema_ref(schema)).end_object().end_object().end_object();
}

// write_answer: as JSON, but for what is plain text.
void write_answer(json::Writer& out, const Route& route) {
  write_json_content(out, route.response_schema == "Text" ? "text/plain" : "application/json", route.response_schema);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

void write_parameters(json::Writer& out, const Route& route) {
  const size_t open = route.path.find('{');
  const bool has_place = open != std::string_view::npos;
  if (!has_place && route.dry_run == DryRun::kNone) return;
  out.key("parameters").begin_array();
  if (has_place) {
    out.begin_object().field("name", route.path.substr(open + 1, route.path.find('}') - open - 1));
    out.field("in", "path").field("required", true);
    out.key("schema").begin_object().field("type", "string").end_object().end_object();
  }
  if (route.dry_run == DryRun::kHas) {
    out.begin_object().field("name", "dry_run").field("in", "query").field("description", "What it would do; nothing is done");
    out.key("schema").begin_object().field("const", "1").end_object().end_object();
  }
  out.end_array();
}

void write_operation(json::Writer& out, const Route& route) {
  out.key(lower(method_name(route.method))).begin_object();
  out.field("operationId", route.operation).field("summary", route.summary);
  write_parameters(out, route);
  if (is_for_admins(route.auth)) {
    out.key("security").begin_array().begin_object().key("admin").begin_array();
    if (!route.scope.empty()) out.string(route.scope);
    out.end_array().end_object().end_array();
  }
  if (route.body != Body::kNone) {
    out.key("requestBody").begin_object().field("required", route.body != Body::kOptional);
    const bool is_form = route.body == Body::kForm;
    write_json_content(out, is_form ? "application/x-www-form-urlencoded" : "application/json", route.request_schema);
    out.end_object();
  }
  out.key("responses").begin_object();
  // A dry run makes nothing, and neither does a request for what is there: both say 200.
  if (route.success_status == 201) {
    out.key("200").begin_object().field("description", "What is there already, or with ?dry_run=1 what it would make");
    write_answer(out, route);
    out.end_object();
  }
  out.key(std::to_string(route.success_status)).begin_object().field("description", route.summary);
  write_answer(out, route);
  out.end_object().key("default").begin_object().field("description", "A problem (RFC 9457)");
  write_json_content(out, "application/problem+json", "Problem");
  out.end_object().end_object().end_object();
}

}  // namespace

std::string openapi_document() {
  json::Writer out(64 * 1024);
  out.begin_object().field("openapi", "3.1.0");
  out.key("info").begin_object().field("title", "Latchkey").field("version", "1");
  out.field("summary", "Hands out, meters, rotates and takes back access to LLM providers.").end_object();
  out.key("servers").begin_array().begin_object().field("url", "https://api.writersfactory.app").end_object().end_array();
  out.key("paths").begin_object();
  std::string_view path;
  for (const Route& route : routes()) {
    if (route.path != path) {
      if (!path.empty()) out.end_object();
      out.key(route.path).begin_object();
      path = route.path;
    }
    write_operation(out, route);
  }
  out.end_object().end_object();
  out.key("components").begin_object();
  out.key("securitySchemes").begin_object().key("admin").begin_object();
  out.field("type", "http").field("scheme", "bearer").end_object().end_object();
  out.key("schemas").raw({kSchemas, sizeof kSchemas}).end_object().end_object();
  return std::move(out).take();
}

}  // namespace latchkey::http
