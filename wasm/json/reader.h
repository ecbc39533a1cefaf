// Reader: parsed JSON (RFC 8259) over simdjson. Text from outside is refused when it is
// not UTF-8, nests deeper than limits::kJsonDepthMax, repeats a key in an object, or holds a
// lone surrogate. Views point into the Document and die with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace latchkey::json {

bool is_utf8(std::string_view text);

enum class Kind : uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject };

class Value {
 public:
  Value();

  Kind kind() const;
  bool is_null() const { return kind() == Kind::kNull; }

  std::optional<std::string_view> string() const;
  std::optional<bool> boolean() const;
  // integer: a number without a fraction that fits; D1 answers 3 as 3.0 at times, so a
  // double that is whole counts too.
  std::optional<int64_t> integer() const;
  std::optional<double> number() const;

  // member: the value of `name` in an object; nullopt where it is absent or this is none.
  std::optional<Value> member(std::string_view name) const;
  // Iteration over arrays and objects; empty for anything else.
  template <class Visit>
  void each_item(Visit visit) const {
    visit_items([](void* to, Value item) { (*static_cast<Visit*>(to))(item); }, &visit);
  }
  template <class Visit>
  void each_member(Visit visit) const {
    visit_members([](void* to, std::string_view name, Value value) { (*static_cast<Visit*>(to))(name, value); },
                  &visit);
  }
  size_t num_items() const;
  Value item(size_t index) const;

 private:
  friend class Document;
  friend struct Element;
  void visit_items(void (*visit)(void* to, Value item), void* to) const;
  void visit_members(void (*visit)(void* to, std::string_view name, Value value), void* to) const;

  // A simdjson element: a pointer to its document and an index. Its header is read by reader.cc alone, because it is
  // most of what a file would cost to compile.
  struct Stored {
    const void* document;
    size_t index;
  };
  Stored stored_;
};

class Document {
 public:
  // parse_untrusted: for what clients send. Errors are kInvalidRequest and say what is wrong.
  static Result<Document> parse_untrusted(std::string_view text);
  // parse_host: for what the host answers. An error is kInternal.
  static Result<Document> parse_host(std::string_view text);

  Value root() const { return root_; }

 private:
  struct Parser;  // simdjson's
  struct ParserDelete {
    void operator()(Parser* parser) const;
  };
  Document();
  // load: why `text` can't be read; nullptr where it can.
  const char* load(std::string_view text);

  std::unique_ptr<Parser, ParserDelete> parser_;
  Value root_;
};

}  // namespace latchkey::json
