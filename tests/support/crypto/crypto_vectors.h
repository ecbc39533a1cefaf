// Running the crypto vectors of tests/vectors, and the negatives that are made rather than
// written down: every flipped bit, every truncation, every swapped context.
#pragma once

#include "support/crypto/vectors.h"

namespace latchkey::testing {

// run_crypto_vectors: runs one file's records; `name` is for the failure texts.
void run_crypto_vectors(std::string_view name, std::string_view text, Report& report);

// One for each format: a good example must open, every change to it must be refused.
void run_sealed_blob_negatives(Report& report);
void run_fernet_negatives(Report& report);
void run_hpke_negatives(Report& report);
void run_jws_negatives(Report& report);
void run_key_list_negatives(Report& report);

}  // namespace latchkey::testing
