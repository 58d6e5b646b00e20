// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <memory>
#include <optional>

#include "base/result.hpp"
#include "top/screen.hpp"
#include "top/view.hpp"

namespace tocsin::top {

// The terminal behind stdin and stdout, taken over while it lives and given back as it was. The
// only place that knows ncurses. One at a time, one thread.
class Terminal {
 public:
  // kUnsupported: stdin or stdout is no terminal, or one that cannot move its cursor.
  static Result<std::unique_ptr<Terminal>> open();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal();

  [[nodiscard]] Size size() const;
  void paint(const Screen& screen);
  // Takes what was pressed; nullopt: nothing more.
  std::optional<Key> next_key();
  // The window has another size now.
  void resized();
  // Everything anew: something else wrote over it.
  void repaint();

 private:
  explicit Terminal(void* screen) : screen_(screen) {}
  void* screen_;  // ncurses' SCREEN
  bool colour_ = false;
};

}  // namespace tocsin::top
