// Exposition: the text format that Prometheus reads (version 0.0.4).
// https://prometheus.io/docs/instrumenting/exposition_formats/
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/time.h"

namespace latchkey::health {

// kCounter: only ever grows, and its name ends in _total.
enum class MetricType : uint8_t { kGauge, kCounter };

// Value: a decimal number, exact: `units` of ten to the minus `digits`.
struct Value {
  int64_t units = 0;
  int digits = 0;
};
constexpr Value whole(int64_t number) { return {number, 0}; }
constexpr Value seconds(TimeMs time) { return {time, 3}; }
constexpr Value dollars(int64_t nanos) { return {nanos, 9}; }

struct Label {
  std::string_view name;
  std::string_view value;
};

class Exposition {
 public:
  // family: begins a metric; its samples follow. Names are constants: [a-z][a-z0-9_]*, each once.
  Exposition& family(std::string_view name, MetricType type, std::string_view help);
  Exposition& sample(Value value, std::initializer_list<Label> labels = {});

  std::string take() && { return std::move(out_); }

 private:
  std::string out_;
  std::string_view name_;
};

}  // namespace latchkey::health
