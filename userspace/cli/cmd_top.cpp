// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <pwd.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "top/feed.hpp"
#include "top/pages.hpp"
#include "top/terminal.hpp"
#include "top/view.hpp"

namespace tocsin::cli {
namespace {

constexpr std::uint64_t kDrawEveryUs = 250'000;
constexpr std::size_t kUsersKnownMax = 4096;
constexpr int kKeysFirst = -10;  // before what the daemon sends

double now_s() {
  return static_cast<double>(SystemClock().wall_ns()) / 1e9;
}

// Of this host, each asked for once: name services may be slow.
std::string user_name(std::uint32_t uid) {
  static std::map<std::uint32_t, std::string> known;
  if (known.size() > kUsersKnownMax) known.clear();
  const auto [it, fresh] = known.try_emplace(uid);
  if (!fresh) return it->second;
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    it->second = found->pw_name;
  return it->second;
}

// Keys, the clock and the daemon on one loop.
class LiveView {
 public:
  LiveView(EventLoop& loop, top::Terminal& terminal, std::string socket)
      : loop_(loop),
        terminal_(terminal),
        feed_({.loop = loop,
               .socket = std::move(socket),
               .model = model_,
               .wanted_intervals = [this] { return view_.visible_beacons(); }}) {}

  Result<void> run() {
    TOCSIN_TRY(keys_, loop_.watch_fd(
                          STDIN_FILENO, EPOLLIN, [this](std::uint32_t events) { on_keys(events); },
                          kKeysFirst));
    TOCSIN_TRY(size_, loop_.watch_signal(SIGWINCH, [this] {
      terminal_.resized();
      draw();
    }));
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      TOCSIN_TRY(auto stop, loop_.watch_signal(signal, [this] { loop_.stop(); }));
      stops_.push_back(std::move(stop));
    }
    TOCSIN_TRY(clock_, loop_.add_timer(
                           0,
                           [this] {
                             draw();
                             clock_.rearm_us(kDrawEveryUs);
                           },
                           kKeysFirst));
    TOCSIN_TRY_VOID(feed_.start());
    return loop_.run();
  }

 private:
  void on_keys(std::uint32_t events) {
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) return loop_.stop();  // the terminal is gone
    while (const auto key = terminal_.next_key()) {
      view_.press(*key);
      if (view_.quit()) return loop_.stop();
      if (const auto wish = view_.take_wish()) open(*wish);
    }
    draw();
  }

  void open(const top::Wish& wish) {
    if (wish.pane == top::Pane::kAlerts) return open_alert(wish.key);
    auto page = page_of(model_, wish);
    if (!page.lines.empty()) view_.open_page(std::move(page.title), std::move(page.lines));
  }

  void open_alert(const std::string& id) {
    std::string line;
    for (const auto& row : model_.alerts())
      if (row.id == id) line = row.line;
    const auto title = "Alert " + id;
    view_.open_page(title, {"asking the history …"});
    feed_.explain(id, line, [=, this](const nlohmann::json& alert, const nlohmann::json& around) {
      if (alert.is_object())
        view_.fill_page(title, top::alert_lines(alert, around, now_s()));
      else
        view_.fill_page(title, {"The daemon does not answer now; Esc, and try again."});
      draw();
    });
  }

  void draw() { terminal_.paint(view_.draw(terminal_.size(), now_s())); }

  EventLoop& loop_;
  top::Terminal& terminal_;
  top::Model model_{user_name};
  top::View view_{model_};
  top::Feed feed_;
  EventLoop::Source keys_, size_, clock_;
  std::vector<EventLoop::Source> stops_;
};

int trouble(Context& context, const Error& error) {
  context.out.problem(error.message);
  if (error.code == ErrorCode::kUnsupported)
    context.out.hint("tocsin status and tocsin events --follow tell the same in lines");
  return kError;
}

int run(Context& context) {
  if (context.out.json()) {
    context.out.problem("top is for people and has no JSON");
    context.out.hint("tocsin status --json, tocsin events --follow --json");
    return kError;
  }
  // While the terminal can still take a message: is there a daemon, and may this user ask it?
  if (isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1)
    if (const auto client = connect_to_daemon(context); !client) return client.error();
  auto terminal = top::Terminal::open();
  if (!terminal) return trouble(context, terminal.error());
  auto loop = EventLoop::create();
  if (!loop) return trouble(context, loop.error());
  auto view = std::make_unique<LiveView>(*loop, **terminal, socket_path(context));
  const auto ended = view->run();
  view.reset();
  terminal->reset();  // before anything is written again
  return ended ? kDone : trouble(context, ended.error());
}

}  // namespace

Runner declare_top(CLI::App&) {
  return [](Context& context) { return run(context); };
}

}  // namespace tocsin::cli
