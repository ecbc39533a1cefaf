# BoringSSL's libcrypto as target `boringssl`.
#
# Where it comes from, first match wins:
#   1. BORINGSSL_SOURCE_DIR (cache or environment): an unpacked source tree
#   2. build/deps/boringssl, put there by scripts/fetch-boringssl from Debian's source package
if(NOT BORINGSSL_SOURCE_DIR)
  if(DEFINED ENV{BORINGSSL_SOURCE_DIR})
    set(BORINGSSL_SOURCE_DIR "$ENV{BORINGSSL_SOURCE_DIR}")
  else()
    set(BORINGSSL_SOURCE_DIR "${CMAKE_SOURCE_DIR}/build/deps/boringssl")
  endif()
endif()
if(NOT EXISTS "${BORINGSSL_SOURCE_DIR}/android-sources.cmake")
  message(FATAL_ERROR "No BoringSSL in ${BORINGSSL_SOURCE_DIR}: run scripts/fetch-boringssl.")
endif()

set(BORINGSSL_ROOT "${BORINGSSL_SOURCE_DIR}/")
include("${BORINGSSL_SOURCE_DIR}/android-sources.cmake")

set(boringssl_files ${crypto_sources})
if(LATCHKEY_WASM)
  # wasm has no sockets, no assembler, one thread; randomness comes from the host.
  list(FILTER boringssl_files EXCLUDE REGEX "bio/(connect|socket|socket_helper)\\.c$|rand_extra/")
  set(boringssl_private OPENSSL_NO_ASM)
  set(boringssl_public __TRUSTY__ OPENSSL_NO_THREADS_CORRUPT_MEMORY_AND_LEAK_SECRETS_IF_THREADED)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
  enable_language(ASM)
  list(APPEND boringssl_files ${crypto_sources_linux_x86_64})
else()
  set(boringssl_private OPENSSL_NO_ASM)
endif()

add_library(boringssl STATIC ${boringssl_files})
target_include_directories(boringssl SYSTEM PUBLIC "${BORINGSSL_SOURCE_DIR}/src/include")
target_compile_definitions(boringssl PUBLIC ${boringssl_public} PRIVATE ${boringssl_private}
  BORINGSSL_IMPLEMENTATION)
target_compile_options(boringssl PRIVATE $<$<COMPILE_LANGUAGE:C>:-std=gnu11> -w)
if(NOT LATCHKEY_WASM)
  find_package(Threads REQUIRED)
  target_link_libraries(boringssl PUBLIC Threads::Threads)
endif()
