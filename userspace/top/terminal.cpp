// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "top/terminal.hpp"

#include <fmt/format.h>
#include <langinfo.h>
#include <locale.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#define NCURSES_NOMACROS
#include <curses.h>
#include <term.h>
#undef tone  // a macro of term.h

#include "base/text.hpp"

namespace tocsin::top {
namespace {

constexpr int kEscapeMs = 25;  // an Escape is alone when nothing follows it so soon
constexpr int kControlL = 'L' & 0x1f;
enum Pair : short { kGreen = 1, kYellow, kRed };

std::string terminal_name() {
  const char* term = std::getenv("TERM");
  return term == nullptr || *term == '\0' ? "without a name" : printable(term, 40);
}

bool no_colour_asked() {
  const char* value = std::getenv("NO_COLOR");  // https://no-color.org: any value but empty
  return value != nullptr && *value != '\0';
}

// Programs write UTF-8 here whatever the locale; ncurses has to know.
void use_utf8() {
  setlocale(LC_ALL, "");
  if (std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0) setlocale(LC_CTYPE, "C.UTF-8");
}

attr_t attributes(Tone style, bool colour) {
  switch (style) {
    case Tone::kStrong:
      return A_BOLD;
    case Tone::kDim:
      return A_DIM;
    case Tone::kGood:
      return colour ? COLOR_PAIR(kGreen) : A_NORMAL;
    case Tone::kWarn:
      return colour ? COLOR_PAIR(kYellow) : A_BOLD;
    case Tone::kBad:
      return A_BOLD | (colour ? COLOR_PAIR(kRed) : A_NORMAL);
    case Tone::kPlain:
      break;
  }
  return A_NORMAL;
}

std::optional<Key> key_of(int code) {
  static constexpr std::array<std::pair<int, KeyName>, 16> kNames = {
      {{KEY_UP, KeyName::kUp},
       {KEY_DOWN, KeyName::kDown},
       {KEY_LEFT, KeyName::kLeft},
       {KEY_RIGHT, KeyName::kRight},
       {KEY_PPAGE, KeyName::kPageUp},
       {KEY_NPAGE, KeyName::kPageDown},
       {KEY_HOME, KeyName::kHome},
       {KEY_END, KeyName::kEnd},
       {KEY_BTAB, KeyName::kBackTab},
       {'\t', KeyName::kTab},
       {'\r', KeyName::kEnter},
       {'\n', KeyName::kEnter},
       {KEY_ENTER, KeyName::kEnter},
       {KEY_BACKSPACE, KeyName::kBackspace},
       {0x7f, KeyName::kBackspace},
       {'\b', KeyName::kBackspace}}};
  for (const auto& [known, name] : kNames)
    if (known == code) return Key{name, 0};
  if (code == 0x1b) return Key{KeyName::kEscape, 0};
  if (code >= 0x20 && code < 0x7f) return Key{KeyName::kCharacter, static_cast<char>(code)};
  return std::nullopt;
}

// The description that is read for it is given back: newterm() reads its own.
bool moves_its_cursor() {
  int trouble = 0;
  if (setupterm(nullptr, STDOUT_FILENO, &trouble) != OK) return false;
  const bool moves = tigetstr("cup") != nullptr;
  del_curterm(cur_term);
  return moves;
}

}  // namespace

Result<std::unique_ptr<Terminal>> Terminal::open() {
  if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1)
    return fail(ErrorCode::kUnsupported, "top needs a terminal to draw on, and keys from it");
  use_utf8();
  if (!moves_its_cursor())
    return fail(ErrorCode::kUnsupported,
                fmt::format("a terminal {} cannot be drawn on: it is not known, or cannot move its "
                            "cursor (TERM)",
                            terminal_name()));
  SCREEN* screen = newterm(nullptr, stdout, stdin);
  if (screen == nullptr)
    return fail(ErrorCode::kUnsupported,
                fmt::format("a terminal {} cannot be drawn on (TERM)", terminal_name()));
  std::unique_ptr<Terminal> out(new Terminal(screen));
  cbreak();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  set_escdelay(kEscapeMs);
  curs_set(0);
  if (!no_colour_asked() && has_colors() && start_color() == OK && use_default_colors() == OK) {
    init_pair(kGreen, COLOR_GREEN, -1);
    init_pair(kYellow, COLOR_YELLOW, -1);
    init_pair(kRed, COLOR_RED, -1);
    out->colour_ = true;
  }
  return out;
}

Terminal::~Terminal() {
  curs_set(1);
  endwin();
  delscreen(static_cast<SCREEN*>(screen_));
}

Size Terminal::size() const {
  return {static_cast<std::size_t>(getmaxx(stdscr)), static_cast<std::size_t>(getmaxy(stdscr))};
}

void Terminal::paint(const Screen& screen) {
  werase(stdscr);
  for (std::size_t y = 0; y < screen.size(); ++y) {
    wmove(stdscr, static_cast<int>(y), 0);
    for (const auto& span : screen[y].spans) {
      const attr_t style = attributes(span.tone, colour_);
      // A reversed line is of one colour: parts of it in another are hard to read.
      wattrset(stdscr, static_cast<int>(screen[y].reversed ? A_REVERSE : style));
      waddnstr(stdscr, span.text.data(), static_cast<int>(span.text.size()));
    }
  }
  wattrset(stdscr, A_NORMAL);
  wrefresh(stdscr);
}

std::optional<Key> Terminal::next_key() {
  for (;;) {
    const int code = wgetch(stdscr);
    if (code == ERR) return std::nullopt;
    if (code == kControlL) repaint();
    if (const auto key = key_of(code)) return key;
  }
}

void Terminal::resized() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
    resizeterm(size.ws_row, size.ws_col);
}

void Terminal::repaint() {
  wclear(stdscr);
}

}  // namespace tocsin::top
