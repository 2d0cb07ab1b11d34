#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/codec.h"
#include "model/message.h"

/// AMQP 0-9-1 field tables: u32 length, then entries of u8 length + name, a type letter and a value.
/// The letters are those RabbitMQ and its clients agree on, which differ from the specification's:
///
///   t bool  b i8  B u8  s i16  u u16  I i32  i u32  l i64  L u64  f d  D decimal  S text  x bytes
///   A array  T seconds since 1970  F table  V nothing
///
/// Spec: AMQP 0-9-1, 4.2.5, with RabbitMQ's errata.
namespace godwit::model {

/// Reads a table with its length. `in` fails, and the result is false, at an unknown letter, a length that lies, or
/// more than kValueDepthMax levels. Text that is not UTF-8 becomes bytes.
bool decode_amqp091_table(Reader& in, ValueMap& into);

/// Writes a table with its length. What the field types cannot say is written as its nearest: u64 above 2^63 as text,
/// a Uuid and a Symbol as text, milliseconds as seconds. Names are cut at 255 bytes.
void encode_amqp091_table(const ValueMap& table, ByteVec& out);

/// One entry: name, letter and value, without a table around it.
void encode_amqp091_entry(std::string_view name, const Value& value, ByteVec& out);

/// One entry as it lies in the bytes of a table.
struct Amqp091Entry {
  std::string_view name;
  char type = 'V';
  ByteView value;  ///< after the letter, with the length of those types that have one
  ByteView whole;  ///< name, letter and value

  /// The bytes of a text or byte value; empty for another type.
  std::string_view text() const;
};

/// Walks the entries of a table's bytes (after the length) without building values.
class Amqp091TableWalk {
 public:
  explicit Amqp091TableWalk(ByteView entries) : in_(entries) {}
  /// False at the end or at bytes that are no entry (then corrupt() is true). Nested values are checked too.
  bool next(Amqp091Entry& entry);
  bool corrupt() const { return !in_.ok(); }

 private:
  Reader in_;
};

}  // namespace godwit::model
