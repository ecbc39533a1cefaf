# Cross compile to wasm32-wasip1. With WASI_SDK_PATH set the official WASI SDK is
# used; otherwise Debian's clang-22, wasi-libc and libc++ for wasm32.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(triple wasm32-wasip1)

if(DEFINED ENV{WASI_SDK_PATH})
  set(tools "$ENV{WASI_SDK_PATH}/bin")
  set(CMAKE_C_COMPILER "${tools}/clang")
  set(CMAKE_CXX_COMPILER "${tools}/clang++")
  set(CMAKE_AR "${tools}/llvm-ar")
  set(CMAKE_RANLIB "${tools}/llvm-ranlib")
  set(CMAKE_SYSROOT "$ENV{WASI_SDK_PATH}/share/wasi-sysroot")
else()
  set(CMAKE_C_COMPILER clang-22)
  set(CMAKE_CXX_COMPILER clang++-22)
  set(CMAKE_AR llvm-ar-22)
  set(CMAKE_RANLIB llvm-ranlib-22)
  # Debian installs under wasm32-wasi, where the wasip1 target does not look.
  set(llvm /usr/lib/llvm-22)
  set(CMAKE_C_FLAGS_INIT "-isystem /usr/include/wasm32-wasi")
  set(CMAKE_CXX_FLAGS_INIT
      "-nostdinc++ -isystem ${llvm}/include/wasm32-wasi/c++/v1 -isystem /usr/include/wasm32-wasi")
  set(CMAKE_EXE_LINKER_FLAGS_INIT
      "-B/usr/lib/wasm32-wasi -L/usr/lib/wasm32-wasi -L${llvm}/lib/wasm32-wasi -fuse-ld=${llvm}/bin/wasm-ld")
endif()

set(CMAKE_C_COMPILER_TARGET ${triple})
set(CMAKE_CXX_COMPILER_TARGET ${triple})
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_EXECUTABLE_SUFFIX .wasm)
set(LATCHKEY_WASM ON)
