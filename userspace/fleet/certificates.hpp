// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

// Certificates of the fleet: ECDSA on P-256, which every broker and client of the last ten years
// takes.
namespace tocsin::fleet {

struct KeyPair {
  std::string certificate, key;  // PEM
};

// A CA of its own, good for ten years.
Result<KeyPair> make_ca(const std::string& name);

struct CertificateRequest {
  std::string name;  // common name: who the broker takes its holder for
  std::vector<std::string> places =
      {};  // names or addresses that clients reach it by; a client: none
  bool server = false;
  bool client = false;
};
// Good for five years. ca is the pair that make_ca gave.
Result<KeyPair> issue(const KeyPair& ca, const CertificateRequest& request);

}  // namespace tocsin::fleet
