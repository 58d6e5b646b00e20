// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "process/container_id.hpp"

#include <algorithm>

namespace tocsin {
namespace {

constexpr std::size_t kIdDigits = 64;

bool is_id_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

std::string_view pop_last_component(std::string_view& path) {
  const auto slash = path.find_last_of('/');
  const auto last = slash == std::string_view::npos ? path : path.substr(slash + 1);
  path = slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
  return last;
}

// "cri-containerd-<64 hex>.scope" -> the digits.
std::string_view id_in_component(std::string_view component) {
  if (component.ends_with(".scope")) component.remove_suffix(6);
  if (component.size() < kIdDigits) return {};
  const auto id = component.substr(component.size() - kIdDigits);
  if (!std::ranges::all_of(id, is_id_digit)) return {};
  const auto prefix = component.substr(0, component.size() - kIdDigits);
  if (!prefix.empty() && prefix.back() != '-' && prefix.back() != ':') return {};
  if (prefix.starts_with("libpod-conmon-") || prefix.starts_with("crio-conmon-")) return {};
  return id;
}

}  // namespace

std::string container_id_of_cgroup(std::string_view path) {
  while (!path.empty()) {
    const auto id = id_in_component(pop_last_component(path));
    if (!id.empty()) return std::string(id);
  }
  return {};
}

std::string runtime_id_of_cgroup(std::string_view path) {
  while (!path.empty()) {
    const auto component = pop_last_component(path);
    const bool unit = component.ends_with(".slice") || component.ends_with(".service") ||
                      component.ends_with(".scope");
    if (!component.empty() && !unit) return std::string(component);
  }
  return {};
}

}  // namespace tocsin
