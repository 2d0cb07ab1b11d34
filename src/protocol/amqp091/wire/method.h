#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/codec.h"
#include "model/amqp091_table.h"
#include "model/message.h"

/// Methods are declared once: a struct with its ids, its name and
///
///   template <class F> void fields(F& f) { f("queue", queue)("passive", passive); }
///
/// from which decoding, encoding and printing follow. A std::string_view is a short string, LongText a long one, a
/// bool a bit (neighbouring bits share an octet), a ValueMap a table. Spec: AMQP 0-9-1, 4.2.
namespace godwit::protocol::amqp091 {

struct MethodId {
  uint16_t of_class = 0;
  uint16_t of_method = 0;
  bool operator==(const MethodId&) const = default;
};
constexpr uint32_t method_key(MethodId id) { return static_cast<uint32_t>(id.of_class) << 16 | id.of_method; }

struct LongText {
  std::string_view text;
};

/// Texts point into the frame that is decoded.
class MethodReader {
 public:
  explicit MethodReader(ByteView arguments) : in_(arguments) {}

  MethodReader& operator()(std::string_view, bool& v) {
    if (bit_ == 0) bits_ = in_.u8();
    v = bits_ >> bit_ & 1;
    bit_ = (bit_ + 1) % 8;
    return *this;
  }
  MethodReader& operator()(std::string_view, std::string_view& v) {
    bit_ = 0;
    v = in_.string(in_.u8());
    return *this;
  }
  MethodReader& operator()(std::string_view, LongText& v) {
    bit_ = 0;
    v.text = in_.string(in_.be<uint32_t>());
    return *this;
  }
  MethodReader& operator()(std::string_view, model::ValueMap& v) {
    bit_ = 0;
    model::decode_amqp091_table(in_, v);
    return *this;
  }
  template <std::integral T>
  MethodReader& operator()(std::string_view, T& v) {
    bit_ = 0;
    v = in_.be<T>();
    return *this;
  }
  bool done() const { return in_.ok() && in_.remaining() == 0; }

 private:
  Reader in_;
  uint8_t bits_ = 0;
  int bit_ = 0;
};

class MethodWriter {
 public:
  explicit MethodWriter(ByteVec& out) : out_(out) {}

  MethodWriter& operator()(std::string_view, bool v) {
    if (bit_ == 0) out_.u8(0);
    if (v) out_.out().back() = static_cast<uint8_t>(out_.out().back() | 1 << bit_);
    bit_ = (bit_ + 1) % 8;
    return *this;
  }
  /// Cut at 255 bytes: names are checked before they get here, texts for people may lose their end.
  MethodWriter& operator()(std::string_view, std::string_view v) {
    bit_ = 0;
    v = v.substr(0, 255);
    out_.u8(static_cast<uint8_t>(v.size()));
    out_.bytes(v);
    return *this;
  }
  MethodWriter& operator()(std::string_view, const LongText& v) {
    bit_ = 0;
    out_.be(static_cast<uint32_t>(v.text.size()));
    out_.bytes(v.text);
    return *this;
  }
  MethodWriter& operator()(std::string_view, const model::ValueMap& v) {
    bit_ = 0;
    model::encode_amqp091_table(v, out_.out());
    return *this;
  }
  template <std::integral T>
  MethodWriter& operator()(std::string_view, T v) {
    bit_ = 0;
    out_.be(v);
    return *this;
  }

 private:
  Writer out_;
  int bit_ = 0;
};

/// For logs and transcripts: `queue.declare queue=jobs durable=1`. Tables show their number of entries.
class MethodPrinter {
 public:
  explicit MethodPrinter(std::string& out) : out_(out) {}

  MethodPrinter& operator()(std::string_view name, std::string_view v) { return put(name, v); }
  MethodPrinter& operator()(std::string_view name, const LongText& v) { return put(name, v.text); }
  MethodPrinter& operator()(std::string_view name, const model::ValueMap& v) {
    return put(name, "{" + std::to_string(v.size()) + "}");
  }
  template <std::integral T>
  MethodPrinter& operator()(std::string_view name, T v) {
    return put(name, std::to_string(+v));
  }

 private:
  MethodPrinter& put(std::string_view name, std::string_view value) {
    if (name.starts_with("reserved")) return *this;
    out_.append(" ").append(name).append("=").append(value);
    return *this;
  }
  std::string& out_;
};

/// False unless `arguments` are M's from the first byte to the last.
template <class M>
[[nodiscard]] bool decode_method(ByteView arguments, M& method) {
  MethodReader f(arguments);
  method.fields(f);
  return f.done();
}

/// Appends ids and arguments: the payload of a method frame.
template <class M>
void encode_method(const M& method, ByteVec& out) {
  Writer writer(out);
  writer.be(M::kId.of_class);
  writer.be(M::kId.of_method);
  MethodWriter f(out);
  const_cast<M&>(method).fields(f);  // fields() only hands out references; a writer never assigns through them
}

template <class M>
std::string print_method(const M& method) {
  std::string text(M::kName);
  MethodPrinter f(text);
  const_cast<M&>(method).fields(f);
  return text;
}

}  // namespace godwit::protocol::amqp091
