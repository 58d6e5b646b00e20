// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/store.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <set>

#include "base/limits.hpp"
#include "indicators/index_builder.hpp"

namespace tocsin {
namespace {

namespace fs = std::filesystem;

bool is_set_file_name(const fs::path& path) {
  const auto extension = path.extension();
  return !path.filename().string().starts_with('.') &&
         (extension == ".ioc" || extension == ".csv" || extension == ".iocx" ||
          extension == ".exempt");
}

bool begins_with_magic(const fs::path& path) {
  std::array<char, 8> head{};
  std::ifstream in(path, std::ios::binary);
  in.read(head.data(), head.size());
  return IndexImage::has_magic(
      std::as_bytes(std::span(head).first(static_cast<std::size_t>(in.gcount()))));
}

}  // namespace

struct IndicatorStore::Loading {
  IndexBuilder builder;
  std::vector<SetFileStatus> files;
  std::vector<Origin> origins;  // text files get their image once it is built
  std::vector<std::pair<std::size_t, std::uint32_t>> text_files;  // row of files, builder's file
  std::uint64_t over_limit = 0;
  Exemptions exemptions;

  Result<void> add(SetFileStatus& status, std::uint32_t file, const SetMeta& meta,
                   const IndicatorRow& row) {
    if (!exemptions.covers(row)) return builder.add(file, meta, row);
    ++status.exempted;
    return {};
  }
};

Result<IndicatorStore> IndicatorStore::create(std::vector<fs::path> paths) {
  TOCSIN_TRY(auto guard, Guard::load());
  return IndicatorStore(std::move(paths), std::move(guard));
}

std::vector<fs::path> IndicatorStore::list_files(Loading& loading) const {
  std::vector<fs::path> out;
  std::set<std::pair<dev_t, ino_t>> seen;  // a file reached twice is one file
  const auto take = [&](const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && !seen.emplace(status.st_dev, status.st_ino).second)
      return;
    if (out.size() < limits::kIndicatorFilesMax)
      out.push_back(path);
    else
      ++loading.over_limit;
  };
  for (const auto& path : paths_) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      // A folder that is not there holds no sets, and may be made later; a file that was named
      // should be there.
      if (is_set_file_name(path) || fs::exists(path, error)) take(path);
      continue;
    }
    std::vector<fs::path> inside;
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
      if (is_set_file_name(it->path())) inside.push_back(it->path());
    if (error) {
      // What the folder held stays watched for: its files are named again and fail one by one.
      for (const auto& origin : origins_)
        if (origin.path.parent_path() == path) inside.push_back(origin.path);
      for (const auto& exempt : exemptions_.files())
        if (exempt.parent_path() == path) inside.push_back(exempt);
      SetFileStatus folder;
      folder.path = path;
      folder.error = "listing the folder: " + error.message();
      loading.files.push_back(std::move(folder));
    }
    std::ranges::sort(inside);
    for (const auto& file : inside) take(file);
  }
  return out;
}

void IndicatorStore::keep_old(SetFileStatus& status, Loading& loading) const {
  const auto origin = std::ranges::find(origins_, status.path, &Origin::path);
  if (origin == origins_.end()) return;
  status.kept_old = true;
  if (origin->compiled) {
    loading.origins.push_back(*origin);
    return;
  }
  const auto names = origin->image->files();
  const auto file = loading.builder.add_file(names.at(origin->file).name);
  std::uint64_t lost = 0;
  origin->image->for_each([&](std::uint32_t from, const SetMeta& meta, const IndicatorRow& row) {
    if (from == origin->file && !loading.add(status, file, meta, row)) ++lost;
  });
  if (lost != 0) status.error += fmt::format("; {} of its old rows did not fit", lost);
  loading.origins.push_back({status.path, nullptr, file, false});
}

void IndicatorStore::load_text(SetFileStatus& status, WallNs now, Loading& loading) const {
  const auto name = status.path.filename().string();
  const auto file = loading.builder.add_file(name);
  auto read = read_set_file(status.path, {.file_name = name, .now_ns = now, .guard = &guard_},
                            [&](const SetMeta& meta, const IndicatorRow& row) {
                              return loading.add(status, file, meta, row);
                            });
  if (!read) {
    status.error = std::move(read).error().message;
    return keep_old(status, loading);
  }
  status.summary = std::move(*read);
  loading.builder.set_file_bytes(file, status.summary.bytes);
  status.error = status.summary.error;
  if (status.error.empty() && status.summary.refused != 0 && status.summary.review == 0 &&
      status.summary.accepted_total() == 0)
    status.error = "no line of the file could be taken";
  if (!status.error.empty()) return keep_old(status, loading);
  loading.text_files.emplace_back(loading.files.size(), file);
  loading.origins.push_back({status.path, nullptr, file, false});
}

void IndicatorStore::load_exemptions(const fs::path& path, WallNs now, Loading& loading) const {
  SetFileStatus status;
  status.path = path;
  if (auto read = loading.exemptions.add_file(path, now)) {
    status.summary = std::move(*read);
    status.error = status.summary.error;
    status.exempts = status.error.empty() ? status.summary.accepted_total() : 0;
    status.summary.accepted = {};
  } else {
    status.error = std::move(read).error().message;
  }
  if (!status.error.empty()) {
    const auto kept = loading.exemptions.keep_old(exemptions_, path, now);
    status.kept_old = kept.has_value();
    status.exempts = kept ? kept->rows : 0;
    if (kept && kept->lost != 0)
      status.error += fmt::format("; {} of its old rows did not fit", kept->lost);
  }
  loading.files.push_back(std::move(status));
}

void IndicatorStore::load_compiled(SetFileStatus& status, Loading& loading) const {
  status.compiled = true;
  auto image = IndexImage::open_file(status.path, IndexImage::Verify::kFull);
  if (!image) {
    status.error = std::move(image).error().message;
    return keep_old(status, loading);
  }
  status.summary.accepted = image->counts();
  status.summary.bytes = image->bytes();
  loading.origins.push_back(
      {status.path, std::make_shared<const IndexImage>(std::move(*image)), 0, true});
}

void IndicatorStore::load_file(const fs::path& path, WallNs now, Loading& loading) const {
  SetFileStatus status;
  status.path = path;
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    status.mtime_ns = info.st_mtim.tv_sec * kNsPerSecond + info.st_mtim.tv_nsec;
    if (S_ISREG(info.st_mode) && begins_with_magic(path))
      load_compiled(status, loading);
    else
      load_text(status, now, loading);
  } else {
    status.error = fail_errno("opening " + path.string(), errno).error().message;
    keep_old(status, loading);
  }
  loading.files.push_back(std::move(status));
}

Result<IndicatorStore::Prepared> IndicatorStore::prepare(WallNs now) const {
  Loading loading;
  const auto paths = list_files(loading);
  for (const auto& path : paths)
    if (Exemptions::is_file_name(path)) load_exemptions(path, now, loading);
  for (const auto& path : paths)
    if (!Exemptions::is_file_name(path)) load_file(path, now, loading);
  TOCSIN_TRY(auto built, loading.builder.build());
  for (const auto& [row, file] : loading.text_files)
    loading.files[row].duplicates = built.duplicates[file];
  auto owner = std::make_shared<const std::vector<std::byte>>(std::move(built.image));
  // Our own image: its head is checked, the rest was written a moment ago.
  TOCSIN_TRY(auto image, IndexImage::open(owner, *owner, IndexImage::Verify::kHead));
  const auto text = std::make_shared<const IndexImage>(std::move(image));
  std::vector<Index::Image> images;
  if (text->records() != 0) images.push_back(text);
  for (auto& origin : loading.origins) {
    if (origin.compiled)
      images.push_back(origin.image);
    else
      origin.image = text;
  }
  Prepared out;
  out.index = std::make_shared<const Index>(std::move(images));
  out.origins = std::move(loading.origins);
  out.files = std::move(loading.files);
  out.exemptions = std::move(loading.exemptions);
  out.files_over_limit = loading.over_limit;
  return out;
}

void IndicatorStore::adopt(Prepared prepared) {
  index_ = std::move(prepared.index);
  origins_ = std::move(prepared.origins);
  files_ = std::move(prepared.files);
  exemptions_ = std::move(prepared.exemptions);
  files_over_limit_ = prepared.files_over_limit;
}

Result<void> IndicatorStore::reload(WallNs now) {
  TOCSIN_TRY(auto prepared, prepare(now));
  adopt(std::move(prepared));
  return {};
}

std::vector<fs::path> IndicatorStore::watch_paths() const {
  std::vector<fs::path> out;
  const auto add = [&](const fs::path& folder) {
    const auto named = folder.empty() ? fs::path(".") : folder;
    if (std::ranges::find(out, named) == out.end()) out.push_back(named);
  };
  for (const auto& path : paths_) {
    std::error_code error;
    const bool folder = fs::is_directory(path, error);
    // What is not there yet may become either.
    if (folder || !fs::exists(path, error)) add(path);
    if (!folder) add(path.parent_path());
  }
  return out;
}

}  // namespace tocsin
