// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tocsin_wire.h"

namespace tocsin::test {

using Bytes = std::vector<std::byte>;

template <typename T>
Bytes to_bytes(T event, std::string_view strings = {}) {
  event.h.size = static_cast<tw_u32>(sizeof event + strings.size());
  event.h.version = TOCSIN_WIRE_VERSION;
  Bytes out(event.h.size);
  std::memcpy(out.data(), &event, sizeof event);
  if (!strings.empty()) std::memcpy(out.data() + sizeof event, strings.data(), strings.size());
  return out;
}

inline tw_header header(tw_kind kind, std::uint32_t pid, std::uint64_t start_ns,
                        std::uint64_t boot_ns = 5'000'000'000) {
  tw_header h{};
  h.kind = static_cast<tw_u16>(kind);
  h.pid = pid;
  h.tid = pid;
  h.start_ns = start_ns;
  h.boot_ns = boot_ns;
  h.cgroup_id = 1;
  return h;
}

struct ExecStrings {
  std::string path{}, cwd{}, filename{}, interpreter{}, args{};  // as they stand on the wire
};

inline Bytes exec_event(tw_exec e, const ExecStrings& s) {
  e.path_len = static_cast<tw_u16>(s.path.size());
  e.cwd_len = static_cast<tw_u16>(s.cwd.size());
  e.filename_len = static_cast<tw_u16>(s.filename.size());
  e.interp_len = static_cast<tw_u16>(s.interpreter.size());
  e.args_len = static_cast<tw_u32>(s.args.size());
  e.args_total = e.args_len;
  return to_bytes(e, s.path + s.cwd + s.filename + s.interpreter + s.args);
}

// A wire string list: {"a", "b"} -> "a\0b\0".
inline std::string nul_list(std::initializer_list<std::string_view> items) {
  std::string out;
  for (auto item : items) out.append(item).push_back('\0');
  return out;
}

}  // namespace tocsin::test
