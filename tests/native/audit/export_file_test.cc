// An exported log: whatever one thing is changed in it, it is found.
#include "audit/export_file.h"

#include <gtest/gtest.h>

#include <random>

#include "base/limits.h"

namespace latchkey::audit {
namespace {

using Lines = std::vector<std::string>;

const crypto::Ed25519Key& signing_key() {
  static const crypto::Ed25519Key key(Secret::copy_of(std::string(32, 's')));
  return key;
}
LogKey log_key() { return {.name = "api.example/audit", .public_key = signing_key().public_key()}; }
std::string note_of(const Frontier& tree) {
  const Checkpoint checkpoint{.origin = log_key().name, .size = tree.size(), .root = tree.root()};
  return signed_note(checkpoint, log_key(), signing_key().sign(as_bytes(checkpoint_body(checkpoint))));
}

std::string record(uint64_t number) {
  return R"({"action":"provision.granted","actor":"client","at":)" + std::to_string(1'700'000'000'000 + number * 977) +
         R"(,"item":0,"outcome":"granted","request_id":"req_)" + std::to_string(number) + R"("})";
}

// exported: records first..size-1, with checkpoints at `sizes`.
Lines exported(uint64_t first, uint64_t size, std::vector<uint64_t> sizes) {
  Frontier tree;
  for (uint64_t i = 0; i < first; ++i) tree.add(leaf_hash(record(i)));
  const Frontier before = tree;
  Lines lines{""};
  for (uint64_t i = first; i < size; ++i) {
    lines.push_back(record(i));
    tree.add(leaf_hash(lines.back()));
    if (std::ranges::find(sizes, i + 1) != sizes.end()) lines.push_back(print_checkpoint(note_of(tree)));
  }
  lines[0] = print_header({.before = before, .checkpoint = note_of(tree), .sizes = sizes});
  return lines;
}

Result<ExportReport> verify(const Lines& lines) {
  const LogKey key = log_key();
  ExportVerifier verifier(std::span(&key, 1));
  for (const std::string& line : lines) TRY_VOID(verifier.take(line));
  return verifier.finish();
}

TEST(ExportFile, as_it_was_made_is_whole) {
  for (const auto& [first, size, sizes] : std::vector<std::tuple<uint64_t, uint64_t, std::vector<uint64_t>>>{
           {0, 0, {}}, {0, 1, {}}, {0, 20, {5, 6, 19}}, {7, 300, {8, 256, 299}}, {256, 600, {257, 512}}, {9, 9, {}}}) {
    const auto report = verify(exported(first, size, sizes));
    ASSERT_TRUE(report.has_value()) << first << " to " << size << ": " << report.error().message();
    EXPECT_EQ(report->first, first);
    EXPECT_EQ(report->num_records, size - first);
    EXPECT_EQ(report->num_checkpoints, sizes.size() + 1);
    EXPECT_EQ(report->newest.size, size);
  }
}

TEST(ExportFile, says_between_which_lines_something_was_changed) {
  Lines lines = exported(0, 20, {5, 10});
  lines[9][20] = 'X';  // of the second run
  const auto found = verify(lines);
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(found.error().message(), "Lines 8 to 13 were changed: the records do not hash to the checkpoint behind them.");
  Lines cut = exported(0, 20, {});
  cut.resize(15);
  EXPECT_NE(verify(cut).error().message().find("The end is missing"), std::string::npos);
}

// Every line in turn: changed at each of some places, left out, doubled, swapped with any other, and the file cut behind it.
TEST(ExportFile, with_any_one_line_changed_left_out_doubled_moved_or_cut_is_refused) {
  for (const Lines& good : {exported(0, 12, {3, 7}), exported(5, 23, {8, 16})}) {
    ASSERT_TRUE(verify(good).has_value());
    for (size_t i = 0; i < good.size(); ++i) {
      for (size_t at = 0; at < good[i].size(); ++at) {
        Lines changed = good;
        changed[i][at] ^= 1;
        ASSERT_FALSE(verify(changed).has_value()) << i << " at " << at << changed[i];
      }
      Lines shorter = good, doubled = good, cut = good, more = good;
      shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
      doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), good[i]);
      cut.resize(i);
      more.insert(more.begin() + static_cast<std::ptrdiff_t>(i), record(999));
      EXPECT_FALSE(verify(shorter).has_value()) << i;
      EXPECT_FALSE(verify(doubled).has_value()) << i;
      EXPECT_FALSE(verify(cut).has_value()) << i;
      EXPECT_FALSE(verify(more).has_value()) << i;
      for (size_t j = i + 1; j < good.size(); ++j) {
        Lines swapped = good;
        std::swap(swapped[i], swapped[j]);
        EXPECT_FALSE(verify(swapped).has_value()) << i << " and " << j;
      }
    }
    Lines longer = good;
    longer.push_back(record(1000));
    EXPECT_FALSE(verify(longer).has_value());
  }
}

TEST(ExportFile, of_any_one_random_edit_is_refused) {
  std::mt19937_64 random(20261121);
  const Lines good = exported(37, 700, {64, 100, 333, 512, 699});
  int num_edits = 0;
  for (int round = 0; round < 2000; ++round) {
    Lines lines = good;
    const size_t i = random() % lines.size(), j = random() % lines.size();
    std::string& line = lines[i];
    switch (random() % 6) {
      case 0: line[random() % line.size()] = static_cast<char>(random()); break;
      case 1: line.erase(random() % line.size(), 1 + random() % 4); break;
      case 2: line.insert(random() % (line.size() + 1), 1, static_cast<char>(random())); break;
      case 3: lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i)); break;
      case 4: lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(i), record(random() % 1000)); break;
      default: std::swap(lines[i], lines[j]); break;
    }
    if (lines == good) continue;
    ++num_edits;
    ASSERT_FALSE(verify(lines).has_value()) << "round " << round;
  }
  EXPECT_GT(num_edits, 1900);
}

// verify_bytes: the same of a file, that comes in pieces of so many bytes.
Result<ExportReport> verify_bytes(std::string_view bytes, size_t piece) {
  const LogKey key = log_key();
  ExportReader reader(std::span(&key, 1));
  for (size_t at = 0; at < bytes.size(); at += piece) TRY_VOID(reader.take(bytes.substr(at, piece)));
  return reader.finish();
}
std::string joined(const Lines& lines) {
  std::string bytes;
  for (const std::string& line : lines) bytes += line + "\n";
  return bytes;
}

TEST(ExportReader, takes_a_file_in_pieces_of_any_size) {
  const std::string bytes = joined(exported(5, 23, {8, 16}));
  for (size_t piece = 1; piece < 300; ++piece) {
    const auto report = verify_bytes(bytes, piece);
    ASSERT_TRUE(report.has_value()) << piece << ": " << report.error().message();
    EXPECT_EQ(report->num_records, 18u);
  }
}

// Each byte of a whole file in turn: changed, left out, doubled, and the file cut in front of it. A missing line feed at
// the end is a cut, too.
TEST(ExportReader, finds_any_one_byte_that_was_changed_left_out_added_or_cut) {
  const std::string good = joined(exported(5, 23, {8, 16}));
  ASSERT_TRUE(verify_bytes(good, 4096).has_value());
  for (size_t at = 0; at < good.size(); ++at) {
    for (const int bit : {0, 5, 7}) {
      std::string changed = good;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      ASSERT_FALSE(verify_bytes(changed, 4096).has_value()) << at << " bit " << bit;
    }
    std::string shorter = good, longer = good;
    shorter.erase(at, 1);
    longer.insert(at, 1, '\n');
    ASSERT_FALSE(verify_bytes(shorter, 4096).has_value()) << at;
    ASSERT_FALSE(verify_bytes(longer, 4096).has_value()) << at;
    ASSERT_FALSE(verify_bytes(std::string_view(good).substr(0, at), 4096).has_value()) << at;
  }
  EXPECT_FALSE(verify_bytes(good + "\n", 4096).has_value());
  EXPECT_FALSE(verify_bytes(good + "x", 4096).has_value());
  EXPECT_NE(verify_bytes(std::string_view(good).substr(0, good.size() - 1), 4096).error().message().find("no line feed"),
            std::string::npos);
}

TEST(ExportReader, keeps_no_line_that_is_longer_than_any_may_be) {
  const LogKey key = log_key();
  ExportReader reader(std::span(&key, 1));
  const std::string endless(64 * 1024, 'x');
  size_t num_pieces = 0;
  while (reader.take(endless).has_value()) ++num_pieces;
  EXPECT_LE(num_pieces, kExportLineBytesMax / endless.size());
}

// Two exports of one log cannot be mixed, nor can another log's be passed off.
TEST(ExportFile, of_another_log_is_refused) {
  Lines mixed = exported(0, 20, {5});
  mixed[0] = exported(0, 21, {5})[0];
  EXPECT_FALSE(verify(mixed).has_value());
  const LogKey other{.name = "other.example/audit", .public_key = signing_key().public_key()};
  ExportVerifier verifier(std::span(&other, 1));
  EXPECT_EQ(verifier.take(exported(0, 3, {})[0]).error().code(), ErrorCode::kUnauthorized);
}

TEST(ExportFile, that_is_none_gets_a_reason) {
  for (const char* line : {"", "{}", "[]", "null", "x", R"({"format":"latchkey-audit/2"})",
                           R"({"before":[],"checkpoint":"","first":-1,"format":"latchkey-audit/1","sizes":[]})"}) {
    const LogKey key = log_key();
    ExportVerifier verifier(std::span(&key, 1));
    const auto found = verifier.take(line);
    ASSERT_FALSE(found.has_value()) << line;
    EXPECT_EQ(found.error().code(), ErrorCode::kInvalidRequest) << line;
  }
  EXPECT_FALSE(verify({}).has_value());
}

}  // namespace
}  // namespace latchkey::audit
