// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "top/view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"
#include "top/header.hpp"

namespace tocsin::top {
namespace {

constexpr std::size_t kAllPanesRows = 36;  // from so many rows on all four lists are shown
constexpr std::size_t kBarRows = 2;        // title and column heads above each list

constexpr std::array<std::string_view, 21> kHelp = {
    "1 2 3 4, Tab      Programs, Destinations, Beacons, Alerts",
    "Up Down, j k      another row; PgUp PgDn Home End",
    "Enter             all that is known of the row: for an alert its explanation",
    "Esc               back",
    "s                 another order",
    "/                 filter: only rows with this text, of any list; Esc drops it",
    "p                 pause: rows stay as they are, what passes by is counted",
    "h, ?              this page",
    "q                 quit",
    "",
    "events            what the kernel reported, a second, by kind",
    "lost              events that were lost on the way, since the daemon began",
    "hashed            share of the executions whose content is known",
    "this view missed  events that came faster than this program took them; the",
    "                  daemon judged them all the same",
    "OWNER             the package that brought the file; \"changed\": its content is",
    "                  not the package's any more",
    "KNOWN BY          how the name of the destination was learned",
    "INTERVALS         the latest distances between the contacts, from the history",
    "",
    "Lists begin with the view; `tocsin hunt` and `tocsin alerts` know what was before.",
};

std::size_t clamped(std::ptrdiff_t value, std::size_t count) {
  if (count == 0 || value < 0) return 0;
  return std::min(static_cast<std::size_t>(value), count - 1);
}

// Where the selected row is now; where it was when it is gone.
std::size_t position(const Table& table, const std::string& selected, std::size_t was) {
  if (selected.empty()) return 0;
  const auto it = std::ranges::find(table.rows, selected, &Row::key);
  if (it != table.rows.end()) return static_cast<std::size_t>(it - table.rows.begin());
  return clamped(static_cast<std::ptrdiff_t>(was), table.rows.size());
}

Line row_line(const Table& table, const Row& row, const std::vector<Placed>& places,
              std::size_t columns) {
  LineWriter out(columns);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto& column = table.columns[places[i].column];
    const auto& cell = row.cells[places[i].column];
    if (i > 0) out.put(" ");
    out.put(fitted(column.path ? path_fitted(cell.text, places[i].cells) : cell.text,
                   places[i].cells, column.align),
            cell.tone);
  }
  return out.take(true);
}

// Lines of at most `columns`, broken at blanks where there are any; what follows of one is indented
// like its beginning.
std::vector<std::string> wrapped_to(const std::vector<std::string>& lines, std::size_t columns) {
  std::vector<std::string> out;
  for (const auto& line : lines) {
    std::string_view rest = line;
    const auto indent = std::min(rest.find_first_not_of(' '), columns / 2);
    bool first = true;
    do {
      const std::size_t room =
          first || indent == std::string_view::npos ? columns : columns - indent;
      std::size_t take = 0, blank = 0;
      while (take < rest.size()) {
        const auto bytes = std::max<std::size_t>(1, decode_utf8(rest.substr(take)).bytes);
        if (cells_of(rest.substr(0, take + bytes)) > room) break;
        if (rest[take] == ' ' && take > 0) blank = take;
        take += bytes;
      }
      if (take < rest.size() && rest[take] != ' ' && blank > indent) take = blank;
      if (take == 0) take = rest.size();  // not even one character fits
      out.push_back((first ? std::string() : std::string(columns - room, ' ')) +
                    std::string(rest.substr(0, take)));
      rest.remove_prefix(take);
      while (rest.starts_with(' ')) rest.remove_prefix(1);
      first = false;
    } while (!rest.empty());
  }
  return out;
}

}  // namespace

Choice View::choice(Pane pane) const {
  return {lists_[index_of(pane)].order, filter_, now_s_};
}

// ---- Keys

void View::press(Key key) {
  if (page_open_) return press_in_page(key);
  if (typing_) return press_in_filter(key);
  press_in_lists(key);
}

void View::press_in_page(Key key) {
  const auto page = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, page_rows_ - 1));
  const auto most = page_lines_ > page_rows_ ? page_lines_ - page_rows_ : 0;
  const auto scroll = [&](std::ptrdiff_t by) {
    page_scroll_ = clamped(static_cast<std::ptrdiff_t>(page_scroll_) + by, most + 1);
  };
  const char c = key.name == KeyName::kCharacter ? key.character : '\0';
  if (key.name == KeyName::kUp || c == 'k') return scroll(-1);
  if (key.name == KeyName::kDown || c == 'j') return scroll(1);
  if (key.name == KeyName::kPageUp) return scroll(-page);
  if (key.name == KeyName::kPageDown || c == ' ') return scroll(page);
  if (key.name == KeyName::kHome) return scroll(-static_cast<std::ptrdiff_t>(page_lines_));
  if (key.name == KeyName::kEnd) return scroll(static_cast<std::ptrdiff_t>(page_lines_));
  if (key.name == KeyName::kEscape || key.name == KeyName::kEnter || key.name == KeyName::kLeft ||
      key.name == KeyName::kBackspace || c == 'q' || c == 'h' || c == '?')
    page_open_ = false;
}

void View::press_in_filter(Key key) {
  if (key.name == KeyName::kEnter) {
    typing_ = false;
  } else if (key.name == KeyName::kEscape) {
    typing_ = false;
    filter_.clear();
  } else if (key.name == KeyName::kBackspace) {
    if (!filter_.empty()) filter_.pop_back();
  } else if (key.name == KeyName::kCharacter && filter_.size() < limits::kTopFilterBytesMax) {
    filter_ += key.character;
  }
}

void View::press_in_lists(Key key) {
  const auto page = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, list().visible));
  switch (key.name) {
    case KeyName::kCharacter:
      return press_character(key.character);
    case KeyName::kUp:
      return move(-1);
    case KeyName::kDown:
      return move(1);
    case KeyName::kPageUp:
      return move(-page);
    case KeyName::kPageDown:
      return move(page);
    case KeyName::kHome:
      list().selected.clear();
      return;
    case KeyName::kEnd:
      return move(PTRDIFF_MAX / 2);
    case KeyName::kTab:
    case KeyName::kRight:
      return go_to(kPanes[(index_of(focus_) + 1) % kPaneCount]);
    case KeyName::kBackTab:
    case KeyName::kLeft:
      return go_to(kPanes[(index_of(focus_) + kPaneCount - 1) % kPaneCount]);
    case KeyName::kEnter: {
      const auto table = table_of(model_, focus_, choice(focus_));
      if (!table.rows.empty())
        wish_ = Wish{focus_, table.rows[position(table, list().selected, list().at)].key};
      return;
    }
    case KeyName::kEscape:
      filter_.clear();
      return;
    case KeyName::kBackspace:
      return;
  }
}

void View::press_character(char c) {
  if (c >= '1' && c < '1' + static_cast<char>(kPaneCount)) {
    go_to(kPanes[static_cast<std::size_t>(c - '1')]);
  } else if (c == 'q') {
    quit_ = true;
  } else if (c == 'j' || c == 'k') {
    move(c == 'j' ? 1 : -1);
  } else if (c == 's') {
    list().order = (list().order + 1) % orders_of(focus_).size();
    list().selected.clear();
  } else if (c == '/') {
    typing_ = true;
  } else if (c == 'p' || c == ' ') {
    model_.hold(!model_.held());
  } else if (c == 'h' || c == '?') {
    open_help();
  }
}

// From the first row, which nothing but new rows moves, to one that stays selected.
void View::move(std::ptrdiff_t by) {
  const auto table = table_of(model_, focus_, choice(focus_));
  if (table.rows.empty()) return;
  const auto from = position(table, list().selected, list().at);
  list().at = clamped(static_cast<std::ptrdiff_t>(from) + by, table.rows.size());
  list().selected = list().at == 0 ? std::string() : table.rows[list().at].key;
}

void View::go_to(Pane pane) {
  focus_ = pane;
}

std::optional<Wish> View::take_wish() {
  return std::exchange(wish_, std::nullopt);
}

void View::open_page(std::string title, std::vector<std::string> lines) {
  page_title_ = std::move(title);
  page_ = std::move(lines);
  page_scroll_ = 0;
  page_open_ = true;
}

void View::fill_page(std::string_view title, std::vector<std::string> lines) {
  if (page_open_ && page_title_ == title) page_ = std::move(lines);
}

void View::open_help() {
  open_page("Keys and words", {kHelp.begin(), kHelp.end()});
}

// ---- Drawing

Screen View::draw(Size size, double now_s) {
  now_s_ = now_s;
  visible_beacons_.clear();
  if (size.columns < kLeastSize.columns || size.rows < kLeastSize.rows) {
    Screen out(size.rows);
    if (size.rows > 0) {
      LineWriter line(size.columns);
      line.put("too small; q quits");
      out[0] = line.take();
    }
    return out;
  }
  Screen screen;
  if (page_open_) {
    draw_page(screen, size);
  } else {
    screen = header_of(model_, size, now_s);
    const auto room = size.rows - screen.size() - 1;  // the last line is the footer
    if (size.rows >= kAllPanesRows) {
      const auto lists = room - kPaneCount * kBarRows;
      const auto small = lists / (kPaneCount + 1);
      for (const auto pane : kPanes) {
        const auto table = table_of(model_, pane, choice(pane));
        draw_bar(screen, pane, table, size.columns);
        draw_table(screen, pane, table,
                   {size.columns, pane == focus_ ? lists - small * (kPaneCount - 1) : small});
      }
    } else {
      draw_tabs(screen, size.columns);
      draw_table(screen, focus_, table_of(model_, focus_, choice(focus_)),
                 {size.columns, room - kBarRows});
    }
  }
  screen.resize(size.rows - 1);
  draw_footer(screen, size);
  return screen;
}

// "1 Programs  2 Destinations …", the one in use reversed; only its name where there is no room.
void View::draw_tabs(Screen& screen, std::size_t columns) const {
  std::size_t all = 0;
  for (const auto pane : kPanes) all += name_of(pane).size() + 4;
  const auto order = orders_of(focus_)[lists_[index_of(focus_)].order];
  LineWriter out(columns);
  for (const auto pane : kPanes) {
    const bool named = all <= columns || pane == focus_;
    auto text = fmt::format(" {}{}{} ", index_of(pane) + 1, named ? " " : "",
                            named ? name_of(pane) : std::string_view());
    if (pane == focus_) text = fmt::format("[{}]", text.substr(1, text.size() - 2));
    out.put(text, pane == focus_ ? Tone::kStrong : Tone::kDim);
  }
  out.put_fact(order, Tone::kDim);
  if (!filter_.empty()) out.put_fact("filter: " + filter_, Tone::kWarn);
  screen.push_back(out.take(true));
}

void View::draw_bar(Screen& screen, Pane pane, const Table& table, std::size_t columns) const {
  LineWriter out(columns);
  const bool focus = pane == focus_;
  out.put(fmt::format("{}{} {}{}", focus ? '[' : ' ', index_of(pane) + 1, name_of(pane),
                      focus ? ']' : ' '),
          focus ? Tone::kStrong : Tone::kDim);
  out.put_fact(
      fmt::format("{}, {}", table.rows.size(), orders_of(pane)[lists_[index_of(pane)].order]),
      Tone::kDim);
  if (!filter_.empty()) out.put_fact("filter: " + filter_, Tone::kWarn);
  screen.push_back(out.take(true));
}

void View::draw_table(Screen& screen, Pane pane, const Table& table, Size size) {
  const auto rows = size.rows, columns = size.columns;
  auto& list = lists_[index_of(pane)];
  const auto places = placed(table.columns, columns);
  Row heads;
  for (const auto& column : table.columns)
    heads.cells.push_back({std::string(column.title), Tone::kDim});
  screen.push_back(row_line({table.columns, {}}, heads, places, columns));

  list.visible = rows;
  list.at = position(table, list.selected, list.at);
  if (!list.selected.empty() && !table.rows.empty()) list.selected = table.rows[list.at].key;
  if (list.at < list.scroll) list.scroll = list.at;
  if (rows > 0 && list.at >= list.scroll + rows) list.scroll = list.at - rows + 1;
  list.scroll = std::min(list.scroll, table.rows.size() - std::min(rows, table.rows.size()));
  for (std::size_t i = 0; i < rows; ++i) {
    const auto at = list.scroll + i;
    if (at >= table.rows.size()) {
      LineWriter out(columns);
      if (table.rows.empty() && i == 0)
        out.put(filter_.empty() ? "  none yet" : "  none with this text; Esc drops the filter",
                Tone::kDim);
      screen.push_back(out.take());
      continue;
    }
    auto line = row_line(table, table.rows[at], places, columns);
    line.reversed = pane == focus_ && at == list.at;
    screen.push_back(std::move(line));
    if (pane == Pane::kBeacons) visible_beacons_.push_back(table.rows[at].key);
  }
}

void View::draw_page(Screen& screen, Size size) {
  LineWriter title(size.columns);
  title.put(page_title_, Tone::kStrong);
  screen.push_back(title.take(true));
  const auto lines = wrapped_to(page_, size.columns);
  page_rows_ = size.rows - 2;
  page_lines_ = lines.size();
  page_scroll_ = std::min(page_scroll_, lines.size() - std::min(page_rows_, lines.size()));
  for (std::size_t i = 0; i < page_rows_ && page_scroll_ + i < lines.size(); ++i) {
    LineWriter out(size.columns);
    out.put(lines[page_scroll_ + i]);
    screen.push_back(out.take());
  }
}

void View::draw_footer(Screen& screen, Size size) const {
  LineWriter out(size.columns);
  if (page_open_) {
    out.put_fact("Esc back");
    out.put_fact("PgDn PgUp turn");
    if (page_lines_ > page_rows_)
      out.put_fact(fmt::format("{} to {} of {} lines", page_scroll_ + 1,
                               std::min(page_scroll_ + page_rows_, page_lines_), page_lines_));
  } else if (typing_) {
    out.put("/" + filter_ + "_");
    out.put_fact("Enter keeps it, Esc drops it", Tone::kDim);
  } else {
    out.put_fact("q quit");
    out.put_fact("? help");
    out.put_fact("Enter open");
    out.put_fact("Tab next");
    out.put_fact(fmt::format("s sort: {}", orders_of(focus_)[lists_[index_of(focus_)].order]));
    out.put_fact("/ filter");
    out.put_fact(model_.held() ? "p go on" : "p pause");
  }
  screen.push_back(out.take(true, true));
}

}  // namespace tocsin::top
