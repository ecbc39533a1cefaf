# Every compiler flag of the project, in one file.
#   latchkey_flags   our own code: no exceptions, no RTTI, warnings are errors
#   Global flags     what every object must agree on: optimisation, sanitizers

# Lines of a stack are what is read most; types and variables, a quarter of the time of a build, come with
# -DCMAKE_BUILD_TYPE=Debug.
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -gline-tables-only -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -gline-tables-only -DNDEBUG")

if(LATCHKEY_WASM)
  set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
  # Tail calls make symmetric transfer between coroutines run in constant stack. The client module has none, and runs
  # in older engines.
  if(NOT LATCHKEY_CLIENT)
    add_compile_options(-mtail-call -msimd128 -mbulk-memory)
  endif()
elseif(LATCHKEY_SANITIZE)
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
  -Wimplicit-fallthrough -Wnon-virtual-dtor -Woverloaded-virtual)
if(LATCHKEY_CLIENT)
  # An older clang, which warns of less and of more.
  target_compile_options(latchkey_flags INTERFACE -Wno-unknown-warning-option -Wno-missing-field-initializers)
  # tl::expected, in place of std::expected (base/result.h): Debian's libexpected-dev, a header that knows no machine.
  # It is copied, because the other headers beside it are this machine's.
  find_file(LATCHKEY_EXPECTED_HEADER tl/expected.hpp PATHS /usr/include NO_CMAKE_FIND_ROOT_PATH REQUIRED)
  configure_file("${LATCHKEY_EXPECTED_HEADER}" "${CMAKE_BINARY_DIR}/include/tl/expected.hpp" COPYONLY)
  target_include_directories(latchkey_flags SYSTEM INTERFACE "${CMAKE_BINARY_DIR}/include")
endif()
target_compile_options(latchkey_flags INTERFACE -Wno-c23-extensions -Wno-missing-designated-field-initializers)
target_include_directories(latchkey_flags INTERFACE "${CMAKE_SOURCE_DIR}/wasm")
if(LATCHKEY_WASM)
  # Our own code is small steps between host operations: size counts, not unrolling. What walks every byte of a body
  # (LATCHKEY_HOT) is built for speed.
  # BoringSSL does not take these flags: curve code would lose half its speed.
  target_compile_options(latchkey_flags INTERFACE -flto
    "$<IF:$<BOOL:$<TARGET_PROPERTY:LATCHKEY_HOT>>,-O2,-Oz;SHELL:-mllvm -inline-threshold=5>")
  target_link_options(latchkey_flags INTERFACE -flto)
endif()
