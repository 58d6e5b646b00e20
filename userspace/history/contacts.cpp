// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/contacts.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "history/contact_days.hpp"
#include "history/history_limits.hpp"
#include "history/hunt_value.hpp"

namespace tocsin {
namespace {

// No value of the table is longer than a path and begins with so many 0xff.
const ValueRange kEverything{"", std::string(Sha256::kBytes + 1, '\xff')};

constexpr auto kBest = [](const Neighbour& a, const Neighbour& b) {
  return std::pair(a.count, a.last_ns) > std::pair(b.count, b.last_ns);
};

void add(std::map<std::string, Neighbour>& into, std::string what, const SightingRow& row) {
  auto& one = into[what];
  if (one.what.empty()) one = {std::move(what), row.first_ns, row.last_ns, 0};
  one.first_ns = std::min(one.first_ns, row.first_ns);
  one.last_ns = std::max(one.last_ns, row.last_ns);
  one.count += row.count;
}

Neighbours most_frequent(std::map<std::string, Neighbour> all) {
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
  explicit Neighbourhood(const ContactQuestion& question) : question_(question) {
    if (const auto address = IpAddress::parse(question.destination))
      address_ = *address;
    else if (!question.destination.empty())
      name_ = reversed_labels(question.destination);
  }

  bool take(const SightingRow& row) {
    const bool there = goes_there(row);
    if (row.subject == question_.program && !there)
      add(destinations_, shown_value(row.kind, row.value, row.flags), row);
    if (there && row.subject != question_.program && !row.subject.empty())
      add(programs_, row.subject, row);
    return true;
  }

  void finish(HistoryReader& reader, ContactReport& report) {
    report.destinations = most_frequent(std::move(destinations_));
    report.programs = most_frequent(std::move(programs_));
    for (auto& program : report.programs.shown) {
      const auto content = reader.content(program.what);
      program.what = content && *content && !(*content)->path.empty()
                         ? (*content)->path
                         : shown_content(program.what, 0);
    }
  }

 private:
  [[nodiscard]] bool goes_there(const SightingRow& row) const {
    if (row.kind == SeenKind::kName) return !name_.empty() && row.value == name_;
    if (!address_) return false;
    const auto destination = destination_of(row.value);
    return destination && destination->address == *address_;
  }

  const ContactQuestion& question_;
  std::optional<IpAddress> address_;
  std::string name_;
  std::map<std::string, Neighbour> destinations_, programs_;
};

Result<std::vector<FileVersion>> versions_at(HistoryReader& reader, const std::string& path) {
  std::vector<FileVersion> out;
  if (path.empty()) return out;
  for (const auto kind : {SeenKind::kProgram, SeenKind::kScript})
    TOCSIN_TRY_VOID(reader.rows(kind, kEverything, [&](const SightingRow& row) {
      if (row.subject == path && row.value.size() == Sha256::kBytes)
        out.push_back({shown_content(row.value, 0), row.first_ns, row.last_ns, row.count});
      return true;
    }));
  std::ranges::sort(out, std::greater{}, &FileVersion::last_ns);
  if (out.size() > limits::kContactNeighboursMax) out.resize(limits::kContactNeighboursMax);
  return out;
}

}  // namespace

Result<ContactReport> contacts_of(HistoryReader& reader, const ContactQuestion& question) {
  ContactReport out;
  TOCSIN_TRY(out.coverage, read_coverage(reader, {question.since_ns, question.now_ns}));
  Neighbourhood neighbourhood(question);
  for (const auto kind : {SeenKind::kName, SeenKind::kDestination})
    TOCSIN_TRY_VOID(reader.rows(kind, kEverything,
                                [&](const SightingRow& row) { return neighbourhood.take(row); }));
  neighbourhood.finish(reader, out);
  TOCSIN_TRY(out.versions, versions_at(reader, question.path));
  if (!question.destination.empty()) add_contacts(reader.folder(), question, out);
  return out;
}

}  // namespace tocsin
