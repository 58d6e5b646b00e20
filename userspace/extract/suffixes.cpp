// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/suffixes.hpp"

#include <libpsl.h>

namespace tocsin {

Result<PublicSuffixes> PublicSuffixes::load() {
  psl_ctx_t* list = psl_latest(nullptr);
  if (list == nullptr)
    return fail(ErrorCode::kNotFound,
                "no public suffix list on this machine (install the package publicsuffix)");
  PublicSuffixes out;
  out.list_ = std::shared_ptr<const psl_ctx_st>(list, psl_free);
  return out;
}

bool PublicSuffixes::known_top_level(std::string_view name) const {
  const std::string top(name.substr(name.rfind('.') + 1));
  if (top.empty()) return false;
  return psl_is_public_suffix2(list_.get(), top.c_str(), PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) !=
         0;
}

std::string PublicSuffixes::registrable(const std::string& name) const {
  const char* found = psl_registrable_domain(list_.get(), name.c_str());
  return found == nullptr ? std::string() : std::string(found);
}

}  // namespace tocsin
