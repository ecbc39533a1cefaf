# Every compiler flag of the project, in one file.
#   latchkey_flags   our own code: no exceptions, no RTTI, warnings are errors
#   Global flags     what every object must agree on: optimisation, sanitizers

if(LATCHKEY_WASM)
  set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
  # Tail calls make symmetric transfer between coroutines run in constant stack.
  add_compile_options(-mtail-call -msimd128 -mbulk-memory)
elseif(LATCHKEY_SANITIZE)
  # Lines of a stack are what is read here; types and variables would take a third of the time of linking.
  set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -gline-tables-only -DNDEBUG")
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -gline-tables-only -DNDEBUG")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
  if(LATCHKEY_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
    add_compile_definitions(LATCHKEY_FUZZ=1)
  endif()
endif()

add_library(latchkey_flags INTERFACE)
target_compile_options(latchkey_flags INTERFACE
  -fno-exceptions -fno-rtti
  -Wall -Wextra -Werror -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
  -Wimplicit-fallthrough -Wnon-virtual-dtor -Woverloaded-virtual -Wno-c23-extensions -Wno-missing-designated-field-initializers)
target_include_directories(latchkey_flags INTERFACE "${CMAKE_SOURCE_DIR}/wasm")
if(LATCHKEY_WASM)
  # Our own code is small steps between host operations: size counts, not unrolling. What walks every byte of a body
  # (LATCHKEY_HOT) is built for speed.
  # BoringSSL does not take these flags: curve code would lose half its speed.
  target_compile_options(latchkey_flags INTERFACE -flto
    "$<IF:$<BOOL:$<TARGET_PROPERTY:LATCHKEY_HOT>>,-O2,-Oz;SHELL:-mllvm -inline-threshold=5>")
  target_link_options(latchkey_flags INTERFACE -flto)
endif()
