// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/utf8.hpp"
#include "containers/container_limits.hpp"
#include "containers/state_formats.hpp"

using namespace tocsin;
using namespace tocsin::container_state;

namespace {

void need(bool holds) {
  if (!holds) std::abort();
}

void check(const ContainerFacts& facts) {
  for (const auto* text :
       {&facts.name, &facts.image, &facts.pod, &facts.pod_uid, &facts.pod_namespace}) {
    // A sandbox's name has ten characters more than its pod's.
    need(text->size() <= limits::kContainerTextBytesMax + 10);
    need(is_utf8(*text));
  }
  need(facts.labels.size() <= limits::kContainerLabelsMax);
  for (const auto& digest : facts.image_digests) need(digest.size() == 71);
}

}  // namespace

// The first byte chooses the format.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  ContainerFacts listed;
  listed.id = "web";
  std::string image_id;
  switch (data[0] % 7) {
    case 0:
      if (const auto facts = read_docker(text, "web")) check(*facts);
      break;
    case 1:
      if (const auto facts = read_bundle(text, "web")) check(*facts);
      break;
    case 2:
      if (const auto path = read_runc_bundle(text, "web")) need(path->starts_with('/'));
      break;
    case 3:
      if (const auto path = read_crun_bundle(text)) need(path->starts_with('/'));
      break;
    case 4:
      if (read_storage(text, listed, image_id)) check(listed);
      break;
    case 5:
      if (const auto digest = read_storage_digest(text, "b")) need(digest->size() % 71 == 0);
      break;
    default:
      if (const auto digest = read_docker_digest(text, "b")) need(digest->size() % 71 == 0);
      break;
  }
  return 0;
}
