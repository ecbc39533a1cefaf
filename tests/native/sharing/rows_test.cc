// Rows: what is written is what is read, and reasons are JSON whatever their sentences hold.
#include "sharing/rows.h"

#include "sharing_world.h"

namespace latchkey::sharing {
namespace {

TEST(Rows, are_read_as_they_were_written) {
  SharingWorld world;
  Watched watched{.license_id = kLicense,
                  .trail = R"({"places":[],"machines":[]})",
                  .score = 71,
                  .standing = {.level = Level::kThrottle, .level_at = 5, .quiet_since = 6},
                  .throttled_to = 7,
                  .ignored_until = 8,
                  .reasons = R"([{"signal":"x","value":1,"points":71,"sentence":"y"}])",
                  .seen = {.machines = 1, .refused = 2, .countries = 3, .networks = 4, .days = 5},
                  .scored_at = 9,
                  .due_at = 10};
  const auto stored = [&] {
    json::Writer rows;
    rows.begin_array();
    write_watched(rows, watched);
    rows.end_array();
    world.host.query("UPDATE sharing_walk SET run = 'req_mine'");
    world.host.query(std::move(host::Batch().add(store::kSharingStore).bind(rows.text()).bind("req_mine")));
    return world.show();
  };
  for (int i = 0; i < 2; ++i) {
    const Watched read = stored();
    EXPECT_EQ(read.trail, watched.trail);
    EXPECT_EQ(read.score, watched.score);
    EXPECT_EQ(read.standing, watched.standing);
    EXPECT_EQ(read.throttled_to, watched.throttled_to);
    EXPECT_EQ(read.ignored_until, watched.ignored_until);
    EXPECT_EQ(read.reasons, watched.reasons);
    EXPECT_EQ(read.seen, watched.seen);
    EXPECT_EQ(read.scored_at, watched.scored_at);
    EXPECT_EQ(read.due_at, watched.due_at);
    // The second time over a row that is there, with everything absent that may be.
    watched.standing = {};
    watched.throttled_to = watched.ignored_until = watched.due_at = std::nullopt;
    watched.score = 0;
    watched.seen = {};
  }
}

TEST(Rows, of_another_run_are_not_stored) {
  SharingWorld world;
  json::Writer rows;
  rows.begin_array();
  write_watched(rows, {.license_id = kLicense, .trail = "{}", .standing = {}});
  rows.end_array();
  world.host.query(std::move(host::Batch().add(store::kSharingStore).bind(rows.text()).bind("req_other")));
  EXPECT_EQ(world.num_rows(), 0);
}

TEST(Reasons, are_printed_as_json) {
  const Reason reason{.signal = "networks", .value = 3, .points = 12, .sentence = "a \"quoted\" one"};
  EXPECT_EQ(print_reasons({reason}),
            R"([{"signal":"networks","value":3,"points":12,"sentence":"a \"quoted\" one"}])");
  EXPECT_EQ(print_reasons({}), "[]");
}

}  // namespace
}  // namespace latchkey::sharing
