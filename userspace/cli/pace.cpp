// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/pace.hpp"

#include <fmt/format.h>

#include "cli/json_view.hpp"

namespace tocsin::cli {

std::string Pace::words(std::uint64_t done, std::uint64_t all, std::string_view unit,
                        Clock::time_point now) const {
  auto out = fmt::format("{} of {} {}", done, all, unit);
  const double seconds = std::chrono::duration<double>(now - started_).count();
  if (!(seconds > 0) || done == 0) return out;
  const double rate = static_cast<double>(done) / seconds;
  out += fmt::format(", {:.0f}/s", rate);
  if (done < all)
    out += fmt::format(", {} left", duration_text(static_cast<double>(all - done) / rate));
  return out;
}

std::string Pace::share_words(std::uint64_t done, std::string_view unit, double share,
                              Clock::time_point now) const {
  auto out = fmt::format("{} {}", done, unit);
  const double seconds = std::chrono::duration<double>(now - started_).count();
  if (!(seconds > 0) || done == 0) return out;
  out += fmt::format(", {:.0f}/s", static_cast<double>(done) / seconds);
  if (share > 0 && share < 1)
    out += fmt::format(", {} left", duration_text(seconds * (1 - share) / share));
  return out;
}

std::string Pace::bytes_words(std::uint64_t done, std::uint64_t all, Clock::time_point now) const {
  const auto have = static_cast<double>(done), whole = static_cast<double>(all);
  auto out = bytes_text(have);
  if (all > 0) out += " of " + bytes_text(whole);
  const double seconds = std::chrono::duration<double>(now - started_).count();
  if (!(seconds > 0) || done == 0) return out;
  out += fmt::format(", {}/s", bytes_text(have / seconds));
  if (done < all) out += fmt::format(", {} left", duration_text((whole - have) * seconds / have));
  return out;
}

}  // namespace tocsin::cli
