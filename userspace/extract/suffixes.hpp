// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct psl_ctx_st;

namespace tocsin {

// What the public suffix list knows about names. Names are A-labels in lower case.
class PublicSuffixes {
 public:
  // Fails when this machine has no list.
  static Result<PublicSuffixes> load();

  // The last label is a top-level domain of the Internet.
  [[nodiscard]] bool known_top_level(std::string_view name) const;
  // The label below the public suffix and everything behind it ("example.co.uk"); empty when name
  // is a suffix itself.
  [[nodiscard]] std::string registrable(const std::string& name) const;

 private:
  std::shared_ptr<const psl_ctx_st> list_;
};

}  // namespace tocsin
