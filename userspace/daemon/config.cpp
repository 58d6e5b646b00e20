// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/config.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <tuple>

#include "base/path_below.hpp"
#include "base/text.hpp"
#include "daemon/config_keys.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kFileBytesMax = 1024 * 1024;  // larger: the file is refused
// Syntax errors looked for in one file: behind this many it is hardly a configuration.
constexpr std::size_t kSyntaxFaultsMax = 8;

ConfigValue value_of(const toml::node& node) {
  if (const auto* v = node.as_string()) return v->get();
  if (const auto* v = node.as_integer()) return v->get();
  if (const auto* v = node.as_floating_point()) return v->get();
  if (const auto* v = node.as_boolean()) return v->get();
  if (const auto* array = node.as_array()) {
    std::vector<std::string> list;
    for (const toml::node& entry : *array) {
      const auto* text = entry.as_string();
      if (text == nullptr) return ConfigOther{"a list with other things than texts"};
      list.push_back(text->get());
    }
    return list;
  }
  return ConfigOther{node.is_table() ? "a section" : "a date or time"};
}

std::string unknown_name(std::string_view what, std::string_view name) {
  std::string reason = fmt::format("no such {}", what);
  if (const std::string near = nearest_config_name(name); !near.empty())
    reason += fmt::format("; did you mean {}?", near);
  return reason;
}

// Walks a parsed file and stores what it finds.
class TableReader {
 public:
  TableReader(const std::string& file, ConfigLoad& load) : file_(file), load_(load) {}

  void read(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      const ConfigKey* known = find_config_key(name);
      if (known != nullptr) {
        set(*known, node);
      } else if (const auto* section = node.as_table()) {
        if (is_config_section(name)) {
          read(*section, name + '.');
        } else {
          fault(key.source(), name, unknown_name("section", name));
        }
      } else if (is_config_section(name)) {
        fault(key.source(), name, fmt::format("is a section: write [{}] and its keys below", name));
      } else {
        fault(key.source(), name, unknown_name("key", name));
      }
    }
  }

 private:
  void set(const ConfigKey& key, const toml::node& node) {
    const auto stored = set_config_value(load_.config, key, value_of(node));
    const std::string name(key.name);
    if (stored) {
      load_.config.origins[name] = {file_, node.source().begin.line};
    } else {
      fault(node.source(), name, stored.error());
    }
  }

  void fault(const toml::source_region& at, const std::string& key, std::string reason) {
    load_.faults.push_back(
        {file_, at.begin.line, at.begin.column, printable(key, 128), std::move(reason)});
  }

  const std::string& file_;
  ConfigLoad& load_;
};

// Blanks the line of a syntax error, so that the rest can be read for more; with a broken section
// head everything up to the next head goes, or its keys would land in the section before.
void blank_out(std::string& text, std::uint32_t line) {
  std::size_t begin = 0;
  for (std::uint32_t n = 1; n < line && begin != std::string::npos; ++n) {
    begin = text.find('\n', begin);
    if (begin != std::string::npos) ++begin;
  }
  if (begin == std::string::npos || begin >= text.size()) return;
  std::size_t end = std::min(text.find('\n', begin), text.size());
  if (trim(std::string_view(text).substr(begin, end - begin)).starts_with('['))
    end = std::min(text.find("\n[", end), text.size());
  for (std::size_t i = begin; i < end; ++i)
    if (text[i] != '\n') text[i] = ' ';
}

void sort_by_place(std::vector<ConfigFault>& faults, std::size_t first) {
  std::sort(faults.begin() + static_cast<std::ptrdiff_t>(first), faults.end(),
            [](const ConfigFault& a, const ConfigFault& b) {
              return std::tie(a.line, a.column, a.key) < std::tie(b.line, b.column, b.key);
            });
}

// The option's value: a key that wants a text takes any text as it is, others need TOML.
std::expected<ConfigValue, std::string> option_value(const std::string& text, bool wants_text) {
  try {
    const toml::table table = toml::parse("value = " + text);
    const toml::node* node = table.get("value");
    if (table.size() != 1 || node == nullptr) return std::unexpected("is more than one value");
    ConfigValue value = value_of(*node);
    if (wants_text && !std::holds_alternative<std::string>(value) &&
        !std::holds_alternative<std::vector<std::string>>(value))
      return text;
    return value;
  } catch (const toml::parse_error& error) {
    // Quotes and brackets say that TOML was meant; all else is a bare word.
    if (text.find_first_of("\"'[{\n") == 0)
      return std::unexpected(fmt::format("is not valid TOML: {}", error.description()));
    return text;
  }
}

void make_absolute(std::string& path) {
  std::error_code error;
  auto absolute = std::filesystem::absolute(path, error);
  if (!error && !path.empty()) path = absolute.lexically_normal().string();
}

std::optional<std::string> read_file(const std::string& path, ConfigLoad& load) {
  std::ifstream in(path, std::ios::binary);
  const int open_errno = errno;
  if (!in) {
    load.faults.push_back({path, 0, 0, "", std::generic_category().message(open_errno)});
    return std::nullopt;
  }
  std::string text(kFileBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) {
    load.faults.push_back({path, 0, 0, "", "cannot be read"});
    return std::nullopt;
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kFileBytesMax) {
    load.faults.push_back({path, 0, 0, "", fmt::format("larger than {} bytes", kFileBytesMax)});
    return std::nullopt;
  }
  return text;
}

std::vector<std::string> dropins(const std::string& dir, bool must_exist, ConfigLoad& load) {
  std::vector<std::string> files;
  std::error_code error;
  std::filesystem::directory_iterator entries(dir, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error))
    if (entries->path().extension() == ".toml") files.push_back(entries->path().string());
  if (error && (must_exist || error != std::errc::no_such_file_or_directory))
    load.faults.push_back({dir, 0, 0, "", error.message()});
  std::ranges::sort(files);
  return files;
}

}  // namespace

std::string ConfigOrigin::to_string() const {
  return line == 0 ? file : fmt::format("{}:{}", file, line);
}

std::string ConfigFault::to_string() const {
  std::string out = file;
  if (line != 0) out += fmt::format(":{}:{}", line, column);
  if (!key.empty()) out += fmt::format(": {}", key);
  return out + fmt::format(": {}", reason);
}

void apply_config_text(std::string_view text, const std::string& file, ConfigLoad& load) {
  const std::size_t first_fault = load.faults.size();
  std::string rest(text);
  for (std::size_t tries = 0; tries < kSyntaxFaultsMax; ++tries) {
    try {
      const toml::table table = toml::parse(rest);
      TableReader(file, load).read(table, "");
      break;
    } catch (const toml::parse_error& error) {
      const auto at = error.source().begin;
      const bool same_place =
          load.faults.size() > first_fault && load.faults.back().line == at.line;
      if (same_place) break;  // blanking did not help: nothing more can be learnt
      load.faults.push_back({file, at.line, at.column, "", printable(error.description(), 512)});
      blank_out(rest, at.line);
    }
  }
  sort_by_place(load.faults, first_fault);
}

void apply_config_override(const std::string& option, ConfigLoad& load) {
  const std::string shown = fmt::format("-o {}", printable(option, 256));
  const auto refuse = [&](std::string_view key, std::string reason) {
    load.faults.push_back({shown, 0, 0, std::string(key), std::move(reason)});
  };
  const auto equals = option.find('=');
  if (equals == std::string::npos) return refuse("", "must read section.key=value");
  const std::string name(trim(option.substr(0, equals)));
  const std::string text(trim(option.substr(equals + 1)));
  const ConfigKey* key = find_config_key(name);
  if (key == nullptr) return refuse("", unknown_name("key", name));

  const ConfigSlot slot = key->slot(load.config);
  const bool list = std::holds_alternative<std::vector<std::string>*>(slot);
  const bool wants_text = list || std::holds_alternative<std::string*>(slot);
  auto value = option_value(text, wants_text);
  if (!value) return refuse(name, value.error());
  if (auto* single = std::get_if<std::string>(&*value); single != nullptr && list)
    *value = std::vector<std::string>{*single};
  if (key->rule == TextRule::kAbsolutePath || key->rule == TextRule::kSocketPath) {
    if (auto* path = std::get_if<std::string>(&*value)) make_absolute(*path);
    if (auto* paths = std::get_if<std::vector<std::string>>(&*value))
      for (auto& path : *paths) make_absolute(path);
  }
  if (auto stored = set_config_value(load.config, *key, *value); !stored)
    return refuse(name, stored.error());
  load.config.origins[name] = {"-o", 0};
}

std::string Config::Host::at(std::string_view path) const {
  return path_below(root, path);
}

ConfigLoad load_config(const ConfigOptions& options) {
  ConfigLoad load;
  const std::string main_file = options.file.value_or(std::string(kDefaultConfigFile));
  const std::string dir = options.dropin_dir.value_or(
      (std::filesystem::path(main_file).parent_path() / "conf.d").string());

  std::vector<std::string> files;
  std::error_code error;
  if (options.file || std::filesystem::exists(main_file, error) || error)
    files.push_back(main_file);
  std::ranges::copy(dropins(dir, options.dropin_dir.has_value(), load), std::back_inserter(files));
  for (const auto& file : files) {
    const auto text = read_file(file, load);
    if (!text) continue;
    apply_config_text(*text, file, load);
    load.files.push_back(file);
  }
  for (const auto& option : options.overrides) apply_config_override(option, load);
  return load;
}

std::vector<ConfigLine> describe(const Config& config) {
  std::vector<ConfigLine> lines;
  for (const ConfigKey& key : config_keys()) {
    const auto origin = config.origins.find(key.name);
    lines.push_back({std::string(key.name), config_value_text(config, key),
                     origin == config.origins.end() ? "default" : origin->second.to_string()});
  }
  return lines;
}

}  // namespace tocsin
