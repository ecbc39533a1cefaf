// The other ports over the native host: KV, PBKDF2, request bodies, and SqliteHost itself.
#include <gtest/gtest.h>

#include <ctime>

#include "base/encoding.h"
#include "base/limits.h"
#include "host/frame.h"
#include "host/sqlite/kv_map.h"
#include "host/sqlite/sqlite_host.h"
#include "host/sqlite/system_ports.h"
#include "support/test_host.h"

namespace latchkey::host {
namespace {

using test::Fault;
using test::TestHost;

class PortsTest : public ::testing::Test {
 protected:
  OpAnswer perform(RequestId request, OpKind kind, std::string payload) {
    return host_.run(ask(host_, request, kind, std::move(payload)));
  }
  static Task<OpAnswer> ask(OpPort& port, RequestId request, OpKind kind, std::string payload) {
    co_return co_await Operation(port, request, kind, std::move(payload));
  }
  OpAnswer read_body(RequestId request, uint32_t limit) {
    return perform(request, OpKind::kReadBody, std::move(FrameWriter().u32(limit)).take());
  }

  TestHost host_{TestHost::Schema::kEmpty};
  OpCounts counts_;
  Kv kv_{host_, 1, counts_};
  Kdf kdf_{host_, 1, counts_};
};

using Text = std::optional<std::string>;

TEST_F(PortsTest, kv_keeps_replaces_and_removes_values) {
  EXPECT_EQ(host_.run(kv_.get("k")).value(), Text());
  EXPECT_TRUE(host_.run(kv_.put("k", "one")).has_value());
  EXPECT_TRUE(host_.run(kv_.put("k", "t\"wo\n")).has_value());
  EXPECT_EQ(host_.run(kv_.get("k")).value(), Text("t\"wo\n"));
  EXPECT_TRUE(host_.run(kv_.remove("k")).has_value());
  EXPECT_TRUE(host_.run(kv_.remove("k")).has_value());
  EXPECT_EQ(host_.run(kv_.get("k")).value(), Text());
  EXPECT_EQ(counts_.kv_reads, 3u);
  EXPECT_EQ(counts_.kv_writes, 4u);
}

TEST_F(PortsTest, kv_value_with_a_ttl_expires_to_the_millisecond) {
  ASSERT_TRUE(host_.run(kv_.put("short", "x", 60)).has_value());
  ASSERT_TRUE(host_.run(kv_.put("for good", "y")).has_value());
  host_.clock.advance(60 * kSecondMs - 1);
  EXPECT_EQ(host_.run(kv_.get("short")).value(), Text("x"));
  host_.clock.advance(1);
  EXPECT_EQ(host_.run(kv_.get("short")).value(), Text());
  host_.clock.advance(3650 * kDayMs);
  EXPECT_EQ(host_.run(kv_.get("for good")).value(), Text("y"));
}

TEST_F(PortsTest, kv_write_without_a_ttl_takes_the_old_one_away) {
  ASSERT_TRUE(host_.run(kv_.put("k", "x", 60)).has_value());
  ASSERT_TRUE(host_.run(kv_.put("k", "y")).has_value());
  host_.clock.advance(kDayMs);
  EXPECT_EQ(host_.run(kv_.get("k")).value(), Text("y"));
}

TEST_F(PortsTest, kv_refuses_what_workers_kv_refuses) {
  const std::string key_max(limits::kKvKeyBytesMax, 'k');
  EXPECT_TRUE(host_.run(kv_.put(key_max, "x")).has_value());
  for (const std::string& key : {std::string(), std::string("."), std::string(".."), key_max + "k"}) {
    EXPECT_FALSE(host_.run(kv_.put(key, "x")).has_value()) << key;
    EXPECT_FALSE(host_.run(kv_.remove(key)).has_value()) << key;
  }
  const auto short_ttl = host_.run(kv_.put("k", "x", 59));
  ASSERT_FALSE(short_ttl.has_value());
  EXPECT_EQ(short_ttl.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(short_ttl.error().detail(), "kv: a KV ttl is under 60 seconds");
  EXPECT_EQ(perform(1, OpKind::kKvPut, R"({"key":"k","value":"v"})").status, OpStatus::kUnavailable);
  EXPECT_EQ(perform(1, OpKind::kKvPut, R"({"key":"k","value":"v","ttl_seconds":-1})").status,
            OpStatus::kUnavailable);
  EXPECT_EQ(perform(1, OpKind::kKvGet, R"({"name":"k"})").status, OpStatus::kUnavailable);
  EXPECT_EQ(perform(1, OpKind::kKvGet, "{").status, OpStatus::kUnavailable);
}

TEST_F(PortsTest, kv_that_is_down_is_unavailable_and_not_empty) {
  ASSERT_TRUE(host_.run(kv_.put("k", "x")).has_value());
  host_.set_fault(OpKind::kKvGet, Fault::kNotPerformed);
  host_.set_fault(OpKind::kKvPut, Fault::kNotPerformed);
  host_.set_fault(OpKind::kKvDelete, Fault::kAnswerLost);
  const auto got = host_.run(kv_.get("k"));
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(got.error().retry_after_seconds, 1u);
  EXPECT_FALSE(host_.run(kv_.put("k", "y")).has_value());
  host_.set_fault(OpKind::kKvGet, Fault::kNone);
  EXPECT_EQ(host_.run(kv_.get("k")).value(), Text("x"));
  EXPECT_FALSE(host_.run(kv_.remove("k")).has_value());
  EXPECT_EQ(host_.run(kv_.get("k")).value(), Text());
}

TEST_F(PortsTest, derive_is_pbkdf2_hmac_sha256) {
  // RFC 7914, section 11: PBKDF2-HMAC-SHA256 of "passwd", salt "salt", 1 round, 64 bytes.
  const Secret password = Secret::copy_of("passwd");
  const auto key = host_.run(kdf_.derive(password, as_bytes("salt"), 1, 64));
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(hex_encode(key->reveal(SecretAccess("comparing with the vector"))),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
  EXPECT_EQ(counts_.derives, 1u);
}

TEST_F(PortsTest, derive_refuses_more_rounds_than_workers_allow) {
  const Secret password = Secret::copy_of("p");
  EXPECT_TRUE(host_.run(kdf_.derive(password, as_bytes("s"), limits::kDeriveRoundsMax, 32)).has_value());
  for (const uint32_t rounds : {uint32_t{0}, limits::kDeriveRoundsMax + 1}) {
    const auto key = host_.run(kdf_.derive(password, as_bytes("s"), rounds, 32));
    ASSERT_FALSE(key.has_value()) << rounds;
    EXPECT_EQ(key.error().code(), ErrorCode::kUnavailable);
  }
}

TEST_F(PortsTest, derive_payload_that_is_cut_off_is_refused_at_every_byte) {
  const std::string whole = std::move(FrameWriter().u32(1).u32(32).string("salt").string("pw")).take();
  EXPECT_EQ(perform(1, OpKind::kDerive, whole).status, OpStatus::kOk);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(perform(1, OpKind::kDerive, whole.substr(0, size)).status, OpStatus::kUnavailable) << size;
  }
  EXPECT_EQ(perform(1, OpKind::kDerive, whole + "x").status, OpStatus::kUnavailable);
}

TEST_F(PortsTest, derived_key_of_another_size_is_refused) {
  const Secret password = Secret::copy_of("p");
  Task<Result<Secret>> task = kdf_.derive(password, as_bytes("s"), 1, 32);
  task.start();
  host_.complete_with(0, {OpStatus::kOk, std::string(31, 'k')});
  ASSERT_TRUE(task.done());
  EXPECT_FALSE(task.take().has_value());
}

TEST_F(PortsTest, body_is_read_once_and_up_to_its_limit) {
  const RequestId small = host_.new_request("12345");
  EXPECT_EQ(read_body(small, 5).payload, "12345");
  EXPECT_EQ(read_body(small, 5).status, OpStatus::kUnavailable);
  const RequestId large = host_.new_request("123456");
  const OpAnswer refused = read_body(large, 5);
  EXPECT_EQ(refused.status, OpStatus::kTooLarge);
  EXPECT_EQ(refused.payload, "");
  const RequestId none = host_.new_request();
  EXPECT_EQ(read_body(none, 0).status, OpStatus::kOk);
  EXPECT_EQ(perform(host_.new_request("x"), OpKind::kReadBody, "xx").status, OpStatus::kUnavailable);
}

TEST_F(PortsTest, bodies_of_two_requests_stay_apart) {
  const RequestId a = host_.new_request("of a");
  const RequestId b = host_.new_request("of b");
  EXPECT_EQ(read_body(b, 100).payload, "of b");
  EXPECT_EQ(read_body(a, 100).payload, "of a");
}

Task<> use_everything(Host& host, std::string& out) {
  const auto made = co_await host.db.run(std::move(Batch().add("CREATE TABLE t (a)")));
  EXPECT_TRUE(made.has_value());
  EXPECT_TRUE((co_await host.kv.put("k", "v")).has_value());
  const auto value = co_await host.kv.get("k");
  EXPECT_TRUE(value.has_value());
  const OpAnswer body = co_await Operation(host.ops, host.request_id, OpKind::kReadBody,
                                           std::move(FrameWriter().u32(100)).take());
  ByteArray<16> random{};
  host.random.fill(random);
  EXPECT_NE(random, ByteArray<16>{});
  EXPECT_GT(host.clock.now(), 1'700'000'000'000);
  out = **value + body.payload;
}

TEST(SqliteHost, runs_a_request_to_its_end_on_the_real_platform) {
  SqliteHost native(std::move(*SqliteDb::open(":memory:")));
  native.set_body(7, "body");
  Host host(native.platform(), 7, 5000);
  std::string out;
  Task<> task = use_everything(host, out);
  task.start();
  EXPECT_FALSE(task.done());
  EXPECT_EQ(native.run(), 4u);
  EXPECT_TRUE(task.done());
  EXPECT_EQ(out, "vbody");
  EXPECT_EQ(native.run(), 0u);
}

TEST(KvMap, shows_what_has_not_expired_in_the_order_of_keys) {
  test::FakeClock clock;
  KvMap kv(clock);
  ASSERT_TRUE(kv.put("b", "2", 0).has_value());
  ASSERT_TRUE(kv.put("a", "1", 60).has_value());
  ASSERT_TRUE(kv.put("c", "3", 120).has_value());
  clock.advance(kMinuteMs);
  std::string seen;
  kv.each_value([&](const std::string& key, const std::string& value) { seen += key + value; });
  EXPECT_EQ(seen, "b2c3");
}

TEST(SystemPorts, log_writes_one_record_a_line_from_its_level_on) {
  StderrLog log;
  ::testing::internal::CaptureStderr();
  log.write(LogLevel::kInfo, R"({"a":1})");
  log.write(LogLevel::kWarning, R"({"b":2})");
  log.write(LogLevel::kError, R"({"c":3})");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "{\"b\":2}\n{\"c\":3}\n");
}

TEST(SystemPorts, clock_tells_the_time_in_milliseconds) {
  const SystemClock clock;
  const TimeMs before = static_cast<TimeMs>(time(nullptr)) * kSecondMs;
  const TimeMs now = clock.now();
  EXPECT_GE(now, before);
  EXPECT_LT(now, before + kMinuteMs);
}

TEST(SqliteHost, drops_what_was_cancelled_before_it_began) {
  SqliteHost native(std::move(*SqliteDb::open(":memory:")));
  OpCounts counts;
  Kv kv(native, 1, counts);
  {
    Task<Result<Void>> task = kv.put("k", "v");
    task.start();
  }
  EXPECT_EQ(native.run(), 0u);
}

}  // namespace
}  // namespace latchkey::host
