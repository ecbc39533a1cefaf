// SqlText: a query file as it goes over the wire: comments gone, white space folded, at
// compile time. Every byte of a statement is parsed again on each call, so it pays.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace latchkey::store {

template <size_t N>
struct SqlText {
  std::array<char, N> chars{};
  size_t size = 0;

  consteval explicit SqlText(const char (&source)[N]) {
    bool in_string = false;
    bool pending_space = false;
    for (size_t i = 0; i < N; ++i) {
      const char c = source[i];
      if (!in_string && c == '-' && i + 1 < N && source[i + 1] == '-') {
        while (i < N && source[i] != '\n') ++i;
        pending_space = true;
        continue;
      }
      if (!in_string && (c == ' ' || c == '\n')) {
        pending_space = true;
        continue;
      }
      if (pending_space && size > 0) chars[size++] = ' ';
      pending_space = false;
      if (c == '\'') in_string = !in_string;
      chars[size++] = c;
    }
  }
  constexpr std::string_view view() const { return {chars.data(), size}; }
};

}  // namespace latchkey::store
