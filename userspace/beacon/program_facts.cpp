// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/program_facts.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "beacon/command_line.hpp"

namespace tocsin {
namespace {

using Word = std::string_view;

constexpr std::array<Word, 5> kTempFolders = {"/tmp/", "/var/tmp/", "/dev/shm/", "/run/user/",
                                              "/run/shm/"};
constexpr std::array<Word, 9> kSystemFolders = {"/usr/bin/",   "/usr/sbin/",  "/usr/lib",
                                                "/bin/",       "/sbin/",      "/lib",
                                                "/usr/games/", "/usr/share/", "/etc/"};
constexpr std::array<Word, 22> kSystemNames = {"systemd",
                                               "sshd",
                                               "cron",
                                               "crond",
                                               "atd",
                                               "dbus-daemon",
                                               "rsyslogd",
                                               "auditd",
                                               "agetty",
                                               "udevd",
                                               "polkitd",
                                               "chronyd",
                                               "ntpd",
                                               "dhclient",
                                               "init",
                                               "irqbalance",
                                               "accounts-daemon",
                                               "networkd",
                                               "journald",
                                               "logind",
                                               "kworker",
                                               "kthreadd"};
constexpr std::array<Word, 25> kRecon = {
    "whoami", "id",    "uname", "hostname", "hostnamectl", "ifconfig", "ip",  "netstat",  "ss",
    "ps",     "w",     "who",   "last",     "lastlog",     "lsblk",    "env", "printenv", "getent",
    "arp",    "route", "lscpu", "lspci",    "groups",      "crontab",  "lsof"};
constexpr std::array<Word, 18> kServers = {
    "nginx",  "apache2",  "httpd",        "lighttpd", "caddy",       "haproxy",
    "mysqld", "mariadbd", "postgres",     "mongod",   "memcached",   "w3wp",
    "uwsgi",  "gunicorn", "redis-server", "tomcat",   "catalina.sh", "jetty"};
constexpr std::array<Word, 2> kServerClasses = {"org.apache.catalina.", "org.eclipse.jetty."};
constexpr std::array<Word, 24> kInstallers = {
    "dpkg",   "apt",   "apt-get", "rpm",    "dnf",     "yum",  "zypper",   "pacman",
    "apk",    "npm",   "npx",     "yarn",   "pnpm",    "pip",  "composer", "composer.phar",
    "poetry", "cargo", "uv",      "bundle", "bundler", "pipx", "gem",      "ensurepip"};
constexpr std::array<Word, 4> kStarters = {"bundle", "bundler", "poetry", "pipx"};
constexpr std::array<Word, 3> kStarts = {"exec", "run", "shell"};
constexpr std::array<Word, 8> kInstallerScripts = {
    "npm-cli.js", "npx-cli.js", "yarn.js", "pnpm.cjs", "npm", "yarn", "pip", "pip3"};
constexpr std::array<Word, 6> kPackageScripts = {".preinst", ".postinst", ".prerm",
                                                 ".postrm",  ".config",   ".triggers"};
constexpr std::array<Word, 6> kSchedulers = {"systemd", "cron", "crond", "atd", "anacron", "fcron"};
constexpr std::array<Word, 10> kLogins = {"sshd",     "sshd-session", "sshd-auth", "login", "gdm",
                                          "dropbear", "lightdm",      "sddm",      "gdm3",  "xrdp"};
constexpr std::array<Word, 5> kSocketPairs = {"node", "nodejs", "bun", "deno", "electron"};

template <std::size_t N>
bool one_of(Word word, const std::array<Word, N>& words) {
  return std::ranges::find(words, word) != words.end();
}

template <std::size_t N>
bool below_one_of(Word path, const std::array<Word, N>& folders) {
  return std::ranges::any_of(folders, [&](Word folder) { return path.starts_with(folder); });
}

// By its name or the one before its version: "pip3.11", "tomcat9".
template <std::size_t N>
bool is_named(Word name, const std::array<Word, N>& words) {
  return one_of(name, words) || one_of(without_version(name), words);
}

// What an interpreter was told to run, by the last part of its name; empty: no file and no module.
std::string told_name(Word path, const std::vector<std::string>& argv) {
  const auto code = interpreted(path, argv, {});
  if (!code || code->origin == CodeOrigin::kCommandLine) return {};
  return code->origin == CodeOrigin::kModule ? code->text : std::string(base_name(code->text));
}

// "bundle exec puma" is the server, "poetry shell" a person's.
bool only_starts(Word installer, const std::vector<std::string>& argv) {
  return is_named(installer, kStarters) &&
         std::ranges::any_of(argv, [](const std::string& arg) { return one_of(arg, kStarts); });
}

// The rest of a path below a home folder; empty when it is in none.
Word below_home(Word path) {
  if (path.starts_with("/root/")) return path.substr(6);
  if (!path.starts_with("/home/")) return {};
  const auto slash = path.find('/', 6);
  return slash == Word::npos ? Word() : path.substr(slash + 1);
}

}  // namespace

bool in_temp_folder(std::string_view path) {
  return below_one_of(path, kTempFolders);
}

bool in_memory(std::string_view path) {
  return path.starts_with("/memfd:") || path.starts_with("memfd:") ||
         path.starts_with("/proc/self/fd/") || path.starts_with("/dev/fd/");
}

bool hidden_in_home(std::string_view path) {
  const auto rest = below_home(path);
  for (std::size_t at = 0; at < rest.size();) {
    const auto slash = rest.find('/', at);
    if (slash == std::string_view::npos) return false;
    if (rest[at] == '.') return true;
    at = slash + 1;
  }
  return false;
}

bool never_packaged(std::string_view path) {
  return in_temp_folder(path) || !below_home(path).empty() || path.starts_with("/mnt/") ||
         path.starts_with("/media/");
}

bool in_local_folder(std::string_view path) {
  return path.starts_with("/usr/local/");
}

bool in_system_folder(std::string_view path) {
  return below_one_of(path, kSystemFolders);
}

bool poses_as_system(std::string_view path, const std::vector<std::string>& argv) {
  if (path.empty() || in_system_folder(path)) return false;
  const bool kernel_thread =
      !argv.empty() && argv[0].size() > 2 && argv[0].front() == '[' && argv[0].back() == ']';
  const auto name = base_name(path);
  return kernel_thread || one_of(name, kSystemNames) || name.starts_with("systemd-");
}

bool is_recon(std::string_view path) {
  return one_of(base_name(path), kRecon);
}

bool is_server(std::string_view path, const std::vector<std::string>& argv) {
  const auto name = base_name(path);
  if (is_named(name, kServers) || name.starts_with("php-fpm")) return true;
  const auto told = told_name(path, argv);
  return is_named(Word(told), kServers) || below_one_of(told, kServerClasses);
}

bool is_installer(std::string_view path, const std::vector<std::string>& argv) {
  for (const auto& name : {std::string(base_name(path)), told_name(path, argv)})
    if (is_named(Word(name), kInstallers) && !only_starts(name, argv)) return true;
  return std::ranges::any_of(argv, [first = true](const std::string& arg) mutable {
    if (std::exchange(first, false)) return false;
    if (arg.starts_with("/var/lib/dpkg/info/"))
      return std::ranges::any_of(kPackageScripts, [&](Word end) { return arg.ends_with(end); });
    return arg.find('/') != std::string::npos && one_of(base_name(arg), kInstallerScripts);
  });
}

bool is_scheduler(std::string_view path) {
  return one_of(base_name(path), kSchedulers);
}

bool is_login(std::string_view path) {
  return in_system_folder(path) && one_of(base_name(path), kLogins);
}

bool gives_socket_pairs(std::string_view path) {
  return one_of(base_name(path), kSocketPairs);
}

}  // namespace tocsin
