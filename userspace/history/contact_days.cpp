// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/contact_days.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "history/history_limits.hpp"
#include "history/hunt_value.hpp"
#include "history/occurrences.hpp"
#include "history/schema.hpp"

namespace tocsin {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::int64_t kRowsAStep = 50'000;         // between two looks at the clock
constexpr WallNs kCloseSlackNs = 2 * kNsPerSecond;  // of a close's duration against its connect

constexpr const char* kRows =
    "SELECT time_ns,kind,value,name,port,result,bytes_out,duration_ns,who FROM event "
    "WHERE rowid>?1 AND rowid<=?2 AND content=?3 ORDER BY rowid DESC";
enum Column { kTime, kKind, kValue, kName, kPort, kResult, kBytesOut, kDuration, kWho };

std::optional<std::uint64_t> count_in(const Statement& row, int column) {
  if (row.is_null(column) || row.integer(column) < 0) return std::nullopt;
  return static_cast<std::uint64_t>(row.integer(column));
}

// Whether a text of a day's file is the destination in question.
class DestinationTest {
 public:
  explicit DestinationTest(const ContactQuestion& question)
      : wanted_(question.destination), dns_(question.dns) {
    if (const auto network = normalise_cidr(wanted_)) network_ = network->network;
  }
  [[nodiscard]] bool operator()(std::string_view text) const {
    if (text == wanted_ || wanted_ == kAnyDestination) return true;
    if (dns_)
      return text.size() > wanted_.size() && text.ends_with(wanted_) &&
             text[text.size() - wanted_.size() - 1] == '.';
    if (!network_) return false;
    const auto address = IpAddress::parse(text);
    return address && network_->contains(*address);
  }

 private:
  std::string wanted_;
  std::optional<IpNetwork> network_;
  bool dns_;
};

// The container in who-facts, as the daemon writes them: before the lineage, in which ancestors may
// have others; long facts are cut, and no text in them has a quote that is not escaped.
std::string_view container_in(std::string_view who) {
  static constexpr std::string_view kMember = "\"container\":\"";
  const auto at = who.find(kMember);
  if (at == std::string_view::npos || at > who.find("\"lineage\":[")) return {};
  who.remove_prefix(at + kMember.size());
  return who.substr(0, who.find('"'));
}

// The contacts in one day's file.
class ContactDay {
 public:
  ContactDay(const ContactQuestion& question, Steady::time_point deadline)
      : question_(question), is_destination_(question), deadline_(deadline) {}

  // False: the time was over before the file was.
  Result<bool> search(const std::filesystem::path& file) {
    TOCSIN_TRY(auto database, Database::open(file.string(), {}));
    TOCSIN_TRY_VOID(check_schema(database, HistoryFile::kDay));
    TOCSIN_TRY(text_, database.prepare("SELECT value FROM text WHERE id=?1"));
    TOCSIN_TRY(auto id, database.prepare("SELECT id FROM text WHERE value=?1"));
    id.bind_blob(1, question_.program);
    TOCSIN_TRY(const bool known, id.step());
    if (!known) return true;
    TOCSIN_TRY(auto last, database.integer("SELECT max(rowid) FROM event"));
    TOCSIN_TRY(auto rows, database.prepare(kRows));
    for (; last > 0; last -= kRowsAStep) {
      if (Steady::now() >= deadline_) return false;
      rows.bind(1, last - kRowsAStep).bind(2, last).bind(3, id.integer(0));
      for (;;) {
        TOCSIN_TRY(const bool there, rows.step());
        if (!there) break;
        TOCSIN_TRY_VOID(take(rows));
      }
      rows.reset();
    }
    return true;
  }

  // Oldest first, with the bytes that closes told.
  std::vector<Contact> finish() {
    std::ranges::sort(contacts_, {}, &Contact::time_ns);
    for (const auto& close : closes_)
      if (went_to_.contains(close.address)) join(close.opened_ns, close.bytes);
    return std::move(contacts_);
  }

  // Beyond kContactsMax, left out.
  [[nodiscard]] std::uint64_t earlier() const { return earlier_; }

  Result<void> add_addresses(std::set<IpAddress>& out) {
    for (const auto id : went_to_) {
      TOCSIN_TRY(const auto value, text(id));
      if (const auto address = IpAddress::parse(value)) out.insert(*address);
    }
    return {};
  }

 private:
  Result<std::string> text(std::int64_t id) {
    text_.bind(1, id);
    TOCSIN_TRY(const bool there, text_.step());
    std::string out(there ? text_.bytes(0) : std::string_view());
    text_.reset();
    return out;
  }

  Result<bool> matches(const Statement& row, int column) {
    if (row.is_null(column)) return false;
    const auto id = row.integer(column);
    if (const auto it = match_.find(id); it != match_.end()) return it->second;
    TOCSIN_TRY(const auto value, text(id));
    return match_[id] = is_destination_(value);
  }

  // Where nothing is known of who it was, it may have been the one in question.
  Result<bool> in_container(const Statement& row) {
    if (!question_.container || row.is_null(kWho)) return true;
    const auto id = row.integer(kWho);
    if (const auto it = inside_.find(id); it != inside_.end()) return it->second;
    TOCSIN_TRY(const auto who, text(id));
    return inside_[id] = container_in(who) == *question_.container;
  }

  Result<void> take(const Statement& row) {
    const auto time = row.integer(kTime);
    if (question_.since_ns && time < *question_.since_ns) return {};
    TOCSIN_TRY(const bool inside, in_container(row));
    if (!inside) return {};
    const auto kind_id = row.integer(kKind);
    auto kind = kinds_.find(kind_id);
    if (kind == kinds_.end()) {
      TOCSIN_TRY(auto name, text(kind_id));
      kind = kinds_.emplace(kind_id, std::move(name)).first;
    }
    const bool port_fits = !question_.port || row.is_null(kPort) ||
                           row.integer(kPort) == std::int64_t{*question_.port};
    if (kind->second == "close") {
      if (port_fits) take_close(row);
      return {};
    }
    if (kind->second != (question_.dns ? "dns" : "connect") || !port_fits) return {};
    TOCSIN_TRY(const bool by_value, matches(row, kValue));
    TOCSIN_TRY(const bool by_name, matches(row, kName));
    if (!by_value && !by_name) return {};
    if (!row.is_null(kValue)) went_to_.insert(row.integer(kValue));
    Contact out{time, count_in(row, kBytesOut), {}};
    if (!row.is_null(kResult)) {
      TOCSIN_TRY(out.result, text(row.integer(kResult)));
    }
    // An answer has its code; the question before it was the contact.
    if (question_.dns && !out.result.empty()) return {};
    if (contacts_.size() < limits::kContactsMax)  // the latest come first
      contacts_.push_back(std::move(out));
    else
      ++earlier_;
    return {};
  }

  void take_close(const Statement& row) {
    const auto bytes = count_in(row, kBytesOut), duration = count_in(row, kDuration);
    if (!bytes || !duration || row.is_null(kValue)) return;
    if (closes_.size() >= limits::kContactClosesMax) return;
    closes_.push_back(
        {row.integer(kTime) - static_cast<WallNs>(*duration), *bytes, row.integer(kValue)});
  }

  // A close has no name: its address, and its moment of opening, say which contact it ends.
  void join(WallNs opened, std::uint64_t bytes) {
    auto it = std::ranges::lower_bound(contacts_, opened - kCloseSlackNs, {}, &Contact::time_ns);
    Contact* nearest = nullptr;
    const auto distance = [&](const Contact& c) { return std::abs(c.time_ns - opened); };
    for (; it != contacts_.end() && it->time_ns <= opened + kCloseSlackNs; ++it)
      if (!it->bytes_out && (nearest == nullptr || distance(*it) < distance(*nearest)))
        nearest = &*it;
    if (nearest != nullptr) nearest->bytes_out = bytes;
  }

  const ContactQuestion& question_;
  DestinationTest is_destination_;
  Steady::time_point deadline_;
  Statement text_;
  std::unordered_map<std::int64_t, bool> match_;
  std::unordered_map<std::int64_t, std::string> kinds_;
  std::vector<Contact> contacts_;
  std::uint64_t earlier_ = 0;
  struct Close {
    WallNs opened_ns;
    std::uint64_t bytes;
    std::int64_t address;  // its text's id
  };
  std::vector<Close> closes_;                      // at most kContactClosesMax
  std::unordered_set<std::int64_t> went_to_;       // ids of the contacts' addresses
  std::unordered_map<std::int64_t, bool> inside_;  // who-facts of the container in question
};

}  // namespace

std::set<IpAddress> add_contacts(const std::filesystem::path& folder,
                                 const ContactQuestion& question, ContactReport& report) {
  std::set<IpAddress> addresses;
  const auto deadline = Steady::now() + std::chrono::nanoseconds(limits::kContactsSearchNs);
  auto& kept = report.contacts;
  for (const auto& [day, path] : day_files(folder)) {
    if (day > question.now_ns) continue;
    if (question.since_ns && day + kDayNs < *question.since_ns) break;
    ContactDay search(question, deadline);
    const auto searched = search.search(path);
    if (searched && !*searched) {
      report.in_time = false;
      return addresses;  // half a day's contacts would look like a change of habit
    }
    report.searched_from_ns = day;
    if (searched) (void)search.add_addresses(addresses);
    auto found = search.finish();
    report.earlier += search.earlier();
    const auto room = limits::kContactsMax - kept.size();
    if (found.size() > room) {
      report.earlier += found.size() - room;
      found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(room));
    }
    kept.insert(kept.begin(), std::make_move_iterator(found.begin()),
                std::make_move_iterator(found.end()));
  }
  return addresses;
}

}  // namespace tocsin
