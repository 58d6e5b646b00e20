// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/hash_service.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "hash/file_identity_check.hpp"
#include "hash/file_systems.hpp"

namespace tocsin {
namespace {

// Files above are "big": they wait for each other, not in front of others.
constexpr std::uint64_t kBigFromBytes = 4ULL * 1024 * 1024;

HashResult missed(HashMiss why, std::string detail) {
  HashResult result;
  result.miss = why;
  result.detail = std::move(detail);
  return result;
}

HashResult from_cache(const KnownContent& known) {
  HashResult result;
  result.digests = known.digests;
  result.rung = known.rung;
  result.cached = true;
  return result;
}

HashResult from_ima(const Sha256& sha256) {
  HashResult result;
  result.digests = FileDigests{sha256, std::nullopt, std::nullopt};
  result.rung = HashRung::kIma;
  return result;
}

bool is_script(const HashRequest& request) {
  return request.is_script();
}

}  // namespace

Result<std::unique_ptr<HashService>> HashService::create(HashServiceOptions options) {
  // Each lane makes a digester of its own; this one shows now what will fail then.
  TOCSIN_TRY(const auto digester, FileDigester::create());
  TOCSIN_TRY(auto outbox, HashOutbox::create());
  return std::unique_ptr<HashService>(
      new HashService(options, std::move(outbox), digester.available()));
}

HashService::HashService(HashServiceOptions options, std::shared_ptr<HashOutbox> outbox,
                         DigestNeeds available)
    : options_(options),
      available_(available),
      cache_(options.cache_entries_max),
      opener_(roots_),
      outbox_(std::move(outbox)) {
  for (auto& lane : lanes_) lane = std::make_unique<HashLane>(outbox_, options_.lane);
  set_needs(options_.needs);
}

HashService::~HashService() {
  for (auto& lane : lanes_) lane->request_stop();
}

DigestNeeds HashService::set_needs(DigestNeeds needs) {
  options_.needs = {needs.sha1 && available_.sha1, needs.md5 && available_.md5};
  return options_.needs;
}

// ---- A request: what is known, what another one asked for already, what must be read
// ---------------

HashService::Submitted HashService::submit(const HashRequest& request) {
  ++tally(request.kind).requests;
  HashKey key;
  const bool must_look =
      !is_script(request) && fs_magic::identity_may_be_stale(request.file.fs_magic);
  if (!is_script(request)) {
    if (request.file.ino == 0)
      return answer(request, missed(HashMiss::kUnknownFile, "the event does not tell the file"));
    key = HashKey::of_event(request.file, request.root);
    if (!must_look) {
      FoundFile as_told;
      as_told.file = request.file;
      if (auto known = known_or_shared(request, key, as_told)) return std::move(*known);
    }
  }

  const auto start = std::chrono::steady_clock::now();
  FoundFile found = opener_.find(request);
  counters_.ns_finding +=
      static_cast<std::uint64_t>((std::chrono::steady_clock::now() - start).count());
  if (!found.fd && found.later_root == nullptr)
    return answer(request, missed(found.miss, std::move(found.detail)));

  if (is_script(request) && found.fd) key = HashKey::of_script(found.file);
  // Its state is that of the event, or find() would not have taken it.
  if ((is_script(request) || must_look) && found.fd)
    if (auto known = known_or_shared(request, key, found)) return std::move(*known);
  return enqueue(request, key, std::move(found));
}

std::optional<HashService::Submitted> HashService::known_or_shared(const HashRequest& request,
                                                                   const HashKey& key,
                                                                   const FoundFile& found) {
  if (auto known = answer_at_once(request, found.file, key)) {
    known->script = found.script;
    return answer(request, std::move(*known));
  }
  return join(request, key, found.script);
}

std::optional<HashResult> HashService::answer_at_once(const HashRequest& request,
                                                      const FileIdentity& file,
                                                      const HashKey& key) {
  if (file.mode != 0 && !S_ISREG(file.mode))
    return missed(HashMiss::kNotRegular, "not a regular file");
  const auto needs = needs_of(request);
  if (const auto ima = ima_of(request); ima && ima->is_final && needs == DigestNeeds{}) {
    HashResult result = from_ima(ima->sha256);
    if (identity_is_enough(request, file)) cache_.insert(key, {*result.digests, result.rung});
    return result;
  }
  if (identity_is_enough(request, file)) {
    if (const auto* known = cache_.find(key, needs)) return from_cache(*known);
  }
  if (file.size > options_.max_bytes)
    return missed(HashMiss::kTooLarge, std::to_string(file.size) + " bytes, the limit is " +
                                           std::to_string(options_.max_bytes));
  return std::nullopt;
}

// Does equal identity mean equal content, on this kind of file system?
bool HashService::times_tell(std::uint64_t magic) {
  return fs_magic::identity_trusted(magic) &&
         (!fs_magic::is_memory(magic) || mmap_times_.memory_files_tell());
}

bool HashService::identity_is_enough(const HashRequest& request, const FileIdentity& file) {
  if (changed_around(file, request.exec_time_ns)) return false;
  // A script's file system is not known before it is opened; one with a device of its own is local.
  if (is_script(request)) return !is_anonymous_dev(file.dev);
  return times_tell(file.fs_magic);
}

std::optional<HashService::Submitted> HashService::join(const HashRequest& request,
                                                        const HashKey& key, FoundScript script) {
  const auto shared = shareable_.find(key);
  if (shared == shareable_.end() || tickets_ >= options_.tickets_max) return std::nullopt;
  auto& job = in_flight_.at(shared->second);
  const auto needs = needs_of(request);
  if ((needs.sha1 && !job.needs.sha1) || (needs.md5 && !job.needs.md5)) return std::nullopt;
  const auto& file = request.file;
  if (changed_around(is_script(request) ? FileIdentity{.ctime_ns = key.ctime_ns} : file,
                     request.exec_time_ns))
    return std::nullopt;
  ++tickets_;
  job.waiting.push_back({++last_ticket_, request.kind, request.memfd, request.unlinked,
                         ima_of(request), std::move(script)});
  return Submitted{std::nullopt, last_ticket_};
}

HashService::Submitted HashService::enqueue(const HashRequest& request, const HashKey& key,
                                            FoundFile found) {
  if (in_flight_.size() >= options_.queue_max || tickets_ >= options_.tickets_max)
    return answer(request, missed(HashMiss::kQueueFull,
                                  std::to_string(in_flight_.size()) + " files wait to be read"));
  HashJob job;
  job.id = ++last_job_;
  job.request = request;
  job.needs = needs_of(request);
  job.max_bytes = options_.max_bytes;
  job.times_tell = is_script(request) || times_tell(request.file.fs_magic) ||
                   !fs_magic::is_memory(request.file.fs_magic);
  const auto lane = lane_of(request, found);

  InFlight record;
  record.key = key;
  record.needs = job.needs;
  record.script = is_script(request);
  record.shareable = found.fd && job.times_tell && !found.unlinked_since &&
                     shareable_.try_emplace(key, job.id).second;
  record.waiting.push_back({++last_ticket_, request.kind, request.memfd, request.unlinked,
                            ima_of(request), found.script});
  ++tickets_;
  in_flight_.emplace(job.id, std::move(record));
  job.found = std::move(found);
  lanes_[lane]->push(std::move(job));
  return {std::nullopt, last_ticket_};
}

HashService::Lane HashService::lane_of(const HashRequest& request, const FoundFile& found) {
  const auto size = is_script(request) ? found.file.size : request.file.size;
  const bool local = found.fd && (is_script(request) ? !is_anonymous_dev(found.file.dev)
                                                     : fs_magic::is_local(request.file.fs_magic));
  if (local) return size < kBigFromBytes ? kLocalSmall : kLocalBig;
  return size < kBigFromBytes ? kDoubtfulSmall : kDoubtfulBig;
}

// ---- Results
// ----------------------------------------------------------------------------------------

void HashService::drain(
    const std::function<void(std::uint64_t ticket, HashResult result)>& on_result) {
  for (auto& outcome : outbox_->take()) {
    auto node = in_flight_.extract(outcome.id);
    if (node.empty()) continue;
    const InFlight job = std::move(node.mapped());
    tickets_ -= job.waiting.size();
    settle(outcome, job);
    tally(job.waiting.front().kind).shared += job.waiting.size() - 1;
    for (const auto& waiting : job.waiting) {
      HashResult result = outcome.result;
      prefer_ima(waiting.ima, result);
      count(waiting, result);
      if (waiting.script.ctime_ns != 0) result.script = waiting.script;
      on_result(waiting.ticket, std::move(result));
    }
  }
}

void HashService::settle(const HashOutcome& outcome, const InFlight& job) {
  if (job.shareable) shareable_.erase(job.key);
  counters_.bytes_read += outcome.bytes_read;
  counters_.reading.add(outcome.took_ns);
  if (!outcome.result.digests) return;
  ++counters_.files_read;
  if (!outcome.rememberable || !times_tell(outcome.fs_magic)) return;
  if (job.script && is_anonymous_dev(outcome.file.dev)) return;
  const auto contradicts = [&](const Waiting& waiting) {
    return waiting.ima && waiting.ima->sha256 != outcome.result.digests->sha256;
  };
  if (std::ranges::any_of(job.waiting, contradicts)) return;
  cache_.insert(job.script ? HashKey::of_script(outcome.file) : job.key,
                {*outcome.result.digests, outcome.result.rung});
}

HashService::Submitted HashService::answer(const HashRequest& request, HashResult result) {
  prefer_ima(ima_of(request), result);
  count({0, request.kind, request.memfd, request.unlinked, std::nullopt, {}}, result);
  return {std::move(result), 0};
}

std::optional<HashService::ImaDigest> HashService::ima_of(const HashRequest& request) {
  if (!request.ima_sha256) return std::nullopt;
  return ImaDigest{*request.ima_sha256, fs_magic::identity_trusted(request.file.fs_magic)};
}

// The kernel hashed the very file before it ran: nothing that was read afterwards outweighs that,
// unless the digest may be one that the kernel remembered of an older content.
void HashService::prefer_ima(const std::optional<ImaDigest>& ima, HashResult& result) {
  if (!ima) return;
  if (result.digests && result.digests->sha256 == ima->sha256) {
    if (ima->is_final) result.doubt.clear();
    result.rung = HashRung::kIma;
    return;
  }
  if (result.digests) ++counters_.ima_differs;
  if (result.digests && !ima->is_final) return;
  result = from_ima(ima->sha256);
  if (!ima->is_final)
    result.doubt = "the kernel's digest, of a file system that can change files unseen";
}

HashTally& HashService::tally(HashRequest::Kind kind) {
  switch (kind) {
    case HashRequest::Kind::kScript:
      return counters_.scripts;
    case HashRequest::Kind::kArgument:
      return arguments_;
    case HashRequest::Kind::kModule:
      return counters_.modules;
    case HashRequest::Kind::kExecutable:
      break;
  }
  return counters_.executables;
}

DigestNeeds HashService::needs_of(const HashRequest& request) const {
  return {options_.needs.sha1 || (request.needs.sha1 && available_.sha1),
          options_.needs.md5 || (request.needs.md5 && available_.md5)};
}

void HashService::count(const Waiting& request, const HashResult& result) {
  auto& tally = this->tally(request.kind);
  if (result.digests) {
    ++tally.hashed;
    ++tally.by_rung[static_cast<std::size_t>(result.rung)];
    tally.cached += result.cached ? 1 : 0;
    tally.doubted += result.doubt.empty() ? 0 : 1;
    return;
  }
  ++tally.missed;
  ++tally.by_miss[static_cast<std::size_t>(result.miss)];
  if (result.miss != HashMiss::kGone) return;
  ++(request.memfd ? tally.gone_memfd : request.unlinked ? tally.gone_unlinked : tally.gone_other);
}

// ---- The cache over restarts
// ----------------------------------------------------------------------

Result<HashCacheLoad> HashService::load_cache(const std::string& path) {
  saver_.set_path(path);
  auto load = load_hash_cache(path, cache_);
  saver_.mark_saved(cache_.changes());
  return load;
}

Result<void> HashService::save_cache() {
  return saver_.save(cache_);
}
void HashService::save_cache_soon() {
  saver_.save_soon(cache_);
}
std::optional<Error> HashService::take_save_error() {
  return saver_.take_error();
}

void HashService::maintain() {
  for (auto& lane : lanes_) lane->replace_if_stuck();
}

HashCounters HashService::counters() const {
  HashCounters out = counters_;
  out.queued = in_flight_.size();
  for (const auto& lane : lanes_) out.threads_left_behind += lane->left_behind();
  out.cache_entries = cache_.size();
  out.cache_evicted = cache_.evicted();
  out.roots_evicted = roots_.evicted();
  return out;
}

}  // namespace tocsin
