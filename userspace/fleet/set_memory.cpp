// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/set_memory.hpp"

#include <fmt/format.h>

#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_depth.hpp"
#include "base/own_file.hpp"
#include "base/text.hpp"
#include "base/write_file.hpp"

namespace tocsin::fleet {
namespace {

using nlohmann::json;

constexpr std::size_t kMemoryBytesMax = 1024UL * 1024;

}  // namespace

// {"SET":{"sequence":N,"sha256":"…"},…}
Result<SetMemory> SetMemory::open(std::string file) {
  SetMemory out(std::move(file));
  TOCSIN_TRY(const auto bytes, read_own_file(out.file_, kMemoryBytesMax));
  if (!bytes) return out;
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  const auto damaged = [&] {
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{}: is damaged; remove it to start afresh: then the next version of "
                            "every set is taken whatever its sequence number",
                            out.file_));
  };
  const auto object = json_nested_within(text, 2) ? json::parse(text, nullptr, false) : json();
  if (!object.is_object()) return damaged();
  for (const auto& [set, version] : object.items()) {
    const auto sequence = version.find("sequence");
    const auto digest = version.find("sha256");
    if (!version.is_object() || sequence == version.end() || !sequence->is_number_unsigned() ||
        digest == version.end() || !digest->is_string())
      return damaged();
    const auto sha256 = Sha256::parse(digest->get_ref<const std::string&>());
    if (!sha256) return damaged();
    out.taken_[set] = {sequence->get<std::uint64_t>(), *sha256};
  }
  return out;
}

std::optional<TakenSet> SetMemory::taken(const std::string& set) const {
  const auto it = taken_.find(set);
  return it == taken_.end() ? std::nullopt : std::optional(it->second);
}

Result<void> SetMemory::take(const std::string& set, const TakenSet& version) {
  json object = json::object();
  const auto add = [&](const std::string& name, const TakenSet& one) {
    object[name] = {{"sequence", one.sequence}, {"sha256", to_hex(one.sha256.bytes)}};
  };
  for (const auto& [name, one] : taken_) add(name, one);
  add(set, version);
  TOCSIN_TRY_VOID(replace_file(file_, object.dump(1, ' ') + "\n", 0600));
  taken_[set] = version;
  return {};
}

}  // namespace tocsin::fleet
