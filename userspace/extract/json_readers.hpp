// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "extract/judge.hpp"
#include "extract/readers.hpp"

// Objects of one JSON vocabulary each. offer() is true when the object was understood and is done
// with; its candidates are with the judge, or follow with finish().
namespace tocsin {

class StixReader {
 public:
  explicit StixReader(Reading& reading) : reading_(reading) {}
  bool offer(const std::string& pointer, const nlohmann::json& object);
  // Of every indicator the newest version. An error: more than kExtractStixIndicatorsMax.
  Result<void> finish();

 private:
  struct Version {
    std::string modified;
    std::vector<StructuredValue> values;
    std::vector<std::string> texts;  // what values view
    std::vector<std::string> details;
    bool broken = false;
    std::string fault, pointer;
    bool revoked = false;
  };
  [[nodiscard]] Version read(const std::string& pointer, const nlohmann::json& object) const;

  Reading& reading_;
  std::vector<Version> versions_;
  std::unordered_map<std::string, std::size_t> by_id_;
  bool full_ = false;
};

class MispReader {
 public:
  explicit MispReader(Reading& reading) : reading_(reading) {}
  bool offer(const std::string& pointer, const nlohmann::json& object);

 private:
  void take_attribute(const std::string& pointer, const nlohmann::json& attribute);
  Reading& reading_;
};

// OTX pulses, ECS events, and objects whose member names say what they hold.
class PlainJsonReader {
 public:
  explicit PlainJsonReader(Reading& reading) : reading_(reading) {}
  bool offer(const std::string& pointer, const nlohmann::json& object);
  // An outermost array of texts.
  void take_rest(const nlohmann::json& rest);

 private:
  bool take_otx(const std::string& pointer, const nlohmann::json& object);
  bool take_ecs(const std::string& pointer, const nlohmann::json& object);
  void take_ecs_indicator(const std::string& pointer, const nlohmann::json& indicator);
  bool take_record(const std::string& pointer, const nlohmann::json& object);
  Reading& reading_;
};

// "white", "amber" by the identifier of a STIX marking definition; empty when it is no TLP marking.
std::string_view tlp_of_marking(std::string_view id);

}  // namespace tocsin
