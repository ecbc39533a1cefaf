// Proofs out of the stored tree, checked against heads by the definition, whatever was deleted.
#include "audit/proofs.h"

#include "audit/records.h"
#include "json/reader.h"
#include "log_world.h"
#include "store/queries.h"

namespace latchkey::audit {
namespace {

struct ProofWorld : LogWorld {
  // With a log of so many records, hashed as far as whole tiles go.
  explicit ProofWorld(int64_t size) {
    grow(size);
    while (!advance().value()) continue;
  }
  template <class Ask>
  auto ask(Ask make) {
    host::Host own(host.platform(), host.new_request(), 5000);
    ProofService service(own, config());
    auto answer = host.run(make(service));
    trips = own.counts.d1_round_trips;
    return answer;
  }
  Result<InclusionProof> inclusion(uint64_t index, std::optional<uint64_t> size = std::nullopt) {
    return ask([&](ProofService& service) { return service.inclusion(index, size); });
  }
  Result<ConsistencyProof> consistency(uint64_t from, std::optional<uint64_t> to = std::nullopt) {
    return ask([&](ProofService& service) { return service.consistency(from, to); });
  }
  Result<Head> head(std::optional<uint64_t> size = std::nullopt) {
    return ask([&](ProofService& service) { return service.head(size); });
  }
  Result<LinePage> lines(uint64_t after, uint32_t rows_max) {
    host::Host own(host.platform(), host.new_request(), 5000);
    RecordService service(own, config());
    return host.run(service.lines(after, rows_max));
  }
  // remember: the roots of every size, before anything is deleted.
  std::vector<Digest> remember() {
    std::vector<Digest> roots{empty_root()};
    Frontier tree;
    const host::BatchAnswer rows = host.query("SELECT * FROM audit_log ORDER BY seq");
    rows.each_row(0, [&](host::Row row) {
      tree.add(leaf_hash(store::audit_record(row)));
      roots.push_back(tree.root());
    });
    return roots;
  }
  uint32_t trips = 0;
};

TEST(StoredProofs, of_leaves_and_sizes_around_tiles_verify) {
  ProofWorld world(700);
  const std::vector<Digest> roots = world.remember();
  const std::vector<uint64_t> places{1, 2, 3, 100, 255, 256, 257, 258, 400, 511, 512, 513, 600, 699, 700};
  for (const uint64_t size : places) {
    for (const uint64_t other : places) {
      if (other > size) continue;
      const auto inclusion = world.inclusion(other - 1, size);
      ASSERT_TRUE(inclusion.has_value()) << inclusion.error().message();
      EXPECT_EQ(world.trips, 1u);
      EXPECT_TRUE(verify_inclusion(leaf_hash(inclusion->record), other - 1, size, inclusion->path, roots[size]))
          << other - 1 << " in " << size;
      const auto consistency = world.consistency(other, size);
      ASSERT_TRUE(consistency.has_value()) << consistency.error().message();
      EXPECT_TRUE(verify_consistency(other, roots[other], size, roots[size], consistency->path))
          << other << " to " << size;
    }
  }
}

TEST(StoredProofs, of_a_log_with_two_levels_of_nodes_verify) {
  ProofWorld world(65536 + 2 * 256 + 5);
  const std::vector<Digest> roots = world.remember();
  const uint64_t size = roots.size() - 1;
  for (const uint64_t index : {uint64_t{0}, uint64_t{40'000}, uint64_t{65'535}, uint64_t{65'536}, size - 1}) {
    const auto proof = world.inclusion(index, size);
    ASSERT_TRUE(proof.has_value());
    EXPECT_TRUE(verify_inclusion(leaf_hash(proof->record), index, size, proof->path, roots[size])) << index;
    const auto grown = world.consistency(index + 1, size);
    EXPECT_TRUE(verify_consistency(index + 1, roots[index + 1], size, roots[size], grown->path)) << index;
  }
}

TEST(StoredProofs, without_a_size_are_of_the_newest_checkpoint) {
  ProofWorld world(300);
  EXPECT_EQ(world.inclusion(7).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(world.head().error().code(), ErrorCode::kNotFound);
  const Checkpoint head = world.checkpoint()->head;
  world.grow(20);
  EXPECT_EQ(world.inclusion(7)->size, 300u);
  EXPECT_EQ(world.trips, 2u);
  EXPECT_EQ(world.consistency(7)->to, 300u);
  EXPECT_EQ(world.head()->checkpoint.head, head);
  EXPECT_EQ(world.trips, 1u);
  EXPECT_EQ(world.head(300)->checkpoint.head, head);
  EXPECT_EQ(world.head(299).error().code(), ErrorCode::kNotFound);
}

TEST(StoredProofs, of_what_is_no_part_of_the_log_are_refused) {
  ProofWorld world(300);
  for (const auto& [index, size] : std::vector<std::pair<uint64_t, uint64_t>>{
           {300, 300}, {0, 301}, {0, 0}, {5, uint64_t{1} << 60}, {uint64_t{1} << 60, 300}}) {
    EXPECT_EQ(world.inclusion(index, size).error().code(), ErrorCode::kInvalidRequest) << index << " in " << size;
  }
  for (const auto& [from, to] :
       std::vector<std::pair<uint64_t, uint64_t>>{{0, 300}, {1, 301}, {9, 8}, {1, uint64_t{1} << 60}}) {
    EXPECT_EQ(world.consistency(from, to).error().code(), ErrorCode::kInvalidRequest) << from << " to " << to;
  }
}

TEST(StoredProofs, wait_where_tiles_are_not_hashed_yet_and_while_a_restore_is_running) {
  ProofWorld world(300);
  world.grow(300);
  EXPECT_EQ(world.inclusion(0, 600).error().code(), ErrorCode::kUnavailable);
  EXPECT_TRUE(world.inclusion(0, 300).has_value());
  world.restoring();
  EXPECT_EQ(world.inclusion(0, 300).error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(world.lines(0, 5).error().code(), ErrorCode::kUnavailable);
}

// What retention leaves can be proved as before; what is gone is said to be.
TEST(StoredProofs, outlive_the_records_that_are_gone) {
  ProofWorld world(900);
  const std::vector<Digest> roots = world.remember();
  EXPECT_TRUE(world.checkpoint().has_value());
  EXPECT_EQ(world.head()->before.size(), 0u);
  world.host.query(std::move(host::Batch().add(store::kAuditDeleteOld).bind(INT64_C(2'000'000'000'000)).bind(600)));
  ASSERT_EQ(world.scalar("SELECT min(seq) AS value FROM audit_log"), 513);
  EXPECT_EQ(world.inclusion(511, 900).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(world.consistency(511, 900).error().code(), ErrorCode::kNotFound);
  for (const uint64_t at : {uint64_t{513}, uint64_t{600}, uint64_t{900}}) {
    const auto proof = world.inclusion(at - 1, 900);
    ASSERT_TRUE(proof.has_value()) << proof.error().message();
    EXPECT_TRUE(verify_inclusion(leaf_hash(proof->record), at - 1, 900, proof->path, roots[900]));
  }
  for (const uint64_t from : {uint64_t{256}, uint64_t{512}, uint64_t{513}, uint64_t{700}}) {
    const auto proof = world.consistency(from, 900);
    ASSERT_TRUE(proof.has_value()) << proof.error().message();
    EXPECT_TRUE(verify_consistency(from, roots[from], 900, roots[900], proof->path)) << from;
  }
  const auto head = world.head();
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(world.trips, 2u);
  EXPECT_EQ(head->before.size(), 512u);
  EXPECT_EQ(head->before.root(), roots[512]);
  world.grow(1);
  EXPECT_TRUE(world.checkpoint().has_value());
  EXPECT_EQ(world.lines(511, 5).error().code(), ErrorCode::kNotFound);

  // An export of what is left proves itself.
  const auto rest = world.lines(512, 1000);
  ASSERT_TRUE(rest.has_value());
  EXPECT_EQ(rest->lines.size(), 389u);
  const auto keys = log_keys(world.config());
  ExportVerifier verifier(keys);
  const auto newest = world.head();
  EXPECT_TRUE(verifier.take(print_header({newest->before, newest->checkpoint.note, {}})).has_value());
  for (const std::string& line : rest->lines) EXPECT_TRUE(verifier.take(line).has_value());
  EXPECT_TRUE(verifier.finish().has_value());
}

TEST(Lines, are_those_of_the_tree_a_page_at_a_time) {
  ProofWorld world(300);
  Frontier tree;
  uint64_t after = 0;
  for (int num_pages = 1;; ++num_pages) {
    const auto page = world.lines(after, 77);
    ASSERT_TRUE(page.has_value());
    for (const std::string& line : page->lines) tree.add(leaf_hash(line));
    if (!page->next_after) {
      EXPECT_EQ(num_pages, 4);
      break;
    }
    after = *page->next_after;
    EXPECT_EQ(after, tree.size());
  }
  EXPECT_EQ(tree.root(), world.expected(300).root);
  EXPECT_TRUE(world.lines(300, 5)->lines.empty());
  world.host.query("DELETE FROM audit_log WHERE seq = 40");
  EXPECT_NE(world.lines(0, 77).error().message().find("record 40 is missing"), std::string::npos);
}

TEST(Lines, of_a_page_are_bounded_by_their_bytes) {
  ProofWorld world(8);
  world.host.query("UPDATE audit_log SET details = json_object('a', printf('%.*c', 400000, 'x'))");
  const auto page = world.lines(0, 100);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->lines.size(), 3u);
  EXPECT_EQ(page->next_after, 3u);
}

TEST(Records, are_listed_newest_first_by_what_they_are_about) {
  LogWorld world;
  world.grow(20);
  world.host.query("UPDATE audit_log SET action = 'license.revoked', license_id = 'lic_1' WHERE seq % 5 = 0");
  world.host.query("UPDATE audit_log SET license_id = 'lic_1' WHERE seq = 7");
  const auto list = [&](const RecordFilter& filter, std::optional<uint64_t> before, uint32_t rows_max) {
    host::Host own(world.host.platform(), world.host.new_request(), 5000);
    RecordService service(own, world.config());
    return world.host.run(service.list(filter, before, rows_max)).value();
  };
  const auto seqs = [](const RecordPage& page) {
    std::vector<int64_t> found;
    for (const Record& record : page.records) found.push_back(record.seq);
    return found;
  };
  EXPECT_EQ(seqs(list({}, std::nullopt, 3)), (std::vector<int64_t>{20, 19, 18}));
  EXPECT_EQ(list({}, std::nullopt, 3).next_before, 18u);
  EXPECT_EQ(seqs(list({}, 18, 2)), (std::vector<int64_t>{17, 16}));
  EXPECT_EQ(list({}, std::nullopt, 50).next_before, std::nullopt);
  EXPECT_EQ(seqs(list({.action = "license.revoked"}, std::nullopt, 50)), (std::vector<int64_t>{20, 15, 10, 5}));
  EXPECT_EQ(seqs(list({.license_id = "lic_1"}, std::nullopt, 50)), (std::vector<int64_t>{20, 15, 10, 7, 5}));
  EXPECT_EQ(seqs(list({.action = "provision.granted", .license_id = "lic_1"}, std::nullopt, 50)),
            (std::vector<int64_t>{7}));
  EXPECT_EQ(seqs(list({.since = 1767225600000 + 18}, std::nullopt, 50)), (std::vector<int64_t>{20, 19, 18}));
  EXPECT_EQ(seqs(list({.until = 1767225600000 + 2}, std::nullopt, 50)), (std::vector<int64_t>{2, 1}));
}

// A filter that finds nothing reads a bounded part of the log, and says where to go on.
TEST(Records, are_looked_for_a_bounded_number_at_a_time) {
  LogWorld world;
  constexpr int64_t size = 2 * limits::kAuditRowsLookedAt + 10;
  world.grow(size);
  world.host.query("UPDATE audit_log SET action = 'rare' WHERE seq = 5");
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  RecordService service(own, world.config());
  std::optional<uint64_t> before;
  for (int i = 0; i < 2; ++i) {
    const auto page = world.host.run(service.list({.action = "rare"}, before, 50)).value();
    EXPECT_TRUE(page.records.empty());
    ASSERT_TRUE(page.next_before.has_value());
    before = page.next_before;
  }
  const auto page = world.host.run(service.list({.action = "rare"}, before, 50)).value();
  EXPECT_EQ(page.records.size(), 1u);
  EXPECT_EQ(page.next_before, std::nullopt);
  // Nothing can be as late as that.
  const auto late = world.host.run(service.list({.since = 1767225600000 + 30 * kDayMs}, std::nullopt, 50)).value();
  EXPECT_EQ(late.next_before, std::nullopt);
}

TEST(Checkpoints, are_listed_newest_first) {
  LogWorld world;
  for (int i = 0; i < 5; ++i) {
    world.grow(1);
    EXPECT_TRUE(world.checkpoint().has_value());
  }
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  RecordService service(own, world.config());
  const auto first = world.host.run(service.checkpoints(std::nullopt, 3)).value();
  ASSERT_EQ(first.checkpoints.size(), 3u);
  EXPECT_EQ(first.checkpoints.front().head.size, 5u);
  EXPECT_EQ(first.next_before, 3u);
  const auto rest = world.host.run(service.checkpoints(first.next_before, 3)).value();
  EXPECT_EQ(rest.checkpoints.size(), 2u);
  EXPECT_EQ(rest.next_before, std::nullopt);
}

}  // namespace
}  // namespace latchkey::audit
