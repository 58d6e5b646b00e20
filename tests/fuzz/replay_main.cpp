// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Runs a fuzzer without libFuzzer: every corpus file as it is, then a fixed number of seeded
// mutations of each, so that the ordinary test run exercises the same entry point.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int kMutationsPerFile = 500;
using Bytes = std::vector<std::uint8_t>;

void mutate(Bytes& bytes, std::mt19937& rng) {
  const auto at = [&] { return bytes.empty() ? 0 : rng() % bytes.size(); };
  switch (rng() % 5) {
    case 0:
      if (!bytes.empty()) bytes[at()] ^= static_cast<std::uint8_t>(1u << rng() % 8);
      break;
    case 1:
      if (!bytes.empty()) bytes[at()] = static_cast<std::uint8_t>(rng());
      break;
    case 2:
      bytes.resize(at());
      break;
    case 3:
      bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at()), rng() % 16,
                   static_cast<std::uint8_t>(rng()));
      break;
    default:
      if (!bytes.empty()) bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]), 2;
  std::size_t files = 0;
  std::mt19937 rng(20230329);
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    std::ifstream in(entry.path(), std::ios::binary);
    const Bytes original{std::istreambuf_iterator<char>(in), {}};
    LLVMFuzzerTestOneInput(original.data(), original.size());
    ++files;
    for (int i = 0; i < kMutationsPerFile; ++i) {
      Bytes bytes = original;
      for (unsigned n = 1 + rng() % 4; n > 0; --n) mutate(bytes, rng);
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
  }
  if (files == 0) return std::fprintf(stderr, "%s: no corpus files\n", argv[1]), 1;
  std::printf("%zu corpus files, %d mutations each\n", files, kMutationsPerFile);
}
