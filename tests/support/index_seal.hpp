// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstring>
#include <vector>

#include "indicators/index_format.hpp"
#include "indicators/index_hash.hpp"

namespace tocsin::test {

// Makes size and checksums of a damaged image right again, as an attacker would, so that what is
// behind them is reached. Sections that lie outside are left as they are.
inline void seal(std::vector<std::byte>& image) {
  using namespace index_format;
  if (image.size() < sizeof(Header)) return;
  auto head = load<Header>(image.data());
  std::memcpy(head.magic, kMagic, sizeof kMagic);
  head.version = kVersion;
  head.byte_order = kByteOrder;
  head.file_bytes = image.size();
  const std::size_t fits = (image.size() - sizeof head) / sizeof(Section);
  if (head.section_count > fits || head.section_count > kSectionsMax)
    head.section_count = static_cast<std::uint32_t>(fits < kSectionsMax ? fits : kSectionsMax);
  std::byte* table = image.data() + sizeof head;
  for (std::uint32_t i = 0; i < head.section_count; ++i) {
    auto section = load<Section>(table + i * sizeof(Section));
    if (section.offset > image.size() || section.bytes > image.size() - section.offset) continue;
    section.checksum = xxh64({image.data() + section.offset, section.bytes});
    std::memcpy(table + i * sizeof section, &section, sizeof section);
  }
  head.checksum = 0;
  std::memcpy(image.data(), &head, sizeof head);
  head.checksum = xxh64({image.data(), sizeof head + head.section_count * sizeof(Section)});
  std::memcpy(image.data(), &head, sizeof head);
}

}  // namespace tocsin::test
