// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/history_subjects.hpp"

#include <string_view>

#include "base/json_writer.hpp"
#include "base/limits.hpp"
#include "daemon/resolver_programs.hpp"

namespace tocsin {
namespace {

constexpr auto kForget = [](const auto&, const auto&) {};

bool is_final(const HashResult& hash) {
  return hash.digests || hash.miss != HashMiss::kNone;
}

void append_number(std::string& out, std::uint64_t number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out.append(text);
}

void append_digest(std::string& out, const HashResult& hash) {
  out.push_back(hash.digests ? '+' : '-');
  if (hash.digests) out.append(to_value(hash.digests->sha256));
}

std::uint64_t or_unknown(const std::optional<std::uint32_t>& id) {
  return id ? *id : UINT64_MAX;
}

// Everything that who-facts are made of; an ancestry by the parent and what the parent ran.
std::string who_key(const Subject& subject, const std::string& container) {
  const auto& exec = subject.image->exec;
  const auto* parent = subject.process->parent.get();
  std::string key;
  key.reserve(256);
  append_number(key, parent != nullptr ? parent->id.pid : 0);
  append_number(key, parent != nullptr ? parent->id.start_ns : 0);
  append_number(key, parent != nullptr && parent->image != nullptr
                         ? static_cast<std::uint64_t>(parent->image->exec.head.time_ns)
                         : 0);
  append_number(key, or_unknown(exec.uid));
  append_number(key, or_unknown(exec.login_uid));
  for (const auto* text : {&exec.path, &exec.filename, &exec.package, &exec.tty, &container})
    append_text(key, *text);
  append_digest(key, subject.image->hash);
  append_digest(key, subject.image->script_hash);
  return key;
}

}  // namespace

bool digests_final(const Image& image) {
  return !image.hash_pending && is_final(image.hash) &&
         (!image.exec.script || is_final(image.script_hash));
}

HistorySubject& HistorySubjects::of(const Subject& subject) {
  if (subject.process == nullptr || subject.image == nullptr) return unknown_;
  auto& entry = records_.get(subject.process->id, kForget);
  const bool same =
      !entry.image.owner_before(subject.image) && !subject.image.owner_before(entry.image);
  if (same && entry.final) return entry.record;
  const bool filed = same && entry.record.program_filed;
  entry.image = subject.image;
  entry.final = digests_final(*subject.image);
  fill(entry.record, subject);
  entry.record.program_filed = filed;
  return entry.record;
}

void HistorySubjects::fill(HistorySubject& record, const Subject& subject) {
  const auto& image = *subject.image;
  const auto& hash = image.exec.script ? image.script_hash : image.hash;
  const auto& path = image.exec.script ? image.exec.filename : image.exec.path;
  record = {};
  record.container = facts_.container_of(*subject.process);
  record.who = who_of(subject, record.container);
  record.hashed = hash.digests.has_value();
  record.resolver = is_resolver(image);
  record.content =
      std::make_shared<const std::string>(record.hashed ? to_value(hash.digests->sha256) : path);
}

Who HistorySubjects::who_of(const Subject& subject, const std::string& container) {
  auto& who = whos_.get(who_key(subject, container), kForget);
  if (who == nullptr) who = make_who(facts_json(subject, container));
  return who;
}

std::string HistorySubjects::facts_json(const Subject& subject, const std::string& container) {
  const auto& image = *subject.image;
  const auto& exec = image.exec;
  const auto now_s = clock_.boot_ns() / kNsPerSecond;
  std::string out;
  JsonWriter w(out);
  w.begin_object().member_if("path", exec.path);
  if (exec.script) w.member_if("script", exec.filename);
  if (image.hash.digests) w.member("sha256", image.hash.digests->sha256.hex());
  if (image.script_hash.digests) w.member("script_sha256", image.script_hash.digests->sha256.hex());
  w.member_if("package", exec.package);
  // A container has accounts of its own.
  const auto name_of = [&](std::uint32_t uid) {
    return container.empty() ? users_.name_of(uid, now_s) : std::string();
  };
  if (exec.uid) w.member_if("user", name_of(*exec.uid)).member("uid", *exec.uid);
  if (exec.login_uid)
    w.member_if("login_user", name_of(*exec.login_uid)).member("login_uid", *exec.login_uid);
  w.member_if("container", container).member_if("tty", exec.tty).member_array("lineage");
  const auto lineage = ProcessTable::lineage(subject.process, limits::kLineageDepthMax);
  for (std::size_t i = 1; i < lineage.size(); ++i) {
    w.begin_object();
    if (const auto* ancestor = lineage[i]->image.get()) {
      w.member_if("path", ancestor->exec.path);
      if (ancestor->exec.script) w.member_if("script", ancestor->exec.filename);
    }
    w.end();
  }
  w.end().end();
  return out;
}

}  // namespace tocsin
