// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/contacts.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "history/contact_days.hpp"
#include "history/history_limits.hpp"
#include "history/hunt_value.hpp"

namespace tocsin {
namespace {

constexpr WallNs kAboutMarginNs = 60 * kMinuteNs;  // on both sides

// No value of the table is longer than a path and begins with so many 0xff.
const ValueRange kEverything{"", std::string(Sha256::kBytes + 1, '\xff')};

constexpr std::uint32_t bit(SeenFlag flag) {
  return static_cast<std::uint32_t>(flag);
}

bool is_in_container(const ContactQuestion& question, const SightingRow& row) {
  return !question.container || row.container == *question.container;
}

constexpr auto kBest = [](const Neighbour& a, const Neighbour& b) {
  return std::pair(a.count, a.last_ns) > std::pair(b.count, b.last_ns);
};

// A destination, or a program and its container.
using Key = std::pair<std::string, std::string>;

void add(std::map<Key, Neighbour>& into, Key key, const SightingRow& row) {
  auto& one = into[key];
  if (one.what.empty())
    one = {std::move(key.first), std::move(key.second), row.first_ns, row.last_ns, 0};
  one.first_ns = std::min(one.first_ns, row.first_ns);
  one.last_ns = std::max(one.last_ns, row.last_ns);
  one.count += row.count;
}

Neighbours most_frequent(std::map<Key, Neighbour> all) {
  Neighbours out;
  for (auto& [what, one] : all) out.shown.push_back(std::move(one));
  std::ranges::sort(out.shown, kBest);
  if (out.shown.size() <= limits::kContactNeighboursMax) return out;
  out.more = out.shown.size() - limits::kContactNeighboursMax;
  out.shown.resize(limits::kContactNeighboursMax);
  return out;
}

// One pass over the names and destinations finds both kinds of neighbours.
class Neighbourhood {
 public:
  // addresses: which of the program's contacts with a name went to.
  Neighbourhood(const ContactQuestion& question, const std::set<IpAddress>& addresses)
      : question_(question), addresses_(addresses) {
    if (const auto network = normalise_cidr(question.destination))
      network_ = network->network;
    else if (const auto address = IpAddress::parse(question.destination))
      network_ = IpNetwork::single(*address);
    else if (!question.destination.empty() && question.destination != kAnyDestination)
      name_ = reversed_labels(question.destination);
  }

  bool take(const SightingRow& row) {
    if (only_maybe_meant(row)) return true;
    const bool itself = row.subject == question_.program && is_in_container(question_, row);
    const bool there = goes_there(row);
    if (itself && !there && !is_address_of_name(row))
      add(destinations_, {shown_value(row.kind, row.value, row.flags), ""}, row);
    if (there && !itself && !row.subject.empty()) add(programs_, {row.subject, row.container}, row);
    return true;
  }

  void finish(HistoryReader& reader, ContactReport& report) {
    report.programs_searched = network_ || !name_.empty();
    report.destinations = most_frequent(std::move(destinations_));
    report.programs = most_frequent(std::move(programs_));
    for (auto& program : report.programs.shown) {
      const auto content = reader.content(program.what);
      program.what = content && *content && !(*content)->path.empty()
                         ? (*content)->path
                         : shown_content(program.what, 0);
      if (program.container == question_.container) program.container.clear();
    }
  }

 private:
  [[nodiscard]] bool goes_there(const SightingRow& row) const {
    if (row.kind == SeenKind::kName) return !name_.empty() && is_the_name(row.value);
    if (!network_) return false;
    const auto destination = destination_of(row.value);
    return destination && network_->contains(destination->address);
  }

  [[nodiscard]] bool is_the_name(std::string_view value) const {
    if (value == name_ || !question_.dns) return value == name_;
    return value.size() > name_.size() && value.starts_with(name_) && value[name_.size()] == '.';
  }

  // The row of a destination tells nothing that the row of its name does not.
  [[nodiscard]] bool is_address_of_name(const SightingRow& row) const {
    if (name_.empty() || row.kind != SeenKind::kDestination) return false;
    const auto destination = destination_of(row.value);
    return destination && addresses_.contains(destination->address);
  }

  // One of several names of an address that was contacted: nobody says that it was this one.
  static bool only_maybe_meant(const SightingRow& row) {
    constexpr auto kMeant = bit(SeenFlag::kAsked) | bit(SeenFlag::kTlsHello) |
                            bit(SeenFlag::kQuicHello) | bit(SeenFlag::kHttpHost) |
                            bit(SeenFlag::kContacted) | bit(SeenFlag::kAnswered);
    return row.kind == SeenKind::kName && (row.flags & bit(SeenFlag::kMaybeMeant)) != 0 &&
           (row.flags & kMeant) == 0;
  }

  const ContactQuestion& question_;
  const std::set<IpAddress>& addresses_;
  std::optional<IpNetwork> network_;
  std::string name_;
  std::map<Key, Neighbour> destinations_, programs_;
};

// The same content may have run as a program and as a script, and before the daemon did.
void add_version(std::vector<FileVersion>& out, const SightingRow& row) {
  auto sha256 = shown_content(row.value, 0);
  auto it = std::ranges::find(out, sha256, &FileVersion::sha256);
  if (it == out.end())
    it = out.insert(out.end(), {std::move(sha256), row.first_ns, row.last_ns, 0});
  it->first_ns = std::min(it->first_ns, row.first_ns);
  it->last_ns = std::max(it->last_ns, row.last_ns);
  it->count += row.count;
}

Result<std::vector<FileVersion>> versions_at(HistoryReader& reader,
                                             const ContactQuestion& question) {
  std::vector<FileVersion> out;
  if (question.path.empty()) return out;
  for (const auto kind : {SeenKind::kProgram, SeenKind::kScript})
    TOCSIN_TRY_VOID(reader.rows(kind, kEverything, [&](const SightingRow& row) {
      if (row.subject == question.path && row.value.size() == Sha256::kBytes &&
          is_in_container(question, row))
        add_version(out, row);
      return true;
    }));
  std::ranges::sort(out, std::greater{}, &FileVersion::last_ns);
  if (out.size() > limits::kContactNeighboursMax) out.resize(limits::kContactNeighboursMax);
  return out;
}

// What happened weeks before or after the story says nothing of what it lacks.
Result<Coverage> coverage_around(HistoryReader& reader, const ContactQuestion& question,
                                 const std::vector<Contact>& contacts) {
  if (!question.about_since_ns) return read_coverage(reader, {question.since_ns, question.now_ns});
  auto first = *question.about_since_ns, last = question.about_until_ns.value_or(question.now_ns);
  if (!contacts.empty()) {
    first = std::min(first, contacts.front().time_ns);
    last = std::max(last, contacts.back().time_ns);
  }
  TOCSIN_TRY(auto out, read_coverage(reader, {std::max<WallNs>(first - kAboutMarginNs, 0),
                                              question.now_ns, last + kAboutMarginNs}));
  out.asked_from_ns = first;  // the margin is ours: it may lie before all that is kept
  return out;
}

}  // namespace

Result<ContactReport> contacts_of(HistoryReader& reader, const ContactQuestion& question) {
  ContactReport out;
  std::set<IpAddress> addresses;
  if (!question.destination.empty()) addresses = add_contacts(reader.folder(), question, out);
  TOCSIN_TRY(out.coverage, coverage_around(reader, question, out.contacts));
  Neighbourhood neighbourhood(question, addresses);
  for (const auto kind : {SeenKind::kName, SeenKind::kDestination})
    TOCSIN_TRY_VOID(reader.rows(kind, kEverything,
                                [&](const SightingRow& row) { return neighbourhood.take(row); }));
  neighbourhood.finish(reader, out);
  TOCSIN_TRY(out.versions, versions_at(reader, question));
  return out;
}

}  // namespace tocsin
