#include "audit/checkpoint.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"

namespace latchkey::audit {
namespace {

constexpr uint8_t kEd25519 = 1;
constexpr size_t kKeyIdBytes = 4;
constexpr std::string_view kDash = "\xE2\x80\x94 ";  // an em dash and a space begin the line of a signature

Unexpected no_note(std::string_view what) {
  return fail(ErrorCode::kInvalidRequest, "This is no checkpoint: " + std::string(what) + ".");
}

// take_line: up to the next line feed, which `text` begins behind; nullopt where there is none.
std::optional<std::string_view> take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<uint64_t> parse_size(std::string_view text) {
  uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  return size;
}

Result<Checkpoint> parse_body(std::string_view body) {
  const auto origin = take_line(body), size_text = take_line(body), root_text = take_line(body);
  if (!root_text || !body.empty()) return no_note("it must have three lines over the signatures");
  const auto size = parse_size(*size_text);
  const auto root = base64_decode(*root_text);
  if (!is_origin(*origin)) return no_note("its origin is malformed");
  if (!size) return no_note("its size is no decimal number");
  if (!root || root->size() != crypto::kSha256Bytes) return no_note("its root is not base64 of 32 bytes");
  Checkpoint checkpoint{.origin = std::string(*origin), .size = *size};
  std::copy(root->begin(), root->end(), checkpoint.root.begin());
  return checkpoint;
}

struct Signature {
  std::string_view name;
  Bytes bytes;  // key id and signature
};

std::optional<Signature> parse_signature(std::string_view line) {
  if (!line.starts_with(kDash)) return std::nullopt;
  line.remove_prefix(kDash.size());
  const size_t space = line.find(' ');
  if (space == std::string_view::npos || !is_origin(line.substr(0, space))) return std::nullopt;
  auto bytes = base64_decode(line.substr(space + 1));
  if (!bytes || bytes->size() <= kKeyIdBytes) return std::nullopt;
  return Signature{line.substr(0, space), std::move(*bytes)};
}

}  // namespace

bool is_origin(std::string_view text) {
  return !text.empty() && text.size() <= kOriginBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '+'; });
}

ByteArray<4> LogKey::id() const {
  constexpr uint8_t separators[] = {'\n', kEd25519};
  const Digest digest = crypto::sha256({as_bytes(name), separators, ByteView(public_key)});
  return {digest[0], digest[1], digest[2], digest[3]};
}

std::string LogKey::text() const {
  Bytes typed{kEd25519};
  typed.insert(typed.end(), public_key.begin(), public_key.end());
  return name + "+" + hex_encode(id()) + "+" + base64_encode(typed);
}

Result<LogKey> LogKey::parse(std::string_view text) {
  const auto wrong = [] {
    return fail(ErrorCode::kInvalidRequest, "A log's key is written <name>+<8 hex digits>+<base64 of 33 bytes>.");
  };
  const size_t first = text.find('+');
  const size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos || !is_origin(text.substr(0, first))) return wrong();
  const auto typed = base64_decode(text.substr(second + 1));
  if (!typed || typed->size() != 1 + sizeof(crypto::Ed25519PublicKey) || typed->front() != kEd25519) return wrong();
  LogKey key{.name = std::string(text.substr(0, first))};
  std::copy(typed->begin() + 1, typed->end(), key.public_key.begin());
  if (hex_encode(key.id()) != text.substr(first + 1, second - first - 1)) return wrong();
  return key;
}

std::string checkpoint_body(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + base64_encode(checkpoint.root) + "\n";
}

std::string signed_note(const Checkpoint& checkpoint, const LogKey& key, const crypto::Ed25519Signature& signature) {
  const ByteArray<4> id = key.id();
  Bytes bytes(id.begin(), id.end());
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  return checkpoint_body(checkpoint) + "\n" + std::string(kDash) + key.name + " " + base64_encode(bytes) + "\n";
}

Result<Checkpoint> open_checkpoint(std::string_view note, std::span<const LogKey> keys) {
  if (note.size() > kCheckpointBytesMax) return no_note("it is too long");
  const size_t end = note.find("\n\n");
  if (end == std::string_view::npos) return no_note("no empty line stands over its signatures");
  const std::string_view body = note.substr(0, end + 1);
  std::string_view rest = note.substr(end + 2);
  TRY(Checkpoint checkpoint, parse_body(body));
  size_t num_signatures = 0;
  bool is_signed = false;
  while (!rest.empty()) {
    const auto line = take_line(rest);
    const auto signature = line ? parse_signature(*line) : std::nullopt;
    if (!signature || ++num_signatures > kSignaturesMax) return no_note("the lines of its signatures are malformed");
    for (const LogKey& key : keys) {
      const ByteArray<4> id = key.id();
      const ByteView bytes(signature->bytes);
      if (key.name != signature->name || !std::equal(id.begin(), id.end(), bytes.begin())) continue;
      if (!crypto::ed25519_verify(key.public_key, as_bytes(body), bytes.subspan(kKeyIdBytes))) {
        return fail(ErrorCode::kUnauthorized, "A signature of the checkpoint is wrong.");
      }
      is_signed = true;
    }
  }
  if (!is_signed) return fail(ErrorCode::kUnauthorized, "None of the log's known keys signed this checkpoint.");
  return checkpoint;
}

}  // namespace latchkey::audit
