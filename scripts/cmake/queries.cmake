# latchkey_queries(target directory): from each <directory>/*.sql a constant of namespace
# latchkey::store, audit_append.sql as kAuditAppend, in store/query_names.h and its source, both made
# in the build tree; beside them the names of the migrations of d1/, in order, and the files of the cookbook as they
# are (store/recipe.h reads them).
function(latchkey_queries target directory)
  set(made "${CMAKE_BINARY_DIR}/made/store")
  file(GLOB files CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${directory}/*.sql")
  file(GLOB migration_files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/d1/*.sql")
  set(migrations "")
  foreach(file IN LISTS migration_files)
    get_filename_component(name "${file}" NAME_WE)
    string(APPEND migrations "    \"${name}\",\n")
  endforeach()
  file(GLOB recipe_files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/d1/cookbook/*.sql")
  set(recipe_texts "")
  set(recipes "")
  foreach(file IN LISTS recipe_files)
    get_filename_component(name "${file}" NAME_WE)
    string(APPEND recipe_texts "static constexpr char ${name}_recipe[] = {\n#embed \"cookbook/${name}.sql\"\n};\n")
    string(APPEND recipes "    {\"${name}\", {${name}_recipe, sizeof ${name}_recipe}},\n")
  endforeach()
  set(names "")
  set(texts "")
  set(table "")
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME_WE)
    string(REPLACE "_" ";" words "${name}")
    set(constant k)
    foreach(word IN LISTS words)
      string(SUBSTRING "${word}" 0 1 first)
      string(SUBSTRING "${word}" 1 -1 rest)
      string(TOUPPER "${first}" first)
      string(APPEND constant "${first}${rest}")
    endforeach()
    string(APPEND names "extern const std::string_view ${constant};\n")
    string(APPEND texts "static constexpr char ${name}_source[] = {\n#embed \"${name}.sql\"\n};\n"
      "static constexpr SqlText ${name}_text(${name}_source);\n"
      "constinit const std::string_view ${constant} = ${name}_text.view();\n")
    string(APPEND table "    {\"${name}\", ${name}_text.view()},\n")
  endforeach()
  file(CONFIGURE OUTPUT "${made}/query_names.h" @ONLY CONTENT
"// Made by scripts/cmake/queries.cmake.
#pragma once

#include <string_view>

namespace latchkey::store {

@names@
}  // namespace latchkey::store
")
  file(CONFIGURE OUTPUT "${made}/queries.cc" @ONLY CONTENT
"// Made by scripts/cmake/queries.cmake.
#include \"store/queries.h\"

#include \"store/sql_text.h\"

namespace latchkey::store {

@texts@
static constexpr NamedQuery all[] = {
@table@};

std::span<const NamedQuery> all_queries() { return all; }

static constexpr std::string_view all_migrations[] = {
@migrations@};

std::span<const std::string_view> migrations() { return all_migrations; }

@recipe_texts@
static constexpr NamedQuery all_recipes[] = {
@recipes@};

std::span<const NamedQuery> cookbook() { return all_recipes; }

}  // namespace latchkey::store
")
  target_sources(${target} PRIVATE "${made}/queries.cc")
  target_include_directories(${target} PUBLIC "${CMAKE_BINARY_DIR}/made")
  set_source_files_properties("${made}/queries.cc" PROPERTIES
    COMPILE_OPTIONS "--embed-dir=${CMAKE_CURRENT_SOURCE_DIR}/${directory};--embed-dir=${CMAKE_SOURCE_DIR}/d1")
endfunction()
