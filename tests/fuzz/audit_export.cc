// Exported logs, checkpoints and keys of logs: whatever is read, nothing that the key did not sign is taken for proved,
// what is taken prints to itself, and bytes mean the same in whatever pieces they come.
#include "audit/export_file.h"
#include "base/check.h"

using namespace latchkey;
using namespace latchkey::audit;

namespace {

// The key of the example in docs/crypto-formats.md, with which the corpus is signed.
const LogKey& the_key() {
  static const LogKey key =
      *LogKey::parse("api.writersfactory.app/audit+2b1595bb+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4");
  return key;
}

Result<ExportReport> read(std::string_view bytes, size_t piece) {
  ExportReader reader(std::span(&the_key(), 1));
  for (size_t at = 0; at < bytes.size(); at += piece) TRY_VOID(reader.take(bytes.substr(at, piece)));
  return reader.finish();
}

void check_export(std::string_view bytes) {
  const auto whole = read(bytes, bytes.size() + 1);
  const auto pieces = read(bytes, 7);
  CHECK(whole.has_value() == pieces.has_value());
  if (!whole) return;
  CHECK(whole->newest.size == whole->first + whole->num_records);
  CHECK(bytes.ends_with('\n') && !read(bytes.substr(0, bytes.size() - 1), 4096));
}

void check_note(std::string_view bytes) {
  const auto opened = open_checkpoint(bytes, std::span(&the_key(), 1));
  if (opened) CHECK(bytes.starts_with(checkpoint_body(*opened) + "\n"));
}

void check_key(std::string_view bytes) {
  const auto key = LogKey::parse(bytes);
  if (key) CHECK(LogKey::parse(key->text())->text() == key->text());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes = as_text(ByteView(data, size));
  check_export(bytes);
  check_note(bytes);
  check_key(bytes);
  return 0;
}
