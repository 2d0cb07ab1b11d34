#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/catalog_decide.h"
#include "engine/record_codec.h"

namespace godwit::engine {

/// A catalog driven by commands the way its owner does it: decide, then apply each record. Every record passes through
/// its stored form, and what is not volatile is kept as a journal would.
class CatalogFixture : public testing::Test {
 protected:
  template <class Command>
  Result<typename Command::ReplyType> run(const Command& command, CatalogContext context = {}) {
    auto decided = decide(catalog, command, context);
    if (!decided) return std::unexpected(decided.error());
    for (const CatalogRecord& record : decided->records) apply(record);
    records = std::move(decided->records);
    return std::move(decided->reply);
  }
  template <class Command>
  ErrorCode refused(const Command& command, CatalogContext context = {}) {
    auto decided = decide(catalog, command, context);
    EXPECT_FALSE(decided.has_value());
    return decided ? ErrorCode::kIo : decided.error().code;
  }
  void apply(const CatalogRecord& record) {
    ByteVec bytes;
    encode_record(record, bytes);
    auto read = decode_record<CatalogRecord>(record_type(record), kCatalogRecordVersion, bytes);
    ASSERT_TRUE(read.has_value());
    ASSERT_EQ(*read, record);
    if (!is_volatile(*read, catalog)) journal.push_back(*read);
    catalog.apply(*read);
  }

  static model::Name name(std::string text, std::string space = "default") {
    return {std::move(space), std::move(text)};
  }
  static model::DeclareQueue queue(std::string text) { return {.name = name(std::move(text))}; }
  static model::DeclareQueue exclusive_queue(std::string text) {
    model::DeclareQueue command = queue(std::move(text));
    command.settings.exclusive = true;
    return command;
  }
  static model::DeclareQueue subscription(std::string text, std::string topic) {
    return {.name = name(std::move(text)), .topic = std::move(topic), .start = model::Start::kEnd};
  }
  static model::DeclareExchange exchange(std::string text, std::string type = "direct") {
    return {.exchange = {.name = name(std::move(text)), .type = std::move(type)}};
  }
  static model::Binding to_queue(std::string source, std::string target, std::string key = "") {
    return {.source = name(std::move(source)), .target = std::move(target), .routing_key = std::move(key)};
  }
  static model::Binding to_exchange(std::string source, std::string target, std::string key = "") {
    model::Binding binding = to_queue(std::move(source), std::move(target), std::move(key));
    binding.target_kind = model::BindingTarget::kExchange;
    return binding;
  }
  void bind(const model::Binding& binding) { ASSERT_TRUE(run(model::Bind{binding}).has_value()); }
  void declare_queues(std::initializer_list<std::string> names) {
    for (const std::string& text : names) ASSERT_TRUE(run(queue(text)).has_value());
  }

  /// The names of the topics that a message goes to, in order of their creation.
  std::vector<std::string> route(std::string exchange_name, std::string_view key, const model::ValueMap& headers = {}) {
    std::vector<TopicId> topics;
    model::RoutingInput input{key, [&]() -> const model::ValueMap& { return headers; }};
    EXPECT_TRUE(catalog.route(name(std::move(exchange_name)), input, topics).has_value());
    std::vector<std::string> names;
    for (TopicId id : topics) names.push_back(catalog.topic(id)->name.text);
    return names;
  }
  std::vector<size_t> kinds() const {
    std::vector<size_t> indexes;
    for (const CatalogRecord& record : records) indexes.push_back(record.index());
    return indexes;
  }

  Catalog catalog;
  CatalogRecords records;  ///< of the last command
  CatalogRecords journal;
};

using Names = std::vector<std::string>;

}  // namespace godwit::engine
