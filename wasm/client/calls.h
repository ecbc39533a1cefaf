// Calls: what the client module does for JavaScript, each a function from a frame of arguments to a frame of results.
// client.ts gives them their types and checks what it is handed; what is secret, signed or proved is judged here.
#pragma once

#include "client/frame.h"
#include "crypto/random.h"

namespace latchkey::client {

// Outcome: why a call failed. Numbers are part of the ABI; client.ts has a word for each, in this order.
enum class Outcome : uint8_t {
  kOk = 0,
  kInvalidArgument = 1,
  kNotOpened = 2,
  kReceiptInvalid = 3,
  kWrongMachine = 4,
  kWrongDevice = 5,
  kWrongLicense = 6,
  kExpired = 7,
  kClockRolledBack = 8,
  kCheckpointInvalid = 9,
  kNotProved = 10,
};

// Call: numbers are part of the ABI.
enum class Call : uint8_t {
  kMakeDeviceKey = 0,      // -> private key (32)
  kPublicKey = 1,          // private key -> public key (base64url), its thumbprint
  kDesktopKey = 2,         // machine id -> Fernet key (padded base64url)
  kOpenHpke = 3,           // private key, enc (base64url), info, then: associated data, sealed (base64url) -> plaintexts
  kOpenFernet = 4,         // Fernet key, number: now, number: ttl or kNoTtl, then: tokens -> plaintexts
  kVerifyReceipt = 5,      // token, then: kid, public key (base64url) -> payload
  kJudgeReceipt = 6,       // see calls.cc -> number: standing, number: newest time
  kLogKey = 7,             // name, public key (base64url) -> vkey
  kVerifyCheckpoint = 8,   // note, then: vkeys -> origin, number: size, root
  kVerifyInclusion = 9,    // leaf, number: index, number: size, root, then: proof
  kVerifyConsistency = 10,  // number: old size, old root, number: size, root, then: proof
};
inline constexpr uint8_t kNumCalls = 11;

inline constexpr uint64_t kNoTtl = UINT64_MAX;

// run_call: `results` is empty where the outcome is not kOk.
Outcome run_call(Call call, crypto::Random& random, FrameReader& arguments, FrameWriter& results);

}  // namespace latchkey::client
