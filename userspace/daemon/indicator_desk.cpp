// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/indicator_desk.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "daemon/indicator_json.hpp"

namespace tocsin {

using Json = nlohmann::json;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOwnFolder = "iocs";
constexpr std::string_view kFeedFolder = "feeds";

// A passed memory file that was checked to be sealed: it stays as it is while it is mapped.
class SealedView {
 public:
  static Result<SealedView> open(const Fd& content) {
    struct stat st {};
    if (fstat(content.get(), &st) != 0) return fail_errno("reading the set", errno);
    SealedView out;
    out.size_ = static_cast<std::size_t>(st.st_size);
    if (out.size_ == 0) return out;
    out.data_ = mmap(nullptr, out.size_, PROT_READ, MAP_PRIVATE, content.get(), 0);
    if (out.data_ == MAP_FAILED) return fail_errno("mapping the set", errno);
    return out;
  }
  SealedView(SealedView&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  SealedView& operator=(SealedView&&) = delete;
  ~SealedView() {
    if (data_ != nullptr && data_ != MAP_FAILED) munmap(data_, size_);
  }
  [[nodiscard]] std::string_view text() const { return {static_cast<const char*>(data_), size_}; }

 private:
  SealedView() = default;
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

// Of what a site exempted, each line counts: one that is refused goes on to raise alarms.
std::string fault_of(const SetFileStatus& file) {
  const auto& refusals = file.summary.refusals;
  if (!file.error.empty() || refusals.empty() || !Exemptions::is_file_name(file.path))
    return file.error;
  return fmt::format("{} exemptions are refused, the first in line {}: {}", file.summary.refused,
                     refusals.front().line, refusals.front().reason);
}

bool same_folder(const fs::path& a, const fs::path& b) {
  return a.lexically_normal() / "" == b.lexically_normal() / "";
}

}  // namespace

IndicatorDesk::IndicatorDesk(const Clock& clock, IndicatorStore store, const Options& options)
    : clock_(clock),
      store_(std::move(store)),
      own_(options.state_dir / kOwnFolder),
      feeds_(options.state_dir / kFeedFolder) {}

Result<std::unique_ptr<IndicatorDesk>> IndicatorDesk::open(const Clock& clock, Options options) {
  // Made now: a folder that is not there cannot be watched.
  for (const auto name : {kOwnFolder, kFeedFolder}) {
    const auto folder = options.state_dir / name;
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return fail(ErrorCode::kIo, fmt::format("{}: {}", folder.string(), error.message()));
    const auto same = [&](const auto& path) { return same_folder(path, folder); };
    if (std::ranges::none_of(options.paths, same)) options.paths.push_back(folder);
  }
  for (const auto& path : options.paths) {
    std::error_code ignored;
    if (!fs::exists(path, ignored)) spdlog::info("{}: not there yet", path.string());
  }
  TOCSIN_TRY(auto store, IndicatorStore::create(options.paths));
  if (auto loaded = store.reload(clock.wall_ns()); !loaded)
    return std::unexpected(std::move(loaded).error().with_context("loading indicators"));
  for (const auto& file : store.files()) {
    for (const auto& refusal : file.summary.refusals)
      spdlog::warn("{}", to_string(refusal, file.path.string()));
    if (!file.error.empty()) spdlog::error("{}: {}", file.path.string(), file.error);
  }
  if (store.current()->size() == 0)
    spdlog::warn(
        "no indicators are loaded: nothing can match; put sets into one of indicators.paths");
  return std::unique_ptr<IndicatorDesk>(new IndicatorDesk(clock, std::move(store), options));
}

Result<void> IndicatorDesk::watch(EventLoop& loop, Callbacks callbacks) {
  callbacks_ = std::move(callbacks);
  TOCSIN_TRY(worker_, Worker::start(loop));
  TOCSIN_TRY(watch_,
             IndicatorWatch::start({loop, clock_, [this] { reload("indicator files changed"); }},
                                   store_.watch_paths()));
  for (const auto& folder : watch_->blind())
    spdlog::warn("changes will not be noticed: {}", folder);
  tell_new_troubles();
  return {};
}

void IndicatorDesk::look_again() {
  watch_->look_again();
}

void IndicatorDesk::reload(const std::string& why, control::Done done) {
  why_ = why;
  next_.push_back({nullptr, std::move(done)});
  if (!loading_) begin_load();
}

void IndicatorDesk::begin_load() {
  loading_ = true;
  current_ = std::exchange(next_, {});
  // What happened up to now is read by this load.
  watch_->forget_past();
  worker_->submit([this, now = clock_.wall_ns()]() -> Worker::OnLoop {
    auto prepared = std::make_shared<Result<IndicatorStore::Prepared>>(store_.prepare(now));
    return [this, prepared] { end_load(std::move(*prepared)); };
  });
}

void IndicatorDesk::end_load(Result<IndicatorStore::Prepared> prepared) {
  loading_ = false;
  auto waiting = std::exchange(current_, {});
  if (prepared) {
    store_.adopt(std::move(*prepared));
    spdlog::info("{}: {} indicators active", why_, store_.current()->size());
    tell_new_troubles();
    callbacks_.on_swapped();
  } else {
    spdlog::error("{}: {}; the old indicators stay active", why_, prepared.error().message);
    callbacks_.on_trouble("indicators were not reloaded: " + prepared.error().message);
  }
  for (auto& [answer, done] : waiting) {
    if (!done) continue;
    if (!prepared) {
      done(fail(prepared.error().code, prepared.error().message));
    } else {
      if (!answer.is_null()) answer["total"] = store_.current()->size();
      done(answer.is_null() ? loaded_json() : std::move(answer));
    }
  }
  if (!next_.empty() && !loading_) begin_load();
}

// Each fault of a file once, and again after it was well in between.
void IndicatorDesk::tell_new_troubles() {
  std::map<std::string, std::string> now;
  for (const auto& file : store_.files()) {
    const auto fault = fault_of(file);
    if (fault.empty()) continue;
    const auto path = file.path.string();
    now[path] = fault;
    if (const auto it = told_.find(path); it != told_.end() && it->second == fault) continue;
    spdlog::error("{}: {}", path, fault);
    callbacks_.on_trouble(fmt::format("indicator file {}: {}{}", path, fault,
                                      file.kept_old ? "; its old content stays active" : ""));
  }
  told_ = std::move(now);
}

std::vector<std::string> IndicatorDesk::troubles() const {
  std::vector<std::string> out = watch_ ? watch_->blind() : std::vector<std::string>();
  for (const auto& [path, error] : told_) out.push_back(path + ": " + error);
  return out;
}

Json IndicatorDesk::loaded_json() const {
  std::uint64_t refused = 0;
  Json errors = Json::array();
  for (const auto& file : store_.files()) {
    refused += file.summary.refused;
    if (!file.error.empty())
      errors.push_back(fmt::format("{}: {}", file.path.string(), file.error));
  }
  const auto sets = std::ranges::count(store_.files(), 0U, &SetFileStatus::exempts);
  return {{"sets", sets},
          {"total", store_.current()->size()},
          {"refused", refused},
          {"errors", std::move(errors)}};
}

void IndicatorDesk::change_then_reload(Change change, control::Done done) {
  worker_->submit(
      [this, change = std::move(change), done = std::move(done)]() mutable -> Worker::OnLoop {
        auto result = std::make_shared<Result<Json>>(change());
        return [this, result, done = std::move(done)]() mutable {
          if (!*result) return done(std::move(*result));
          why_ = "a set was changed";
          next_.push_back({std::move(**result), std::move(done)});
          if (!loading_) begin_load();
        };
      });
}

// One name is one set: what a person put into a folder by hand, or another kind of set, is not
// overwritten or doubled by an import.
Result<void> IndicatorDesk::check_owner(std::string_view set, bool feed) const {
  const auto own = (feed ? feeds_ : own_).path_of(set);
  for (const auto& file : store_.files())
    if (file.summary.meta.set == set && file.path != own)
      return fail(ErrorCode::kInvalidInput,
                  fmt::format("a set of that name is loaded from {}; take another name",
                              file.path.string()));
  return {};
}

void IndicatorDesk::import_set(control::ImportRequest request, control::Done done) {
  if (auto owned = check_owner(request.set, request.feed); !owned)
    return done(std::unexpected(std::move(owned).error()));
  auto change = [this, request = std::move(request)]() -> Result<Json> {
    TOCSIN_TRY(const auto view, SealedView::open(request.content));
    const auto& folder = request.feed ? feeds_ : own_;
    TOCSIN_TRY(const auto outcome, folder.import(request.set, view.text(), store_.guard(),
                                                 {.may_shrink = request.may_shrink}));
    return outcome_json(outcome);
  };
  change_then_reload(std::move(change), std::move(done));
}

void IndicatorDesk::remove_set(const std::string& set, control::Done done) {
  for (const auto& file : store_.files())
    if (file.summary.meta.set == set && file.path != own_.path_of(set) &&
        file.path != feeds_.path_of(set))
      return done(fail(ErrorCode::kInvalidInput,
                       fmt::format("{} is not one of the sets that tocsin keeps: remove the file",
                                   file.path.string())));
  auto change = [this, set]() -> Result<Json> {
    auto removed = own_.remove(set);
    if (!removed && removed.error().code == ErrorCode::kNotFound) removed = feeds_.remove(set);
    if (!removed) return std::unexpected(std::move(removed).error());
    return Json{{"set", set}, {"removed", true}};
  };
  change_then_reload(std::move(change), std::move(done));
}

void IndicatorDesk::roll_back_feed(const std::string& set, control::Done done) {
  auto change = [this, set]() -> Result<Json> {
    TOCSIN_TRY(const auto outcome, feeds_.roll_back(set, store_.guard()));
    return outcome_json(outcome);
  };
  change_then_reload(std::move(change), std::move(done));
}

Result<control::ItemSource> IndicatorDesk::export_rows(std::string_view set) const {
  const auto named = [&](const SetFileStatus& file) { return file.summary.meta.set == set; };
  const bool compiled = std::ranges::any_of(store_.files(), &SetFileStatus::compiled);
  if (!set.empty() && !compiled && std::ranges::none_of(store_.files(), named))
    return fail(ErrorCode::kNotFound, fmt::format("no set {} is loaded", set));
  return row_items(store_.current(), std::string(set));
}

Result<control::ItemSource> IndicatorDesk::review_rows(std::string_view set) const {
  std::vector<fs::path> files;
  for (const auto& file : store_.files())
    if (!file.compiled && file.summary.review > 0 && (set.empty() || file.summary.meta.set == set))
      files.push_back(file.path);
  return review_items(std::move(files), store_.guard());
}

control::ItemSource IndicatorDesk::domains(std::vector<std::string> exclude) const {
  return domain_items(store_.current(), std::move(exclude), clock_.wall_ns());
}

}  // namespace tocsin
