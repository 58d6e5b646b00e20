// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/warninglists.hpp"

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/ip_address.hpp"
#include "base/limits.hpp"
#include "indicators/built_in_guard.hpp"
#include "indicators/ip_network.hpp"
#include "indicators/normalise.hpp"

namespace tocsin {
namespace {

namespace fs = std::filesystem;

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

// Text → the lists that hold it. Most texts stand on one list: its number is in the map itself.
class WarningTable {
 public:
  void add(std::string text, std::uint32_t list) {
    const auto [it, fresh] = heads_.try_emplace(std::move(text), nodes_.size());
    nodes_.push_back({list, fresh ? kEnd : it->second});
    if (!fresh) it->second = nodes_.size() - 1;
  }
  template <typename Take>
  void find(std::string_view text, Take take) const {
    const auto it = heads_.find(text);
    if (it == heads_.end()) return;
    for (auto at = it->second; at != kEnd; at = nodes_[at].next) take(nodes_[at].list);
  }

 private:
  static constexpr std::size_t kEnd = ~std::size_t{0};
  struct Node {
    std::uint32_t list;
    std::size_t next;
  };
  std::unordered_map<std::string, std::size_t, TextHash, std::equal_to<>> heads_;
  std::vector<Node> nodes_;
};

struct Range {
  IpAddress first, last;
};

IpAddress last_of(const IpNetwork& network) {
  std::array<std::uint8_t, 16> bytes{};
  std::ranges::copy(network.address.bytes(), bytes.begin());
  for (unsigned bit = network.prefix; bit < network.width(); ++bit)
    bytes[bit / 8] |= static_cast<std::uint8_t>(0x80U >> (bit % 8));
  return network.address.is_v4() ? IpAddress::v4(std::span<const std::uint8_t, 4>(bytes.data(), 4))
                                 : IpAddress::v6(bytes);
}

// Disjoint ranges of one family in order.
class RangeTable {
 public:
  void add(const IpNetwork& network) { ranges_.push_back({network.address, last_of(network)}); }
  void seal() {
    std::ranges::sort(ranges_, {}, &Range::first);
    std::size_t kept = 0;
    for (const auto& range : ranges_) {
      if (kept > 0 && range.first <= ranges_[kept - 1].last)
        ranges_[kept - 1].last = std::max(ranges_[kept - 1].last, range.last);
      else
        ranges_[kept++] = range;
    }
    ranges_.resize(kept);
  }
  // True when some range and network share an address.
  [[nodiscard]] bool meets(const IpNetwork& network) const {
    const auto after = std::ranges::upper_bound(ranges_, last_of(network), {}, &Range::first);
    return after != ranges_.begin() && std::prev(after)->last >= network.address;
  }

 private:
  std::vector<Range> ranges_;
};

struct CidrList {
  std::uint32_t list;
  RangeTable v4, v6;
};

struct PatternList {
  std::uint32_t list;
  std::unique_ptr<RE2::Set> patterns;
};

std::optional<IpNetwork> network_of(std::string_view value) {
  if (const auto address = IpAddress::parse(value)) return IpNetwork::single(*address);
  const auto block = normalise_cidr(value);
  return block ? std::optional(block->network) : std::nullopt;
}

Result<std::string> read_whole(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error))
    return fail(ErrorCode::kInvalidInput, "is not a regular file");
  const auto bytes = fs::file_size(file, error);
  if (error) return fail(ErrorCode::kIo, error.message());
  if (bytes > limits::kGuardFileBytesMax)
    return fail(ErrorCode::kLimit,
                fmt::format("has {} bytes; the most is {}", bytes, limits::kGuardFileBytesMax));
  std::ifstream in(file, std::ios::binary);
  std::string text(bytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in) return fail(ErrorCode::kIo, "cannot be read");
  return text;
}

std::vector<fs::path> list_files(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with('.')) continue;
    std::error_code ignored;
    if (it->path().extension() == ".json")
      out.push_back(it->path());
    else if (fs::exists(it->path() / "list.json", ignored))
      out.push_back(it->path() / "list.json");
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

struct Warninglists::Compiled {
  std::vector<std::unique_ptr<Info>> infos;
  std::vector<std::uint8_t> value_types;  // beside infos
  WarningTable exact, suffix;
  std::vector<std::pair<IpNetwork, std::uint32_t>> networks;  // and their list
  std::vector<CidrList> cidrs;
  std::vector<PatternList> patterns;

  [[nodiscard]] bool applies(std::uint32_t list, IndicatorType type) const {
    return (value_types[list] >> static_cast<unsigned>(type) & 1) != 0;
  }

  // Answers for one question: each list once.
  class Answer {
   public:
    explicit Answer(const Compiled& all) : all_(all) {}
    void take(std::uint32_t list, IndicatorType as, bool host) {
      const bool applies =
          all_.applies(list, as) || (host && all_.applies(list, IndicatorType::kUrl));
      if (!applies) return;
      const auto* info = all_.infos[list].get();
      if (std::ranges::find(hits_, info, &Hit::list) == hits_.end()) hits_.push_back({info, host});
    }
    std::vector<Hit> sorted() && {
      std::ranges::stable_sort(hits_, std::ranges::greater(),
                               [](const Hit& hit) { return hit.list->effect; });
      return std::move(hits_);
    }

   private:
    const Compiled& all_;
    std::vector<Hit> hits_;
  };

  void find_value(IndicatorType type, std::string_view value, bool host, Answer& answer) const;
  void find_patterns(IndicatorType type, std::string_view value, Answer& answer) const;
};

void Warninglists::Compiled::find_value(IndicatorType type, std::string_view value, bool host,
                                        Answer& answer) const {
  const auto take = [&](std::uint32_t list) { answer.take(list, type, host); };
  exact.find(value, take);
  if (type == IndicatorType::kDomain) {
    for (auto rest = value; !rest.empty();) {
      suffix.find(rest, take);
      const auto dot = rest.find('.');
      rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
    }
  }
  if (type == IndicatorType::kIp || type == IndicatorType::kCidr) {
    const auto network = network_of(value);
    if (!network) return;
    for (const auto& list : cidrs)
      if ((network->address.is_v4() ? list.v4 : list.v6).meets(*network)) take(list.list);
  }
}

void Warninglists::Compiled::find_patterns(IndicatorType type, std::string_view value,
                                           Answer& answer) const {
  if (value.size() > limits::kIndicatorTextBytesMax) return;
  for (const auto& list : patterns)
    if (applies(list.list, type) && list.patterns->Match({value.data(), value.size()}, nullptr))
      answer.take(list.list, type, false);
}

Warninglists::Warninglists() : compiled_(std::make_unique<Compiled>()) {}
Warninglists::~Warninglists() = default;
Warninglists::Warninglists(Warninglists&&) noexcept = default;
Warninglists& Warninglists::operator=(Warninglists&&) noexcept = default;

std::vector<fs::path> guard_folders(const fs::path& state_dir) {
  return {"/usr/share/tocsin/guard", state_dir / "guard", "/etc/tocsin/guard.d"};
}

// Of lists with one name only the newest is compiled.
class Warninglists::Loader {
 public:
  void take(Result<Warninglist> list, const fs::path& file) {
    if (!list) return fault(file, list.error().message);
    auto& slot = newest_[list->name];
    if (slot.file.empty() || list->version >= slot.list.version) slot = {std::move(*list), file};
  }
  void take_folder(const fs::path& folder) {
    for (const auto& file : list_files(folder)) {
      if (++files_ > limits::kGuardFilesMax) {
        fault(file,
              fmt::format("left out: there are more than {} guard lists", limits::kGuardFilesMax));
        continue;
      }
      const auto text = read_whole(file);
      take(text ? parse_warninglist(*text) : std::unexpected(text.error()), file);
    }
  }
  Warninglists finish() {
    for (auto& [name, found] : newest_)
      if (auto added = out_.add(std::move(found.list), found.file); !added)
        fault(found.file, added.error().message);
    return std::move(out_);
  }

 private:
  struct Found {
    Warninglist list;
    fs::path file;
  };
  void fault(const fs::path& file, std::string reason) {
    out_.faults_.push_back({file, std::move(reason)});
  }

  Warninglists out_;
  std::map<std::string, Found, std::less<>> newest_;
  std::size_t files_ = 0;
};

Warninglists Warninglists::load(std::span<const fs::path> folders) {
  Loader loader;
  for (const auto& folder : folders) loader.take_folder(folder);
  return loader.finish();
}

Warninglists Warninglists::of_host(const fs::path& state_dir) {
  Loader loader;
  for (const auto& list : built_in_guard_lists())
    loader.take(parse_warninglist(list.json), fs::path("built-in") / list.name);
  for (const auto& folder : guard_folders(state_dir)) loader.take_folder(folder);
  return loader.finish();
}

Result<void> Warninglists::add(Warninglist list, const fs::path& file) {
  auto& all = *compiled_;
  const auto number = static_cast<std::uint32_t>(all.infos.size());
  const auto count = list.entries.size();
  if (list.type == WarninglistType::kSubstring || list.type == WarninglistType::kRegex) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(limits::kGuardPatternBytesMax);
    auto set = std::make_unique<RE2::Set>(options, RE2::UNANCHORED);
    for (const auto& entry : list.entries) set->Add(entry, nullptr);
    if (!set->Compile())
      return fail(ErrorCode::kLimit, "its patterns together are too large to compile");
    if (count > 0) all.patterns.push_back({number, std::move(set)});
  }
  CidrList ranges{number, {}, {}};
  for (auto& entry : list.entries) {
    if (list.type == WarninglistType::kString || list.type == WarninglistType::kCidr)
      if (const auto network = network_of(entry)) all.networks.emplace_back(*network, number);
    if (list.type == WarninglistType::kString) all.exact.add(std::move(entry), number);
    if (list.type == WarninglistType::kHostname) all.suffix.add(std::move(entry), number);
    if (list.type == WarninglistType::kCidr)
      if (const auto network = network_of(entry))
        (network->address.is_v4() ? ranges.v4 : ranges.v6).add(*network);
  }
  if (list.type == WarninglistType::kCidr) {
    ranges.v4.seal();
    ranges.v6.seal();
    all.cidrs.push_back(std::move(ranges));
  }
  all.value_types.push_back(list.value_types);
  all.infos.push_back(
      std::make_unique<Info>(Info{std::move(list.name), std::move(list.category), list.version,
                                  list.effect, list.type, count, list.skipped, file}));
  return {};
}

std::vector<Warninglists::Hit> Warninglists::hits(IndicatorType type,
                                                  std::string_view value) const {
  Compiled::Answer answer(*compiled_);
  compiled_->find_value(type, value, false, answer);
  compiled_->find_patterns(type, value, answer);
  if (type == IndicatorType::kUrl) {
    if (const auto url = normalise_url(value)) {
      const auto host_type = url->address ? IndicatorType::kIp : IndicatorType::kDomain;
      compiled_->find_value(host_type, url->host, true, answer);
    }
  }
  return std::move(answer).sorted();
}

std::vector<IpNetwork> Warninglists::networks(ListEffect least, std::size_t most) const {
  std::vector<IpNetwork> out;
  for (const auto& [network, list] : compiled_->networks) {
    if (out.size() >= most) break;
    if (compiled_->infos[list]->effect >= least && compiled_->applies(list, IndicatorType::kIp))
      out.push_back(network);
  }
  return out;
}

std::vector<Warninglists::Info> Warninglists::lists() const {
  std::vector<Info> out;
  for (const auto& info : compiled_->infos) out.push_back(*info);
  return out;
}

bool is_sinkhole(const Warninglists& lists, const IpAddress& address) {
  return std::ranges::any_of(lists.hits(IndicatorType::kIp, address.to_string()),
                             [](const Warninglists::Hit& hit) {
                               return hit.list->name.find("sinkhole") != std::string::npos;
                             });
}

}  // namespace tocsin
