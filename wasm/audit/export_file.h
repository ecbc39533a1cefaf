// An exported log: NDJSON whose records are the exact leaves of the tree, and which checks itself.
//
//   line 1        header: {"before":[...],"checkpoint":"...","first":N,"format":"latchkey-audit/1","sizes":[...]}
//   then          a record a line, from leaf `first` on, up to the size of the header's checkpoint
//   in between    {"checkpoint":"..."} behind the record that makes the tree as large as each of `sizes`
//
// `before` are the perfect subtrees in front of `first`, where older records are gone. The newest checkpoint comes
// first and the header names the others, so that nothing can be cut, added, moved or changed unseen. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/tree.h"
#include "base/result.h"

namespace latchkey::audit {

inline constexpr size_t kExportCheckpointsMax = 10'000;
inline constexpr size_t kExportHeaderBytesMax = 256 * 1024;
inline constexpr size_t kExportLineBytesMax = 1024 * 1024;

struct ExportHeader {
  Frontier before;
  std::string checkpoint;        // the newest, a signed note
  std::vector<uint64_t> sizes;   // of the older ones in the file, ascending
};

// print_header, print_checkpoint: a line without its line feed.
std::string print_header(const ExportHeader& header);
std::string print_checkpoint(std::string_view note);

// ExportReport: what was proved.
struct ExportReport {
  Checkpoint newest;
  uint64_t first = 0;
  uint64_t num_records = 0;
  uint64_t num_checkpoints = 0;
};

// ExportVerifier: takes a file line by line. After an error it is spent.
class ExportVerifier {
 public:
  // `keys`: the log's. They outlive this.
  explicit ExportVerifier(std::span<const LogKey> keys) : keys_(keys) {}

  // take: kInvalidRequest where the file is no export; kConflict where it was changed, and the message says between
  // which lines.
  Result<Void> take(std::string_view line);
  // finish: kConflict where its end was cut off.
  Result<ExportReport> finish() const;

 private:
  Result<Void> take_header(std::string_view line);
  Result<Void> take_checkpoint(std::string_view line);
  Unexpected changed(std::string_view what) const;
  bool is_checkpoint_due() const { return next_ < sizes_.size() && tree_.size() == sizes_[next_]; }

  std::span<const LogKey> keys_;
  uint64_t num_lines_ = 0;
  Frontier tree_;
  ExportReport report_;
  std::vector<uint64_t> sizes_;
  size_t next_ = 0;              // of sizes_
  uint64_t proved_line_ = 1;     // up to where a checkpoint has spoken for the lines
};

// ExportReader: the same of a file's bytes, as they come. Every line ends with a line feed: a file without its last one
// was cut.
class ExportReader {
 public:
  explicit ExportReader(std::span<const LogKey> keys) : verifier_(keys) {}

  Result<Void> take(std::string_view bytes);
  Result<ExportReport> finish() const;

 private:
  ExportVerifier verifier_;
  std::string begun_;  // a line whose end has not come
};

}  // namespace latchkey::audit
