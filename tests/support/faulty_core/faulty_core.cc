// A core that speaks the ABI and misbehaves on request, for tests of the shim. The path
// chooses what it does; see `begin` for the list. It shares only abi.h with the real core.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/abi.h"

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
#define LATCHKEY_DECLARE(name, result, arguments) \
  extern "C" IMPORT("latchkey", #name) result host_##name arguments;
LATCHKEY_IMPORTS(LATCHKEY_DECLARE)
#undef LATCHKEY_DECLARE
extern "C" IMPORT("wasi_snapshot_preview1", "random_get") uint32_t wasi_random_get(uint8_t* ptr, uint32_t len);
extern "C" IMPORT("wasi_snapshot_preview1", "sched_yield") uint32_t wasi_sched_yield();
#ifdef FAULTY_UNKNOWN_IMPORT
extern "C" IMPORT("latchkey", "teleport") void host_teleport();
#endif

namespace {

using latchkey::abi::OpKind;
using latchkey::abi::OpStatus;
using Pairs = std::vector<std::pair<std::string, std::string>>;

const uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const uint8_t*>(text.data()); }
uint32_t size_of(std::string_view text) { return static_cast<uint32_t>(text.size()); }

struct Reader {
  std::string_view rest;
  uint32_t u32() {
    if (rest.size() < 4) __builtin_trap();
    uint32_t value;
    memcpy(&value, rest.data(), 4);
    rest.remove_prefix(4);
    return value;
  }
  std::string string() {
    uint32_t len = u32();
    if (rest.size() < len) __builtin_trap();
    std::string text(rest.substr(0, len));
    rest.remove_prefix(len);
    return text;
  }
  Pairs pairs() {
    Pairs found;
    for (uint32_t left = u32(); left > 0; left--) {
      std::string name = string();
      found.emplace_back(std::move(name), string());
    }
    return found;
  }
};

void put_u32(std::string& out, uint32_t value) { out.append(reinterpret_cast<const char*>(&value), 4); }
void put_string(std::string& out, std::string_view text) {
  put_u32(out, size_of(text));
  out.append(text);
}

enum class Step { kAnswerBody, kTrap, kSilent, kRelay, kCount, kIgnore };

struct Waiting {
  uint32_t request;
  Step step;
  uint32_t kind = 0;
  uint32_t index = 0;
};

struct Gathered {
  uint32_t num_left = 0;
  std::string order;
};

std::map<uint32_t, Waiting> waiting;
std::map<uint32_t, Gathered> gathered;
Pairs settings;
uint32_t last_request = 0;
uint32_t last_token = 0;
uint32_t num_in_flight = 0;

void respond(uint32_t request, uint32_t status, std::string_view body, const Pairs& headers = {}) {
  std::string frame;
  put_u32(frame, status);
  put_u32(frame, static_cast<uint32_t>(headers.size()));
  for (const auto& [name, value] : headers) {
    put_string(frame, name);
    put_string(frame, value);
  }
  put_string(frame, body);
  num_in_flight--;
  host_respond(request, bytes_of(frame), size_of(frame));
}

void start(const Waiting& what, OpKind kind, std::string_view payload) {
  uint32_t token = ++last_token;
  waiting[token] = what;
  host_start_op(what.request, token, static_cast<uint32_t>(kind), bytes_of(payload), size_of(payload));
}

void read_body(uint32_t request, Step step, uint32_t limit_bytes, uint32_t kind = 0) {
  std::string payload;
  put_u32(payload, limit_bytes);
  start({request, step, kind}, OpKind::kReadBody, payload);
}

uint32_t number_after(std::string_view url, std::string_view name, uint32_t otherwise) {
  size_t at = url.find(name);
  if (at == std::string_view::npos) return otherwise;
  return static_cast<uint32_t>(atoi(std::string(url.substr(at + name.size())).c_str()));
}

// Recursion that keeps nothing in linear memory: the host's own stack gives out first.
__attribute__((noinline)) uint32_t recurse_on_host(uint32_t depth) {
  if (depth == 0) return 0;
  uint32_t below = recurse_on_host(depth + 1);
  asm volatile("" : "+r"(below));
  return below + depth;
}

// Recursion with a large frame in linear memory, which runs out there.
__attribute__((noinline)) uint32_t recurse_in_memory(uint32_t depth) {
  volatile uint8_t frame[16384];
  frame[depth % sizeof(frame)] = 1;
  asm volatile("" : "+r"(depth));
  if (depth == 0) return 0;
  return recurse_in_memory(depth + 1) + frame[0];
}

std::string pairs_text(const Pairs& pairs) {
  std::string text;
  for (const auto& [name, value] : pairs) text += name + "=" + value + "\n";
  return text;
}

std::string random_hex(uint32_t len) {
  std::string random(len, '\0');
  if (wasi_random_get(reinterpret_cast<uint8_t*>(random.data()), len) != 0) __builtin_trap();
  std::string hex;
  for (unsigned char byte : random) {
    char digits[3];
    snprintf(digits, sizeof digits, "%02x", byte);
    hex += digits;
  }
  return hex;
}

void begin(uint32_t request, std::string_view path, std::string_view url, const std::string& echo) {
  const uint32_t number = number_after(url, "n=", 0);
  const auto is = [&](std::string_view name) { return path == name; };
  // Well-behaved.
  if (is("/echo") || is("/admin/echo") || is("/hooks/echo"))
    return respond(request, 200, echo, {{"content-type", "text/plain"}, {"x-word", "Grüße"}});
  if (is("/plain")) return respond(request, 200, "ok", {{"content-type", "text/plain"}});
  if (is("/status")) return respond(request, number, "", {{"x-empty", ""}});
  if (is("/cookies")) return respond(request, 200, "", {{"set-cookie", "a=1"}, {"set-cookie", "b=2"}});
  if (is("/bytes")) return respond(request, 200, std::string(number, '\xff'));
  if (is("/settings")) return respond(request, 200, pairs_text(settings));
  if (is("/now")) return respond(request, 200, std::to_string(static_cast<uint64_t>(host_now_ms())));
  if (is("/random")) return respond(request, 200, random_hex(number));
  if (is("/wasi")) return respond(request, 200, std::to_string(wasi_sched_yield()));
  if (is("/in-flight")) return respond(request, 200, std::to_string(num_in_flight - 1));
  if (is("/body")) return read_body(request, Step::kAnswerBody, number);
  if (is("/op")) return read_body(request, Step::kRelay, 1 << 20, number);
  if (is("/together")) return read_body(request, Step::kCount, 1 << 20, number);
  if (is("/log")) {
    host_log(number, bytes_of(R"({"event":"said"})"), 16);
    return respond(request, 200, "");
  }
  if (is("/grow")) {  // Left allocated on purpose: memory is larger from now on.
    char* large = static_cast<char*>(malloc(number));
    if (!large) __builtin_trap();
    memset(large, 1, number);
    asm volatile("" : : "r"(large) : "memory");  // Or the compiler sees that nobody reads it, and leaves all this out.
    return read_body(request, Step::kAnswerBody, 1 << 20);
  }
  if (is("/after")) {
    respond(request, 200, "");
    return start({request, Step::kIgnore}, OpKind::kKvPut, R"({"key":"after","value":"done","ttl_seconds":0})");
  }
  // Misbehaved.
  if (is("/trap")) __builtin_trap();
  if (is("/trap-later")) return read_body(request, Step::kTrap, 1 << 20);
  if (is("/abort")) abort();
  if (is("/silent")) return;
  if (is("/silent-later")) return read_body(request, Step::kSilent, 1 << 20);
  if (is("/recurse")) return respond(request, 200, std::to_string(recurse_on_host(1)));
  if (is("/recurse-memory")) return respond(request, 200, std::to_string(recurse_in_memory(1)));
  if (is("/twice")) {
    respond(request, 200, "");
    return respond(request, 200, "");
  }
  if (is("/foreign-answer")) return respond(request + 1, 200, "");
  if (is("/foreign-op")) return read_body(request + 1, Step::kAnswerBody, 1);
  if (is("/unknown-op")) return start({request, Step::kIgnore}, static_cast<OpKind>(99), "");
  if (is("/bad-frame")) return host_respond(request, bytes_of("\xff\xff\xff\xff\xff\xff\xff\xff"), 8);
  if (is("/outside")) return host_respond(request, bytes_of("") + 0x7fff0000, 64);
  if (is("/spin")) {
    for (volatile uint32_t i = 0;; i = i + 1) {}
  }
#ifdef FAULTY_UNKNOWN_IMPORT
  if (is("/teleport")) host_teleport();
#endif
  respond(request, 404, "");
}

void relay(uint32_t request, OpStatus status, std::string_view bytes) {
  respond(request, 200, bytes, {{"x-op-status", std::to_string(static_cast<uint32_t>(status))}});
}

// The body is a list: u32 count, then (u32 kind, string payload) each. All start at once.
void start_together(uint32_t request, std::string_view body) {
  Reader reader{body};
  uint32_t count = reader.u32();
  gathered[request] = {count, ""};
  for (uint32_t index = 0; index < count; index++) {
    OpKind kind = static_cast<OpKind>(reader.u32());
    start({request, Step::kCount, 0, index + 1}, kind, reader.string());
  }
}

void count_one(const Waiting& what, OpStatus status) {
  Gathered& all = gathered[what.request];
  all.order += std::to_string(what.index) + ":" + std::to_string(static_cast<uint32_t>(status)) + " ";
  if (--all.num_left > 0) return;
  respond(what.request, 200, all.order);
  gathered.erase(what.request);
}

void resume(const Waiting& what, OpStatus status, std::string_view bytes) {
  switch (what.step) {
    case Step::kAnswerBody: return relay(what.request, status, bytes);
    case Step::kTrap: __builtin_trap();
    case Step::kSilent:
    case Step::kIgnore: return;
    case Step::kRelay:
      if (status != OpStatus::kOk) return relay(what.request, status, bytes);
      return start({what.request, Step::kAnswerBody}, static_cast<OpKind>(what.kind), bytes);
    case Step::kCount:
      if (what.index == 0) return start_together(what.request, bytes);
      return count_one(what, status);
  }
}

std::string path_of(std::string_view url) {
  size_t host = url.find("://");
  size_t path = url.find('/', host == std::string_view::npos ? 0 : host + 3);
  return std::string(url.substr(path, url.find('?', path) - path));
}

}  // namespace

extern "C" {

EXPORT("abi_version") uint32_t core_abi_version() {
#ifdef FAULTY_VERSION
  return FAULTY_VERSION;
#else
  return latchkey::abi::kVersion;
#endif
}

EXPORT("alloc") uint8_t* core_alloc(uint32_t len) { return static_cast<uint8_t*>(malloc(len == 0 ? 1 : len)); }

EXPORT("configure") void core_configure(uint8_t* ptr, uint32_t len) {
  settings = Reader{{reinterpret_cast<char*>(ptr), len}}.pairs();
  free(ptr);
}

EXPORT("begin_request") uint32_t core_begin_request(uint8_t* ptr, uint32_t len) {
  Reader reader{{reinterpret_cast<char*>(ptr), len}};
  std::string method = reader.string();
  std::string url = reader.string();
  std::string address = reader.string();
  std::string country = reader.string();
  std::string place = reader.string();  // The network's number, latitude, longitude.
  place += " " + reader.string();
  place += " " + reader.string();
  std::string echo = method + "\n" + url + "\n" + address + "\n" + country + "\n" + place + "\n" +
                     pairs_text(reader.pairs());
  if (!reader.rest.empty()) __builtin_trap();
  free(ptr);
  num_in_flight++;
  uint32_t request = ++last_request;
  begin(request, path_of(url), url, echo);
  return request;
}

// Writes the expression into KV, so that a test can see that it ran; "trap" traps.
EXPORT("begin_scheduled") uint32_t core_begin_scheduled(uint8_t* ptr, uint32_t len) {
  Pairs pairs = Reader{{reinterpret_cast<char*>(ptr), len}}.pairs();
  free(ptr);
  if (pairs.at(0).second == "0 0 1 1 *") __builtin_trap();
  num_in_flight++;
  uint32_t request = ++last_request;
  std::string payload = R"({"key":"cron","value":")" + pairs.at(0).second + R"(","ttl_seconds":0})";
  start({request, Step::kAnswerBody}, OpKind::kKvPut, payload);
  return request;
}

EXPORT("complete_op")
void core_complete_op(uint32_t token, uint32_t status, uint8_t* ptr, uint32_t len) {
  std::string bytes(reinterpret_cast<char*>(ptr), len);
  free(ptr);
  auto found = waiting.find(token);
  if (found == waiting.end()) return;
  Waiting what = found->second;
  waiting.erase(found);
  resume(what, static_cast<OpStatus>(status), bytes);
}

#ifndef FAULTY_MISSING_EXPORT
EXPORT("in_flight") uint32_t core_in_flight() { return num_in_flight; }
#endif

}  // extern "C"
