// CHECK: a bug traps. The shim then discards the instance and fails only the
// requests in flight on it.
#pragma once

#define CHECK(condition)                       \
  do {                                         \
    if (!(condition)) [[unlikely]] __builtin_trap(); \
  } while (false)

#define LK_UNREACHABLE() __builtin_trap()
