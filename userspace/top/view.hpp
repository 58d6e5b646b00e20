// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "top/model.hpp"
#include "top/screen.hpp"
#include "top/tables.hpp"

namespace tocsin::top {

// What a person pressed: a character, or one of these.
enum class KeyName : std::uint8_t {
  kCharacter,
  kUp,
  kDown,
  kLeft,
  kRight,
  kPageUp,
  kPageDown,
  kHome,
  kEnd,
  kTab,
  kBackTab,
  kEnter,
  kEscape,
  kBackspace,
};
struct Key {
  KeyName name = KeyName::kCharacter;
  char character = 0;  // printable ASCII
};

// A row that should be told at length.
struct Wish {
  Pane pane = Pane::kPrograms;
  std::string key;
};

// What of the model is shown, and how keys change that. Knows no terminal: a screen is lines of
// text, and so it is tested. One thread.
class View {
 public:
  explicit View(Model& model) : model_(model) {}

  void press(Key key);
  // The screen of this size; now_s is shown as the clock.
  Screen draw(Size size, double now_s);

  [[nodiscard]] bool quit() const { return quit_; }
  // What was asked to be opened since the last call.
  std::optional<Wish> take_wish();
  // Shows a page of text until Escape. Lines are wrapped to the screen.
  void open_page(std::string title, std::vector<std::string> lines);
  // The lines of the page with this title, if that is still the one that is shown.
  void fill_page(std::string_view title, std::vector<std::string> lines);
  // Which beacons are on the screen, top first: theirs are the intervals worth asking for.
  [[nodiscard]] const std::vector<std::string>& visible_beacons() const { return visible_beacons_; }

 private:
  struct List {
    std::size_t order = 0;
    std::string selected;     // key; empty: the first, whichever it is
    std::size_t at = 0;       // where the selected one was
    std::size_t scroll = 0;   // first row shown
    std::size_t visible = 1;  // rows shown last
  };

  [[nodiscard]] Choice choice(Pane pane) const;
  List& list() { return lists_[index_of(focus_)]; }
  void press_in_page(Key key);
  void press_in_filter(Key key);
  void press_in_lists(Key key);
  void press_character(char c);
  void move(std::ptrdiff_t by);
  void go_to(Pane pane);
  void open_help();

  void draw_tabs(Screen& screen, std::size_t columns) const;
  void draw_bar(Screen& screen, Pane pane, const Table& table, std::size_t columns) const;
  // size: of the list alone, without the line with its heads.
  void draw_table(Screen& screen, Pane pane, const Table& table, Size size);
  void draw_page(Screen& screen, Size size);
  void draw_footer(Screen& screen, Size size) const;

  Model& model_;
  Pane focus_ = Pane::kPrograms;
  std::array<List, kPaneCount> lists_;
  std::string filter_;
  bool typing_ = false;
  bool quit_ = false;
  std::optional<Wish> wish_;
  std::string page_title_;
  std::vector<std::string> page_;
  bool page_open_ = false;
  std::size_t page_scroll_ = 0, page_rows_ = 1, page_lines_ = 0;
  double now_s_ = 0;
  std::vector<std::string> visible_beacons_;
};

}  // namespace tocsin::top
