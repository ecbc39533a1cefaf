// latchkey_verify: checks what the audit log says of itself, with nothing but the log's key. scripts/latchkey runs it.
//
//   latchkey_verify KEY... export FILE     an exported log; - is standard input
//   latchkey_verify KEY... inclusion       of a record; standard input: {"note","leaf","record","hashes"}
//   latchkey_verify KEY... consistency     of two checkpoints; standard input: {"from","to","hashes"}, two notes
//
// KEY is a vkey. Prints a JSON object: {"ok":true,...} and ends with 0, or {"ok":false,"message":...} with 1 where it
// does not hold, or 2 where it was asked wrongly.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "audit/export_file.h"
#include "base/encoding.h"
#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::audit {
namespace {

constexpr size_t kReadBytes = 1024 * 1024;
constexpr size_t kProofBytesMax = 8 * 1024 * 1024;
constexpr size_t kHashesMax = 128;

struct Asked {
  std::vector<LogKey> keys;
  std::string_view what;
  const char* file = nullptr;
};

// put: a line. Nobody is there to be told where that fails.
void put(int file, const std::string& text) {
  const std::string line = text + "\n";
  for (size_t at = 0; at < line.size();) {
    const ssize_t written = write(file, line.data() + at, line.size() - at);
    if (written <= 0) return;
    at += static_cast<size_t>(written);
  }
}

int say(bool is_ok, const std::string& object) {
  put(STDOUT_FILENO, object);
  return is_ok ? 0 : 1;
}

int say(const Error& error) {
  json::Writer out(512);
  return say(false, std::move(out.begin_object().field("message", error.message()).field("ok", false).end_object()).take());
}

int usage(const std::string& message) {
  put(STDERR_FILENO, "latchkey_verify: " + message + "\nlatchkey_verify KEY... export FILE | inclusion | consistency");
  return 2;
}

// each_piece: the bytes of a file as they come. False where it can't be read; stops where `take` gives false.
template <class Take>
bool each_piece(int file, Take take) {
  std::string buffer(kReadBytes, '\0');
  for (;;) {
    const ssize_t got = read(file, buffer.data(), buffer.size());
    if (got <= 0) return got == 0;
    if (!take(std::string_view(buffer).substr(0, static_cast<size_t>(got)))) return true;
  }
}

std::string print(const ExportReport& report, double seconds) {
  const double rate = static_cast<double>(report.num_records) / std::max(seconds, 1e-6);
  json::Writer out(1024);
  out.begin_object()
      .field("checkpoints", report.num_checkpoints)
      .field("first", report.first)
      .field("milliseconds", static_cast<int64_t>(seconds * 1000))
      .field("ok", true)
      .field("origin", report.newest.origin)
      .field("records", report.num_records)
      .field("records_per_second", static_cast<int64_t>(rate))
      .field("root", base64_encode(report.newest.root))
      .field("size", report.newest.size);
  return std::move(out.end_object()).take();
}

int verify_export(const Asked& asked) {
  const int file = std::string_view(asked.file) == "-" ? STDIN_FILENO : open(asked.file, O_RDONLY | O_CLOEXEC);
  if (file < 0) return usage("the file can't be read");
  const auto begin = std::chrono::steady_clock::now();
  ExportReader reader(asked.keys);
  Result<Void> taken = Void{};
  const bool is_read = each_piece(file, [&](std::string_view bytes) {
    taken = reader.take(bytes);
    return taken.has_value();
  });
  if (!is_read) return usage("the file can't be read");
  if (!taken) return say(taken.error());
  const auto report = reader.finish();
  if (!report) return say(report.error());
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  return say(true, print(*report, elapsed.count()));
}

Unexpected no_proof() { return fail(ErrorCode::kInvalidRequest, "This is no proof."); }

Result<std::vector<Digest>> read_hashes(json::Value root) {
  const auto list = root.member("hashes");
  std::vector<Digest> hashes;
  bool ok = list && list->kind() == json::Kind::kArray && list->num_items() <= kHashesMax;
  if (!ok) return no_proof();
  list->each_item([&](json::Value item) {
    const auto text = item.string();
    const auto bytes = text ? base64_decode(*text) : std::nullopt;
    ok = ok && bytes && bytes->size() == crypto::kSha256Bytes;
    if (!ok) return;
    hashes.emplace_back();
    std::ranges::copy(*bytes, hashes.back().begin());
  });
  if (!ok) return no_proof();
  return hashes;
}

Result<Checkpoint> read_note(json::Value root, std::string_view name, const Asked& asked) {
  const auto note = root.member(name);
  const auto text = note ? note->string() : std::nullopt;
  if (!text) return no_proof();
  return open_checkpoint(*text, asked.keys);
}

Result<Checkpoint> verify_inclusion_of(json::Value root, const Asked& asked) {
  TRY(Checkpoint checkpoint, read_note(root, "note", asked));
  TRY(const std::vector<Digest> hashes, read_hashes(root));
  const auto leaf = root.member("leaf"), record = root.member("record");
  const auto index = leaf ? leaf->integer() : std::nullopt;
  const auto line = record ? record->string() : std::nullopt;
  if (!index || *index < 0 || !line) return no_proof();
  if (!verify_inclusion(leaf_hash(*line), static_cast<uint64_t>(*index), checkpoint.size, hashes, checkpoint.root)) {
    return fail(ErrorCode::kConflict, "The record is not in the log at this place, or not as it is shown.");
  }
  return checkpoint;
}

Result<Checkpoint> verify_consistency_of(json::Value root, const Asked& asked) {
  TRY(const Checkpoint from, read_note(root, "from", asked));
  TRY(Checkpoint to, read_note(root, "to", asked));
  TRY(const std::vector<Digest> hashes, read_hashes(root));
  const bool is_one_log = from.origin == to.origin;
  const bool is_empty = from.size == 0 && from.root == empty_root();
  if (!is_one_log || (!is_empty && !verify_consistency(from.size, from.root, to.size, to.root, hashes))) {
    return fail(ErrorCode::kConflict, "The log is not the one of the older checkpoint with records added: its first " +
                                          std::to_string(from.size) + " records are others.");
  }
  return to;
}

int verify_proof(const Asked& asked) {
  std::string text;
  const bool is_read = each_piece(STDIN_FILENO, [&](std::string_view bytes) {
    text += bytes;
    return text.size() <= kProofBytesMax;
  });
  if (!is_read) return usage("standard input can't be read");
  const auto document = json::Document::parse_untrusted(text);
  if (!document) return say(document.error());
  const auto proved = asked.what == "inclusion" ? verify_inclusion_of(document->root(), asked)
                                                : verify_consistency_of(document->root(), asked);
  if (!proved) return say(proved.error());
  json::Writer out(512);
  out.begin_object().field("ok", true).field("origin", proved->origin).field("root", base64_encode(proved->root));
  return say(true, std::move(out.field("size", proved->size).end_object()).take());
}

int run(std::span<char*> arguments) {
  Asked asked;
  size_t at = 0;
  for (; at < arguments.size() && std::string_view(arguments[at]).contains('+'); ++at) {
    auto key = LogKey::parse(arguments[at]);
    if (!key) return usage(key.error().message());
    asked.keys.push_back(std::move(*key));
  }
  if (asked.keys.empty() || at == arguments.size()) return usage("no key, or nothing to do");
  asked.what = arguments[at++];
  const bool is_export = asked.what == "export";
  if (is_export && at < arguments.size()) asked.file = arguments[at++];
  if (at != arguments.size()) return usage("too many arguments");
  if (is_export) return asked.file == nullptr ? usage("no file") : verify_export(asked);
  const bool is_proof = asked.what == "inclusion" || asked.what == "consistency";
  return is_proof ? verify_proof(asked) : usage("unknown command");
}

}  // namespace
}  // namespace latchkey::audit

int main(int count, char** arguments) {
  return latchkey::audit::run(std::span(arguments + 1, static_cast<size_t>(std::max(count - 1, 0))));
}
