# BoringSSL's libcrypto as target `boringssl`.
#
# Where it comes from, first match wins:
#   1. BORINGSSL_SOURCE_DIR (cache or environment): an unpacked source tree
#   2. build/deps/boringssl, put there by scripts/fetch-boringssl from Debian's source package
#   3. where there is no apt-get: a pinned upstream archive of the same time, by its hash
# All three have the layout with generated files: BUILD.generated.bzl names the sources.
if(NOT BORINGSSL_SOURCE_DIR)
  if(DEFINED ENV{BORINGSSL_SOURCE_DIR})
    set(BORINGSSL_SOURCE_DIR "$ENV{BORINGSSL_SOURCE_DIR}")
  else()
    set(BORINGSSL_SOURCE_DIR "${CMAKE_SOURCE_DIR}/build/deps/boringssl")
  endif()
endif()
find_program(LATCHKEY_APT_GET apt-get)
mark_as_advanced(LATCHKEY_APT_GET)
if(NOT EXISTS "${BORINGSSL_SOURCE_DIR}/BUILD.generated.bzl")
  if(LATCHKEY_APT_GET OR DEFINED ENV{BORINGSSL_SOURCE_DIR})
    message(FATAL_ERROR "No BoringSSL with BUILD.generated.bzl in ${BORINGSSL_SOURCE_DIR}: "
      "run scripts/fetch-boringssl, or set BORINGSSL_SOURCE_DIR to such a tree.")
  endif()
  # The commit and the hash are those of the Bazel Central Registry, module boringssl,
  # version 0.0.0-20230215-5c22014.
  include(FetchContent)
  set(boringssl_commit 5c22014ca513807ed03c657e8ede076164663979)
  FetchContent_Declare(boringssl_upstream
    URL "https://github.com/google/boringssl/archive/${boringssl_commit}.zip"
    URL_HASH SHA256=863fc670c456f30923740c1639305132fdfb9d1b25ba385a67ae3862ef12a8af
    DOWNLOAD_EXTRACT_TIMESTAMP OFF)
  # The archive has no CMakeLists.txt at its top, so this only downloads and unpacks it.
  FetchContent_MakeAvailable(boringssl_upstream)
  set(BORINGSSL_SOURCE_DIR "${boringssl_upstream_SOURCE_DIR}")
endif()

# boringssl_sources(out name): the list `name` of BUILD.generated.bzl, as full paths.
function(boringssl_sources out name)
  file(READ "${BORINGSSL_SOURCE_DIR}/BUILD.generated.bzl" text)
  if(NOT text MATCHES "\n${name} = \\[([^]]*)\\]")
    message(FATAL_ERROR "${BORINGSSL_SOURCE_DIR}/BUILD.generated.bzl has no list ${name}.")
  endif()
  string(REGEX MATCHALL "\"[^\"]+\"" files "${CMAKE_MATCH_1}")
  string(REPLACE "\"" "" files "${files}")
  list(TRANSFORM files PREPEND "${BORINGSSL_SOURCE_DIR}/")
  set(${out} ${files} PARENT_SCOPE)
endfunction()

boringssl_sources(boringssl_files crypto_sources)
# Certificates and containers are a third of its files, and nothing here leads to them.
list(FILTER boringssl_files EXCLUDE REGEX "crypto/(x509|x509v3|pkcs7|pkcs8|trust_token|hrss)/")
if(LATCHKEY_WASM)
  # wasm has no sockets, no assembler, one thread; randomness comes from the host through
  # wasm/crypto/sysrand_wasm.cc.
  list(FILTER boringssl_files EXCLUDE REGEX "bio/(connect|socket|socket_helper)\\.c$|rand_extra/")
  set(boringssl_private OPENSSL_NO_ASM)
  set(boringssl_public __TRUSTY__ OPENSSL_NO_THREADS_CORRUPT_MEMORY_AND_LEAK_SECRETS_IF_THREADED)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
  enable_language(ASM)
  boringssl_sources(boringssl_assembler crypto_sources_linux_x86_64)
  list(APPEND boringssl_files ${boringssl_assembler})
else()
  set(boringssl_private OPENSSL_NO_ASM)
endif()

if(LATCHKEY_CLIENT)
  # Only the folders that a client's calls lead to: the rest would be compiled to be dropped.
  list(FILTER boringssl_files INCLUDE REGEX
    "crypto/(aes|buf|bytestring|chacha|cipher_extra|curve25519|digest_extra|err|evp|fipsmodule|hkdf|hpke|poly1305)/|crypto/[a-z_0-9]+\\.c$|err_data\\.c$")
endif()

add_library(boringssl STATIC ${boringssl_files})
target_include_directories(boringssl SYSTEM PUBLIC "${BORINGSSL_SOURCE_DIR}/src/include")
target_compile_definitions(boringssl PUBLIC ${boringssl_public} PRIVATE ${boringssl_private}
  BORINGSSL_IMPLEMENTATION)
target_compile_options(boringssl PRIVATE $<$<COMPILE_LANGUAGE:C>:-std=gnu11> -w)
if(LATCHKEY_WASM)
  # Its errors carry __FILE__: what is shipped should not say where it was built.
  target_compile_options(boringssl PRIVATE "-fmacro-prefix-map=${BORINGSSL_SOURCE_DIR}/=")
endif()
if(NOT LATCHKEY_WASM)
  find_package(Threads REQUIRED)
  target_link_libraries(boringssl PUBLIC Threads::Threads)
endif()
