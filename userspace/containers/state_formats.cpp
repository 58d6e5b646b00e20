// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "containers/state_formats.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "base/json_depth.hpp"
#include "base/utf8.hpp"
#include "containers/container_limits.hpp"

namespace tocsin::container_state {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kDigestPrefix = "sha256:";
constexpr std::size_t kDigestChars = 64;

Result<Json> parse(std::string_view text) {
  if (text.size() > limits::kContainerFileBytesMax)
    return fail(ErrorCode::kLimit, "larger than is read");
  if (!json_nested_within(text, limits::kContainerJsonDepthMax))
    return fail(ErrorCode::kLimit, "nested too deeply");
  auto out = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (out.is_discarded()) return fail(ErrorCode::kInvalidInput, "not JSON");
  return out;
}

Result<Json> parse_object(std::string_view text) {
  TOCSIN_TRY(auto out, parse(text));
  if (!out.is_object()) return fail(ErrorCode::kInvalidInput, "not a JSON object");
  return out;
}

Result<Json> parse_array(std::string_view text) {
  TOCSIN_TRY(auto out, parse(text));
  if (!out.is_array()) return fail(ErrorCode::kInvalidInput, "not a JSON array");
  return out;
}

std::string cut(std::string_view text) {
  if (text.size() <= limits::kContainerTextBytesMax) return std::string(text);
  auto out = text.substr(0, limits::kContainerTextBytesMax);
  // Not in the middle of a character.
  while (!out.empty() && !is_utf8(out)) out.remove_suffix(1);
  return std::string(out);
}

// Null unless object is one and has a text of that name.
const std::string* text_in(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(name);
  return it == object.end() ? nullptr : it->get_ptr<const std::string*>();
}

std::string text_or_empty(const Json& object, const char* name) {
  const auto* text = text_in(object, name);
  return text == nullptr ? std::string() : cut(*text);
}

const Json& member(const Json& object, const char* name) {
  static const Json kNone;
  if (!object.is_object()) return kNone;
  const auto it = object.find(name);
  return it == object.end() ? kNone : *it;
}

// "sha256:<64 hex>", also behind "name@"; empty: none.
std::string digest_in(std::string_view reference) {
  const auto at = reference.find(kDigestPrefix);
  if (at == std::string_view::npos || (at > 0 && reference[at - 1] != '@')) return {};
  const auto digest = reference.substr(at, kDigestPrefix.size() + kDigestChars);
  const bool hex = digest.size() == kDigestPrefix.size() + kDigestChars &&
                   digest.substr(kDigestPrefix.size()).find_first_not_of("0123456789abcdef") ==
                       std::string_view::npos;
  return hex ? std::string(digest) : std::string();
}

void add_digest(ContainerFacts& facts, std::string digest) {
  if (digest.empty() || std::ranges::find(facts.image_digests, digest) != facts.image_digests.end())
    return;
  facts.image_digests.push_back(std::move(digest));
}

// Where Kubernetes and its runtimes write who a container is: annotations of the bundle (containerd
// and CRI-O) or labels (docker). The first of a fact's names that is there counts.
struct KnownAnnotation {
  std::string ContainerFacts::*fact;
  std::array<const char*, 4> names;
};
constexpr std::array<KnownAnnotation, 5> kAnnotations = {{
    {&ContainerFacts::name,
     {"io.kubernetes.cri.container-name", "io.kubernetes.container.name", "nerdctl/name", nullptr}},
    {&ContainerFacts::image,
     {"io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName",
      "org.opencontainers.image.ref.name", nullptr}},
    {&ContainerFacts::pod,
     {"io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name", "io.kubernetes.cri-o.KubeName",
      nullptr}},
    {&ContainerFacts::pod_uid,
     {"io.kubernetes.cri.sandbox-uid", "io.kubernetes.pod.uid", nullptr, nullptr}},
    {&ContainerFacts::pod_namespace,
     {"io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace",
      "io.kubernetes.cri-o.Namespace", nullptr}},
}};
// Digests or ids of the image.
constexpr std::array<const char*, 3> kImageReferences = {
    "io.kubernetes.cri-o.ImageRef", "io.kubernetes.cri-o.Image", "io.kubernetes.cri.image-name"};

constexpr std::array<std::string_view, 9> kLabels = {"app",
                                                     "com.docker.compose.project",
                                                     "com.docker.compose.service",
                                                     "com.docker.swarm.service.name",
                                                     "org.opencontainers.image.revision",
                                                     "org.opencontainers.image.source",
                                                     "org.opencontainers.image.title",
                                                     "org.opencontainers.image.vendor",
                                                     "org.opencontainers.image.version"};
constexpr std::string_view kAppLabels = "app.kubernetes.io/";

bool worth_showing(std::string_view label) {
  return label.starts_with(kAppLabels) || std::ranges::find(kLabels, label) != kLabels.end();
}

void take_annotations(const Json& annotations, ContainerFacts& facts) {
  if (!annotations.is_object()) return;
  for (const auto& known : kAnnotations) {
    for (const char* name : known.names) {
      auto& fact = facts.*known.fact;
      if (name != nullptr && fact.empty()) fact = text_or_empty(annotations, name);
    }
  }
  for (const char* name : kImageReferences)
    if (const auto* text = text_in(annotations, name)) add_digest(facts, digest_in(*text));
  for (const auto& [key, value] : annotations.items()) {  // sorted by the parser
    if (facts.labels.size() >= limits::kContainerLabelsMax) return;
    const auto* text = value.get_ptr<const std::string*>();
    if (text != nullptr && worth_showing(key)) facts.labels.emplace_back(cut(key), cut(*text));
  }
}

std::string_view runtime_of(const Json& annotations) {
  if (const auto* manager = text_in(annotations, "io.container.manager"))
    return *manager == "cri-o" ? "cri-o" : *manager == "libpod" ? "podman" : "";
  return {};
}

// The pause container of a pod has no name of its own.
bool is_sandbox(const Json& annotations) {
  for (const char* name : {"io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType"})
    if (const auto* type = text_in(annotations, name)) return *type == "sandbox";
  return false;
}

Result<std::string> absolute(const std::string* path) {
  if (path == nullptr || !path->starts_with('/') || path->find('\0') != std::string::npos)
    return fail(ErrorCode::kInvalidInput, "names no bundle");
  return *path;
}

}  // namespace

Result<ContainerFacts> read_docker(std::string_view text, std::string_view id) {
  TOCSIN_TRY(const auto config, parse_object(text));
  if (const auto* own = text_in(config, "ID"); own == nullptr || *own != id)
    return fail(ErrorCode::kInvalidInput, "is about another container");
  ContainerFacts out;
  out.id = id;
  out.runtime = "docker";
  out.image = text_or_empty(member(config, "Config"), "Image");
  add_digest(out, digest_in(out.image));
  add_digest(out, digest_in(text_or_empty(config, "Image")));
  take_annotations(member(member(config, "Config"), "Labels"), out);
  // A pod's container has its plain name in the labels.
  if (out.name.empty()) {
    out.name = text_or_empty(config, "Name");
    if (out.name.starts_with('/')) out.name.erase(0, 1);
  }
  return out;
}

Result<ContainerFacts> read_bundle(std::string_view text, std::string_view id) {
  TOCSIN_TRY(const auto config, parse_object(text));
  const auto& annotations = member(config, "annotations");
  ContainerFacts out;
  out.id = id;
  out.runtime = runtime_of(annotations);
  take_annotations(annotations, out);
  if (out.name.empty() && is_sandbox(annotations) && !out.pod.empty())
    out.name = out.pod + " (sandbox)";
  return out;
}

Result<std::string> read_runc_bundle(std::string_view text, std::string_view id) {
  TOCSIN_TRY(const auto state, parse_object(text));
  if (const auto* own = text_in(state, "id"); own == nullptr || *own != id)
    return fail(ErrorCode::kInvalidInput, "is about another container");
  static constexpr std::string_view kBundle = "bundle=";
  const auto& labels = member(member(state, "config"), "labels");
  if (labels.is_array()) {
    for (const auto& label : labels) {
      const auto* entry = label.get_ptr<const std::string*>();
      if (entry == nullptr || !entry->starts_with(kBundle)) continue;
      const auto path = entry->substr(kBundle.size());
      return absolute(&path);
    }
  }
  return absolute(nullptr);
}

Result<std::string> read_crun_bundle(std::string_view text) {
  TOCSIN_TRY(const auto status, parse_object(text));
  return absolute(text_in(status, "bundle"));
}

Result<bool> read_storage(std::string_view text, ContainerFacts& facts, std::string& image_id) {
  TOCSIN_TRY(const auto list, parse_array(text));
  for (const auto& entry : list) {
    if (const auto* id = text_in(entry, "id"); id == nullptr || *id != facts.id) continue;
    image_id = text_or_empty(entry, "image");
    // JSON inside JSON: it was written by the same hand as the rest.
    if (const auto* metadata = text_in(entry, "metadata")) {
      const auto inner = parse_object(*metadata);
      if (inner && facts.name.empty()) facts.name = text_or_empty(*inner, "name");
      if (inner && facts.image.empty()) facts.image = text_or_empty(*inner, "image-name");
    }
    const auto& names = member(entry, "names");
    if (facts.name.empty() && names.is_array() && !names.empty())
      if (const auto* name = names[0].get_ptr<const std::string*>()) facts.name = cut(*name);
    return true;
  }
  return false;
}

Result<std::string> read_storage_digest(std::string_view text, std::string_view image_id) {
  TOCSIN_TRY(const auto list, parse_array(text));
  for (const auto& entry : list) {
    const auto* id = text_in(entry, "id");
    if (id != nullptr && *id == image_id) return digest_in(text_or_empty(entry, "digest"));
  }
  return std::string();
}

Result<std::string> read_docker_digest(std::string_view text, std::string_view image_id) {
  TOCSIN_TRY(const auto file, parse_object(text));
  const auto& repositories = member(file, "Repositories");
  if (!repositories.is_object()) return std::string();
  for (const auto& [repository, references] : repositories.items()) {
    if (!references.is_object()) continue;
    for (const auto& [reference, target] : references.items()) {
      const auto* id = target.get_ptr<const std::string*>();
      if (id == nullptr || *id != image_id) continue;
      if (auto digest = digest_in(reference); !digest.empty()) return digest;
    }
  }
  return std::string();
}

}  // namespace tocsin::container_state
