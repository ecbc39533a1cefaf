#include "audit/export_file.h"

#include <algorithm>
#include <bit>

#include "base/encoding.h"
#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::audit {
namespace {

constexpr std::string_view kFormat = "latchkey-audit/1";

Unexpected no_export(std::string_view what) {
  return fail(ErrorCode::kInvalidRequest, "This is no exported log: " + std::string(what) + ".");
}

std::optional<uint64_t> whole(std::optional<json::Value> value) {
  const auto number = value ? value->integer() : std::nullopt;
  return number && *number >= 0 ? std::optional(static_cast<uint64_t>(*number)) : std::nullopt;
}

std::optional<Digest> parse_digest(json::Value value) {
  const auto text = value.string();
  const auto bytes = text ? base64_decode(*text) : std::nullopt;
  if (!bytes || bytes->size() != crypto::kSha256Bytes) return std::nullopt;
  Digest digest;
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

// read_list: nullopt where it is no array, is longer than `max`, or `read` does not take an item.
template <class T, class Read>
std::optional<std::vector<T>> read_list(std::optional<json::Value> array, size_t max, Read read) {
  if (!array || array->kind() != json::Kind::kArray || array->num_items() > max) return std::nullopt;
  std::vector<T> list;
  bool ok = true;
  array->each_item([&](json::Value item) {
    const std::optional<T> one = read(item);
    ok = ok && one.has_value();
    if (one) list.push_back(*one);
  });
  return ok ? std::optional(std::move(list)) : std::nullopt;
}

}  // namespace

std::string print_header(const ExportHeader& header) {
  json::Writer out(1024);
  out.begin_object().key("before").begin_array();
  for (const Digest& hash : header.before.subtrees()) out.string(base64_encode(hash));
  out.end_array().field("checkpoint", header.checkpoint).field("first", header.before.size());
  out.field("format", kFormat).key("sizes").begin_array();
  for (const uint64_t size : header.sizes) out.integer(static_cast<int64_t>(size));
  return std::move(out.end_array().end_object()).take();
}

std::string print_checkpoint(std::string_view note) {
  json::Writer out(512);
  return std::move(out.begin_object().field("checkpoint", note).end_object()).take();
}

Unexpected ExportVerifier::changed(std::string_view what) const {
  return fail(ErrorCode::kConflict, "Lines " + std::to_string(proved_line_ + 1) + " to " + std::to_string(num_lines_) +
                                        " were changed: " + std::string(what) + ".");
}

Result<Void> ExportVerifier::take(std::string_view line) {
  ++num_lines_;
  if (num_lines_ == 1) return take_header(line);
  if (line.size() > kExportLineBytesMax) return changed("a line is too long");
  if (is_checkpoint_due()) return take_checkpoint(line);
  if (tree_.size() >= report_.newest.size) return changed("there are more records than the newest checkpoint counts");
  tree_.add(leaf_hash(line));
  ++report_.num_records;
  if (tree_.size() < report_.newest.size) return Void{};
  if (tree_.root() != report_.newest.root) return changed("the records do not hash to the newest checkpoint");
  proved_line_ = num_lines_;
  return Void{};
}

Result<Void> ExportVerifier::take_header(std::string_view line) {
  if (line.size() > kExportHeaderBytesMax) return no_export("its first line is too long");
  const auto document = json::Document::parse_untrusted(line);
  if (!document || document->root().kind() != json::Kind::kObject) return no_export("its first line is no JSON object");
  const json::Value root = document->root();
  const auto format = root.member("format");
  if (!format || format->string() != kFormat) return no_export("its first line names another format");
  const auto first = whole(root.member("first"));
  auto before = read_list<Digest>(root.member("before"), 64, parse_digest);
  auto sizes = read_list<uint64_t>(root.member("sizes"), kExportCheckpointsMax, whole);
  const auto note = root.member("checkpoint");
  const auto text = note ? note->string() : std::nullopt;
  if (!first || !before || !sizes || !text || before->size() != static_cast<size_t>(std::popcount(*first))) {
    return no_export("its first line is malformed");
  }
  const ExportHeader header{.before = Frontier::of(*first, std::move(*before)), .checkpoint = std::string(*text),
                            .sizes = std::move(*sizes)};
  if (print_header(header) != line) return no_export("its first line is not in its one form");
  TRY(report_.newest, open_checkpoint(*text, keys_));
  // Each lies behind what is gone and in front of the newest.
  uint64_t last = *first;
  for (const uint64_t size : header.sizes) {
    if (size <= last || size >= report_.newest.size) return no_export("its checkpoints are not in order");
    last = size;
  }
  if (*first > report_.newest.size) return no_export("it begins behind its newest checkpoint");
  tree_ = header.before;
  sizes_ = header.sizes;
  report_.first = *first;
  report_.num_checkpoints = 1;
  if (tree_.size() == report_.newest.size && tree_.root() != report_.newest.root) {
    return changed("what stands before the first record does not hash to the newest checkpoint");
  }
  return Void{};
}

Result<Void> ExportVerifier::take_checkpoint(std::string_view line) {
  const auto document = json::Document::parse_untrusted(line);
  const auto note = document && document->root().kind() == json::Kind::kObject ? document->root().member("checkpoint")
                                                                               : std::nullopt;
  const auto text = note ? note->string() : std::nullopt;
  if (!text || print_checkpoint(*text) != line) return changed("a checkpoint is missing here");
  const auto checkpoint = open_checkpoint(*text, keys_);
  if (!checkpoint) return changed(checkpoint.error().message());
  const bool is_it = checkpoint->origin == report_.newest.origin && checkpoint->size == tree_.size();
  if (!is_it || checkpoint->root != tree_.root()) {
    return changed("the records do not hash to the checkpoint behind them");
  }
  ++next_;
  ++report_.num_checkpoints;
  proved_line_ = num_lines_;
  return Void{};
}

Result<ExportReport> ExportVerifier::finish() const {
  if (num_lines_ == 0) return no_export("it is empty");
  if (tree_.size() < report_.newest.size) {
    return fail(ErrorCode::kConflict,
                "The end is missing: the newest checkpoint counts " + std::to_string(report_.newest.size) +
                    " records, and the last here is number " + std::to_string(tree_.size()) + ".");
  }
  return report_;
}

Result<Void> ExportReader::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      begun_ += bytes;
      // Longer than any line may be: its end is of no interest, nor is it kept.
      if (begun_.size() > kExportLineBytesMax) return verifier_.take(begun_);
      return Void{};
    }
    if (begun_.empty()) {
      TRY_VOID(verifier_.take(bytes.substr(0, end)));
    } else {
      begun_ += bytes.substr(0, end);
      TRY_VOID(verifier_.take(begun_));
      begun_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
  return Void{};
}

Result<ExportReport> ExportReader::finish() const {
  if (!begun_.empty()) return fail(ErrorCode::kConflict, "The end is missing: the last line has no line feed.");
  return verifier_.finish();
}

}  // namespace latchkey::audit
