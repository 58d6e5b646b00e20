// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "alert/alert.hpp"
#include "alert/render_human.hpp"
#include "alert/render_json.hpp"
#include "alert/render_ocsf.hpp"

namespace tocsin {

// An alert with its texts, made once and shared by all sinks. Never changed after it was made,
// so that threads may read it without a lock.
struct RenderedAlert {
  Alert alert;
  std::string json;   // one line, without its line feed: ECS names
  std::string ocsf;   // the same as an OCSF finding; empty unless a sink wants it
  std::string human;  // several lines, each with its line feed
};

// Gives each alert its place in the sequence and its texts. State thread only.
class AlertRenderer {
 public:
  // with_ocsf: a sink writes that form.
  AlertRenderer(AlertOrigin origin, HumanOptions human, bool with_ocsf = false)
      : origin_(std::move(origin)), human_(human), with_ocsf_(with_ocsf) {}
  // Fills alert.message when it is empty.
  std::shared_ptr<const RenderedAlert> render(Alert alert);
  [[nodiscard]] std::uint64_t rendered() const { return sequence_; }
  [[nodiscard]] const AlertOrigin& origin() const { return origin_; }

 private:
  AlertOrigin origin_;
  HumanOptions human_;
  bool with_ocsf_;
  std::uint64_t sequence_ = 0;
};

}  // namespace tocsin
