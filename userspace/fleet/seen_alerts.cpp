// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/seen_alerts.hpp"

#include <openssl/rand.h>

#include <string>

namespace tocsin::fleet {

SeenAlerts::SeenAlerts(std::size_t most) : most_(most) {
  RAND_bytes(reinterpret_cast<unsigned char*>(&key_), sizeof key_);
}

bool SeenAlerts::add(std::string_view host, std::string_view id) {
  std::string text(host);  // a host's name has no such character
  text += ':';
  text += id;
  const auto hash = SipHash<2, 4>(key_)(text);
  if (!known_.insert(hash).second) {
    ++repeated_;
    return false;
  }
  order_.push_back(hash);
  if (order_.size() > most_) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

}  // namespace tocsin::fleet
