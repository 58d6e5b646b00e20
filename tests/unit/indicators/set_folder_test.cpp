// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/set_folder.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "support/temp_dir.hpp"
#include "unit/indicators/index_fixture.hpp"

using namespace tocsin;
using tocsin::test::guard;
using tocsin::test::TempDir;

namespace fs = std::filesystem;

namespace {

std::string set_of(const std::string& name, int first, int count) {
  std::string text = "# set: " + name + "\n";
  for (int i = first; i < first + count; ++i)
    text += "domain,n" + std::to_string(i) + ".example.net\n";
  return text;
}

struct Kept {
  TempDir dir;
  SetFolder folder{dir / "iocs"};
  Result<ImportOutcome> import(const std::string& text, bool may_shrink = true) {
    return folder.import("one", text, guard(), {.may_shrink = may_shrink});
  }
  [[nodiscard]] std::string active() const { return test::read_text(folder.path_of("one")); }
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder.folder()))
      out.push_back(entry.path().filename());
    std::ranges::sort(out);
    return out;
  }
};

}  // namespace

TEST_CASE("an import is one file that says what changed", "[set_folder]") {
  Kept kept;
  const auto first = kept.import(set_of("one", 0, 10) + "domain,held.example.net,review\n");
  REQUIRE(first);
  CHECK_FALSE(first->replaced);
  CHECK(first->added == 10);
  CHECK(first->review == 1);
  CHECK(first->total() == 10);
  const auto second = kept.import(set_of("one", 5, 10));
  REQUIRE(second);
  CHECK(second->replaced);
  CHECK(second->added == 5);
  CHECK(second->removed == 5);
  CHECK(second->kept == 5);
  CHECK(kept.active() == set_of("one", 5, 10));
  CHECK(kept.files() == std::vector<std::string>{".previous", "one.ioc"});
  struct stat st {};
  REQUIRE(::stat(kept.folder.path_of("one").c_str(), &st) == 0);
  CHECK((st.st_mode & 0777) == 0640);
}

TEST_CASE("what cannot be taken leaves everything as it is", "[set_folder]") {
  Kept kept;
  REQUIRE(kept.import(set_of("one", 0, 4)));
  const auto refused = [&](const std::string& text, std::string_view why) {
    const auto outcome = kept.import(text);
    INFO(why);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().message.find(why) != std::string::npos);
    CHECK(kept.active() == set_of("one", 0, 4));
  };
  refused("", "no indicator");
  refused("# set: one\n# nothing\n", "no indicator");
  refused("# set: one\nnonsense\n", "no line of it");
  refused("# set: one\nip,0.0.0.0\n", "no line of it");
  refused(set_of("two", 0, 4), "names itself two");
  refused("\xff\xfe#", "UTF-16");
  for (const std::string name : {"", ".hidden", "../up", "a/b", "with blank"}) {
    const auto outcome = kept.folder.import(name, set_of("one", 0, 1), guard(), {});
    CHECK_FALSE(outcome);
  }
}

TEST_CASE("a set that loses more than half is held when asked to", "[set_folder]") {
  Kept kept;
  REQUIRE(kept.import(set_of("one", 0, 10)));
  const auto held = kept.import(set_of("one", 0, 4), false);
  REQUIRE_FALSE(held);
  CHECK(held.error().code == ErrorCode::kLimit);
  CHECK(kept.import(set_of("one", 0, 5), false));  // half is enough
  CHECK(kept.import(set_of("one", 0, 1), true));
}

TEST_CASE("a set can be rolled back, forth, and removed", "[set_folder]") {
  Kept kept;
  CHECK(kept.folder.roll_back("one", guard()).error().code == ErrorCode::kNotFound);
  REQUIRE(kept.import(set_of("one", 0, 3)));
  CHECK(kept.folder.roll_back("one", guard()).error().code == ErrorCode::kNotFound);
  REQUIRE(kept.import(set_of("one", 2, 3)));
  const auto back = kept.folder.roll_back("one", guard());
  REQUIRE(back);
  CHECK(back->added == 2);
  CHECK(back->removed == 2);
  CHECK(kept.active() == set_of("one", 0, 3));
  REQUIRE(kept.folder.roll_back("one", guard()));
  CHECK(kept.active() == set_of("one", 2, 3));
  // The same content twice: the version before is still the one before.
  REQUIRE(kept.folder.remove("one"));
  CHECK(kept.files() == std::vector<std::string>{".previous"});
  CHECK(kept.folder.remove("one").error().code == ErrorCode::kNotFound);
  REQUIRE(kept.folder.roll_back("one", guard()));
  CHECK(kept.active() == set_of("one", 2, 3));
}
