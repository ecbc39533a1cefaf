# Cross compile with Emscripten, from Debian's package or wherever emcc is found: the client module (wasm/client).
find_program(LATCHKEY_EMCC emcc REQUIRED)
execute_process(COMMAND em-config EMSCRIPTEN_ROOT OUTPUT_VARIABLE emscripten_root
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
include("${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")
set(LATCHKEY_WASM ON)
set(LATCHKEY_CLIENT ON)
