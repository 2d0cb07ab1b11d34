#include "model/amqp091_table.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <string>
#include <utility>

#include "base/limits.h"
#include "base/utf8.h"
#include "model/uuid_text.h"

namespace godwit::model {
namespace {

bool read_value(Reader& in, char type, int depth, Value& into);

Value text_value(std::string_view bytes) {
  if (is_utf8(bytes)) return Value(std::string(bytes));
  return Value(ByteVec(bytes.begin(), bytes.end()));
}

bool read_entries(Reader& in, int depth, ValueMap& into) {
  Reader entries(in.bytes(in.be<uint32_t>()));
  while (in.ok() && entries.remaining() > 0) {
    std::string_view name = entries.string(entries.u8());
    char type = static_cast<char>(entries.u8());
    auto& [key, value] = into.emplace_back();
    key = name;
    if (!entries.ok() || !read_value(entries, type, depth, value)) in.fail();
  }
  return in.ok();
}

bool read_array(Reader& in, int depth, ValueList& into) {
  Reader items(in.bytes(in.be<uint32_t>()));
  while (in.ok() && items.remaining() > 0) {
    char type = static_cast<char>(items.u8());
    if (!read_value(items, type, depth, into.emplace_back())) in.fail();
  }
  return in.ok();
}

int64_t seconds_to_ms(uint64_t seconds) {
  constexpr uint64_t kMost = std::numeric_limits<int64_t>::max() / 1000;
  return static_cast<int64_t>(std::min(seconds, kMost)) * 1000;
}

bool read_nested(Reader& in, char type, int depth, Value& into) {
  if (depth >= kValueDepthMax) return in.fail(), false;
  if (type == 'A') return read_array(in, depth + 1, into.v.emplace<ValueList>());
  return read_entries(in, depth + 1, into.v.emplace<ValueMap>());
}

bool read_value(Reader& in, char type, int depth, Value& into) {
  switch (type) {
    case 't': into.v = in.u8() != 0; break;
    case 'b': into.v = static_cast<int8_t>(in.u8()); break;
    case 'B': into.v = in.u8(); break;
    case 's': into.v = in.be<int16_t>(); break;
    case 'u': into.v = in.be<uint16_t>(); break;
    case 'I': into.v = in.be<int32_t>(); break;
    case 'i': into.v = in.be<uint32_t>(); break;
    case 'l': into.v = in.be<int64_t>(); break;
    case 'L': into.v = in.be<uint64_t>(); break;
    case 'f': into.v = std::bit_cast<float>(in.be<uint32_t>()); break;
    case 'd': into.v = std::bit_cast<double>(in.be<uint64_t>()); break;
    case 'D': {
      uint8_t scale = in.u8();
      into.v = Decimal{scale, in.be<int32_t>()};
      break;
    }
    case 'S': into = text_value(in.string(in.be<uint32_t>())); break;
    case 'x': {
      ByteView bytes = in.bytes(in.be<uint32_t>());
      into.v = ByteVec(bytes.begin(), bytes.end());
      break;
    }
    case 'T': into.v = TimestampMs{seconds_to_ms(in.be<uint64_t>())}; break;
    case 'V': into.v = std::monostate{}; break;
    case 'A':
    case 'F': return read_nested(in, type, depth, into);
    default: in.fail();
  }
  return in.ok();
}

void skip_value(Reader& in, char type, int depth);

void skip_nested(Reader& in, char type, int depth) {
  if (depth >= kValueDepthMax) return in.fail();
  Reader items(in.bytes(in.be<uint32_t>()));
  while (items.remaining() > 0) {
    if (type == 'F') items.bytes(items.u8());
    skip_value(items, static_cast<char>(items.u8()), depth + 1);
  }
  if (!items.ok()) in.fail();
}

void skip_value(Reader& in, char type, int depth) {
  switch (type) {
    case 'V': return;
    case 't':
    case 'b':
    case 'B': in.bytes(1); return;
    case 's':
    case 'u': in.bytes(2); return;
    case 'I':
    case 'i':
    case 'f': in.bytes(4); return;
    case 'D': in.bytes(5); return;
    case 'l':
    case 'L':
    case 'd':
    case 'T': in.bytes(8); return;
    case 'S':
    case 'x': in.bytes(in.be<uint32_t>()); return;
    case 'A':
    case 'F': return skip_nested(in, type, depth);
    default: in.fail();
  }
}

/// Writes one value with its letter.
struct ValueWriter {
  Writer& out;

  void letter(char c) { out.u8(static_cast<uint8_t>(c)); }
  void text(std::string_view s) {
    letter('S');
    out.be(static_cast<uint32_t>(s.size()));
    out.bytes(s);
  }
  void operator()(std::monostate) { letter('V'); }
  void operator()(bool v) { letter('t'), out.u8(v); }
  void operator()(int8_t v) { letter('b'), out.be(v); }
  void operator()(int16_t v) { letter('s'), out.be(v); }
  void operator()(int32_t v) { letter('I'), out.be(v); }
  void operator()(int64_t v) { letter('l'), out.be(v); }
  void operator()(uint8_t v) { letter('B'), out.be(v); }
  void operator()(uint16_t v) { letter('u'), out.be(v); }
  void operator()(uint32_t v) { letter('i'), out.be(v); }
  void operator()(uint64_t v) {
    if (v > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return text(std::to_string(v));
    letter('l'), out.be(v);
  }
  void operator()(float v) { letter('f'), out.be(std::bit_cast<uint32_t>(v)); }
  void operator()(double v) { letter('d'), out.be(std::bit_cast<uint64_t>(v)); }
  void operator()(const Decimal& v) {
    letter('D');
    out.u8(v.scale);
    out.be(v.unscaled);
  }
  void operator()(const TimestampMs& v) {
    letter('T'), out.be(static_cast<uint64_t>(std::max<int64_t>(v.ms, 0) / 1000));
  }
  void operator()(const Uuid& v) { text(uuid_text(v)); }
  void operator()(const ByteVec& v) {
    letter('x');
    out.be(static_cast<uint32_t>(v.size()));
    out.bytes(ByteView(v));
  }
  void operator()(const std::string& v) { text(v); }
  void operator()(const Symbol& v) { text(v.text); }
  void operator()(const ValueList& v) {
    letter('A');
    size_t start = open();
    for (const Value& item : v) std::visit(*this, item.v);
    close(start);
  }
  void operator()(const ValueMap& v) {
    letter('F');
    table(v);
  }

  void table(const ValueMap& v) {
    size_t start = open();
    for (const auto& [name, value] : v) entry(name, value);
    close(start);
  }
  void entry(std::string_view name, const Value& value) {
    name = name.substr(0, 255);
    out.u8(static_cast<uint8_t>(name.size()));
    out.bytes(name);
    std::visit(*this, value.v);
  }
  size_t open() {
    out.be(uint32_t{0});
    return out.size();
  }
  void close(size_t start) { out.patch_be(start - 4, static_cast<uint32_t>(out.size() - start)); }
};

}  // namespace

bool decode_amqp091_table(Reader& in, ValueMap& into) { return read_entries(in, 0, into); }

void encode_amqp091_table(const ValueMap& table, ByteVec& out) {
  Writer writer(out);
  ValueWriter{writer}.table(table);
}

void encode_amqp091_entry(std::string_view name, const Value& value, ByteVec& out) {
  Writer writer(out);
  ValueWriter{writer}.entry(name, value);
}

std::string_view Amqp091Entry::text() const {
  if ((type != 'S' && type != 'x') || value.size() < 4) return {};
  return as_string(value.subspan(4));
}

bool Amqp091TableWalk::next(Amqp091Entry& entry) {
  if (in_.remaining() == 0) return false;
  ByteView from = in_.rest();
  size_t start = in_.position();
  entry.name = in_.string(in_.u8());
  entry.type = static_cast<char>(in_.u8());
  size_t value_at = in_.position();
  skip_value(in_, entry.type, 0);
  if (!in_.ok()) return false;
  entry.value = from.subspan(value_at - start, in_.position() - value_at);
  entry.whole = from.first(in_.position() - start);
  return true;
}

}  // namespace godwit::model
