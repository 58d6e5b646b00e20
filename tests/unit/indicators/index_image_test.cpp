// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Damaged and hostile images: an error or a wrong answer, never a wrong access.
#include "indicators/index_image.hpp"

#include <random>

#include "support/index_seal.hpp"
#include "unit/indicators/index_fixture.hpp"

using namespace tocsin;
using namespace tocsin::index_format;
using Verify = IndexImage::Verify;

namespace {

constexpr std::string_view kSet =
    "sha256,cc307cfb401d1ae616445e78b610ab72e1c7fb49b298ea003dd26ea80372089a\n"
    "sha1,f6760fb1f8b019af2304ea6410001b63a1809f1d\nmd5,0123456789abcdef0123456789abcdef\n"
    "ip,203.0.113.1\ncidr,203.0.113.0/24\nip,2001:db8::1\ndomain,evil.com\ndomain,a.evil.net\n"
    "url,https://e.com/x,host-match=yes\npath,/tmp/x\n";

Result<IndexImage> reopen(std::vector<std::byte> bytes, Verify verify) {
  auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  return IndexImage::open(owner, *owner, verify);
}

std::string error_of(std::vector<std::byte> bytes, Verify verify = Verify::kFull) {
  const auto image = reopen(std::move(bytes), verify);
  return image ? "accepted" : image.error().message;
}

template <typename Change>
std::vector<std::byte> with_head(std::vector<std::byte> image, Change change) {
  auto head = load<Header>(image.data());
  change(head);
  std::memcpy(image.data(), &head, sizeof head);
  return image;
}

Section section_of(const std::vector<std::byte>& image, SectionId id) {
  const auto head = load<Header>(image.data());
  for (std::uint32_t i = 0; i < head.section_count; ++i) {
    const auto section = load<Section>(image.data() + sizeof head + i * sizeof(Section));
    if (section.id == static_cast<std::uint32_t>(id)) return section;
  }
  FAIL("no such section");
  return {};
}

// Overwrites bytes inside a section and makes the checksums right.
template <typename T>
std::vector<std::byte> poke(std::vector<std::byte> image, SectionId id, std::size_t at, T value) {
  std::memcpy(image.data() + section_of(image, id).offset + at, &value, sizeof value);
  test::seal(image);
  return image;
}

void ask_everything(const IndexImage& image) {
  std::vector<Indicator> out;
  std::vector<IndicatorRow> rows;
  std::size_t visited = 0;
  image.for_each([&](std::uint32_t, const SetMeta&, const IndicatorRow& row) {
    if (++visited < 200) rows.push_back(row);
  });
  for (const auto& row : rows) {
    if (const auto width = digest_bytes(row.type); width != 0)
      image.find_digest(row.type, std::span(row.digest).first(width), 0, out);
    image.find_address(row.network.address, 0, out);
    image.find_name(row.text, 0, out);
    image.find_url(row.text, 0, out);
    image.find_path(row.text, 0, out);
  }
  image.find_name("www.evil.com", 0, out);
  image.find_address(*IpAddress::parse("203.0.113.1"), 0, out);
  image.find_address(*IpAddress::parse("2001:db8::1"), 0, out);
}

}  // namespace

TEST_CASE("foreign, old, torn and damaged images are refused", "[indicators]") {
  const auto good = test::compile(kSet);
  CHECK(error_of(good) == "accepted");
  CHECK_THAT(error_of({}), Catch::Contains("shorter than its head"));
  CHECK_THAT(error_of(with_head(good, [](Header& h) { h.magic[0] = 'X'; })),
             Catch::Contains("no compiled index"));
  CHECK_THAT(error_of(with_head(good, [](Header& h) { h.version = 2; })),
             Catch::Contains("format version 2"));
  CHECK_THAT(error_of(with_head(good, [](Header& h) { h.byte_order = 0x04030201; })),
             Catch::Contains("byte order"));
  CHECK_THAT(error_of(with_head(good, [](Header& h) { h.section_count = 65; })),
             Catch::Contains("section table"));
  CHECK_THAT(error_of(with_head(good, [](Header& h) { h.hash_k0 ^= 1; })),
             Catch::Contains("head of the index fails its checksum"));
  auto torn = good;
  torn.resize(torn.size() - 1);
  CHECK_THAT(error_of(torn), Catch::Contains("truncated"));
  auto longer = good;
  longer.emplace_back();
  CHECK_THAT(error_of(longer), Catch::Contains("bytes of"));
}

TEST_CASE("every damaged byte of every section is noticed", "[indicators]") {
  const auto good = test::compile(kSet);
  const auto head = load<Header>(good.data());
  std::size_t checked = 0;
  for (std::uint32_t i = 0; i < head.section_count; ++i) {
    const auto section = load<Section>(good.data() + sizeof head + i * sizeof(Section));
    for (std::uint64_t at = 0; at < section.bytes; ++at, ++checked) {
      auto bad = good;
      bad[section.offset + at] ^= std::byte{1};
      if (reopen(bad, Verify::kFull)) FAIL("section " << section.id << " byte " << at);
    }
  }
  CHECK(checked > 700);
}

TEST_CASE("references that point astray are refused behind right checksums", "[indicators]") {
  using enum SectionId;
  const auto good = test::compile(kSet);
  const auto sealed = [&](SectionId id, std::size_t at, std::uint32_t value) {
    return error_of(poke(good, id, at, value));
  };
  CHECK_THAT(sealed(kSha256Records, 0, 999), Catch::Contains("record"));
  CHECK_THAT(sealed(kSha256Records, 0, 1), Catch::Contains("record"));  // another value's
  CHECK_THAT(sealed(kSha256Prefix, 4, 0), Catch::Contains("prefix index"));
  CHECK_THAT(sealed(kRecords, 0, 0), Catch::Contains("successor"));  // a circle
  CHECK_THAT(sealed(kRecords, 4, 999), Catch::Contains("context"));
  CHECK_THAT(sealed(kV4Blocks, 0, 0xffffffff), Catch::Contains("address"));
  CHECK_THAT(sealed(kV4Blocks, 4, 999), Catch::Contains("record"));
  CHECK_THAT(sealed(kV4Blocks, 8, 0), Catch::Contains("parent"));
  CHECK_THAT(sealed(kV4Blocks, 12, 33), Catch::Contains("prefix"));
  const auto slots = section_of(good, kNameSlots);
  for (std::size_t at = 0; at < slots.bytes; at += sizeof(Slot)) {
    const auto slot = load<Slot>(good.data() + slots.offset + at);
    if (slot.offset == 0) continue;
    CHECK_THAT(sealed(kNameSlots, at + 4, 0xfffffff0), Catch::Contains("outside its arena"));
    CHECK_THAT(sealed(kNameSlots, at, slot.tag ^ 1), Catch::Contains("tag"));
    CHECK_THAT(error_of(poke(good, kNameArena, slot.offset + 4, std::uint16_t{0xffff})),
               Catch::Contains("outside its arena"));
  }
  auto outside = good;
  auto section = load<Section>(outside.data() + sizeof(Header));
  section.offset = outside.size() + 64;
  std::memcpy(outside.data() + sizeof(Header), &section, sizeof section);
  test::seal(outside);
  CHECK_THAT(error_of(outside), Catch::Contains("outside the index"));
}

TEST_CASE("look-ups in unverified hostile images stay inside", "[indicators]") {
  const auto good = test::compile(kSet);
  std::mt19937 rng(4);
  std::size_t opened = 0;
  for (int round = 0; round < 4000; ++round) {
    auto bad = good;
    for (auto n = 1 + rng() % 4; n > 0; --n) {
      const auto at = rng() % bad.size();
      bad[at] = rng() % 2 == 0 ? static_cast<std::byte>(rng()) : std::byte{0xff};
    }
    test::seal(bad);
    if (const auto image = reopen(bad, Verify::kHead)) {
      ++opened;
      ask_everything(*image);
    }
  }
  CHECK(opened > 1000);
}

TEST_CASE("an index file is written whole and read back", "[indicators]") {
  const auto path = std::filesystem::temp_directory_path() /
                    ("tocsin-index-" + std::to_string(::getpid()) + ".iocx");
  const auto good = test::compile(kSet);
  REQUIRE(write_index_file(path, good));
  const auto image = IndexImage::open_file(path, Verify::kFull);
  std::filesystem::remove(path);
  REQUIRE(image);
  CHECK(image->counts() == test::open_built(good)->counts());
  const auto missing = IndexImage::open_file(path, Verify::kHead);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::kNotFound);
  CHECK_FALSE(IndexImage::open_file("/", Verify::kHead));
}
