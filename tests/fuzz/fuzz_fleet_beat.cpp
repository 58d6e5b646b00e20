// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fleet/alert_order.hpp"
#include "fleet/fleet_status.hpp"
#include "fleet/hostile_json.hpp"
#include "fleet/subjects.hpp"

using namespace tocsin;
using namespace tocsin::fleet;

// Any bytes as what a host or a broker sends, a line of subject, a line of id and a beat: no crash,
// nothing that could act on a terminal in the table, and no name that is no subject name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto line = [&] {
    const auto end = bytes.find('\n');
    const auto text = bytes.substr(0, end);
    bytes = end == std::string_view::npos ? std::string_view() : bytes.substr(end + 1);
    return text;
  };
  static const auto kSubjects = *Subjects::of_site("main");
  const auto up = kSubjects.parse_up(line());
  const auto id = MessageId::parse(line());
  if ((up && !is_subject_name(up->host)) || (id && (!is_subject_name(id->host) || id->number == 0)))
    std::abort();
  auto beat = parse_hostile(bytes);
  if (!beat.is_object()) return 0;
  constexpr WallNs kNow = 1'000'000 * kNsPerSecond;
  const HostStatus host{"web-1", kNow, std::move(beat)};
  for (const auto& row : table_of({host}, kNow, cli::Output(false)))
    for (const char c : row)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) std::abort();
  (void)to_json(host, kNow);
  return 0;
}
