// What the platform says of where a request comes from, as the audit log has it.
#include "http/location.h"

#include <gtest/gtest.h>

#include "support/draws.h"
#include "support/service_world.h"

namespace latchkey::http {
namespace {

using test::Call;
using test::ServiceWorld;

TEST(Asn, is_a_whole_number_of_32_bits_and_not_zero) {
  EXPECT_EQ(parse_asn("1"), 1);
  EXPECT_EQ(parse_asn("1136"), 1136);
  EXPECT_EQ(parse_asn("4294967295"), 4294967295);
  for (const char* text : {"", "0", "-1", "+1", " 1", "1 ", "1.5", "AS1136", "0x10", "1e3", "4294967296",
                           "99999999999999999999", "NaN", "undefined"}) {
    EXPECT_FALSE(parse_asn(text).has_value()) << text;
  }
}

TEST(Degrees, are_rounded_to_whole_ones) {
  struct Case {
    std::string_view text;
    int64_t degrees;
  };
  const Case cases[] = {{"0", 0},       {"0.0", 0},          {"-0.2", 0},     {"0.49999", 0},  {"0.5", 1},
                        {"-0.5", -1},   {"52.37403", 52},    {"4.88969", 5},  {"-33.86785", -34}, {"89.5", 90},
                        {"-89.49", -89}, {"90", 90},         {"90.0", 90},    {"-90.000", -90}};
  for (const Case& one : cases) EXPECT_EQ(parse_degrees(one.text, kLatitudeMax), one.degrees) << one.text;
  EXPECT_EQ(parse_degrees("-179.6", kLongitudeMax), -180);
}

TEST(Degrees, of_anything_else_are_unknown) {
  for (const char* text : {"", "-", ".", ".5", "5.", "90.1", "91", "-90.0001", "+5", " 5", "5 ", "5,5", "5.5.5", "1e1",
                           "NaN", "Infinity", "--5", "5.-5", "99999999999999999999", "0x1", "5.5a"}) {
    EXPECT_FALSE(parse_degrees(text, kLatitudeMax).has_value()) << text;
  }
  test::Draws draws(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (uint64_t size = draws.below(8); size > 0; --size) text += draws.one_of("0123456789.-+e ");
    const auto degrees = parse_degrees(text, kLongitudeMax);
    if (degrees) EXPECT_LE(std::abs(*degrees), kLongitudeMax) << text;
  }
}

std::string granted_details(Call call) {
  ServiceWorld world;
  world.add_license({});
  call.body = R"({"license_id":"WRITER-2024-ABC","machine_id":"m","delivery":"plain","app_version":"1"})";
  EXPECT_EQ(world.send(call).status, 200u);
  const auto answer = world.host.query("SELECT details FROM audit_log WHERE outcome = 'granted'");
  return std::string(answer.row(0, 0).text("details"));
}

TEST(Details, of_a_grant_have_network_and_place_where_they_are_known) {
  EXPECT_EQ(granted_details({.asn = "1136", .latitude = "52.37403", .longitude = "-4.88969"}),
            R"({"app_version":"1","asn":1136,"delivery":"plain","lat":52,"lon":-5})");
  EXPECT_EQ(granted_details({.asn = "AS1", .latitude = "95", .longitude = "x"}),
            R"({"app_version":"1","delivery":"plain"})");
  EXPECT_EQ(granted_details({}), R"({"app_version":"1","delivery":"plain"})");
}

}  // namespace
}  // namespace latchkey::http
