// OpenAPI 3.1, made from the route table and the schemas in schema/.
#pragma once

#include <string>

namespace latchkey::http {

std::string openapi_document();

}  // namespace latchkey::http
