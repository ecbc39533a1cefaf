// Result<T>: a value or an Error. The only way a failure travels in Latchkey.
#pragma once

#include "base/error.h"

#if defined(__EMSCRIPTEN__)
#include <tl/expected.hpp>
#else
#include <expected>
#endif

namespace latchkey {

#if defined(__EMSCRIPTEN__)
template <class T>
using Result = tl::expected<T, Error>;
using Unexpected = tl::unexpected<Error>;
#else
template <class T>
using Result = std::expected<T, Error>;
using Unexpected = std::unexpected<Error>;
#endif

// Void: the value of a Result that carries none, so that it is still checked.
struct Void {};

// fail: makes the failing side of a Result. `message` is public: it reaches the
// client. `detail` is for the log only.
inline Unexpected fail(ErrorCode code, std::string message, std::string detail = {}) {
  return Unexpected(Error(code, std::move(message), std::move(detail)));
}

}  // namespace latchkey

// TRY: unwraps a Result in a plain function, or returns its error.
#define LK_CONCAT_(a, b) a##b
#define LK_CONCAT(a, b) LK_CONCAT_(a, b)
#define TRY_IMPL(tmp, decl, expr, ret)                 \
  auto tmp = (expr);                                   \
  if (!tmp) ret ::latchkey::Unexpected(std::move(tmp).error()); \
  decl = std::move(*tmp)
#define TRY(decl, expr) TRY_IMPL(LK_CONCAT(lk_try_, __LINE__), decl, expr, return)
// CO_TRY: the same in a coroutine.
#define CO_TRY(decl, expr) TRY_IMPL(LK_CONCAT(lk_try_, __LINE__), decl, expr, co_return)

// TRY_VOID, CO_TRY_VOID: the same for a Result whose value is not wanted.
#define TRY_VOID_IMPL(expr, ret)                                            \
  do {                                                                      \
    auto lk_tried = (expr);                                                 \
    if (!lk_tried) ret ::latchkey::Unexpected(std::move(lk_tried).error()); \
  } while (false)
#define TRY_VOID(expr) TRY_VOID_IMPL(expr, return)
#define CO_TRY_VOID(expr) TRY_VOID_IMPL(expr, co_return)
