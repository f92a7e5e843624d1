// Values that hold nothing. The C ABI has no constructor for them, but a model of one node makes them: SequenceEmpty
// for a sequence without items, Optional without an input for an empty optional. The models are kept.
#include <map>
#include <tuple>

#include "values.h"

namespace sardonyx::python {
namespace {

// Just enough of protobuf's wire format to write such a model.
std::string varint(uint64_t v) {
  std::string out;
  for (; v >= 0x80; v >>= 7) out += static_cast<char>(v | 0x80);
  return out += static_cast<char>(v);
}
std::string number(int field, uint64_t v) { return varint(static_cast<uint64_t>(field) << 3) + varint(v); }
std::string bytes(int field, const std::string& content) {
  return varint((static_cast<uint64_t>(field) << 3) | 2) + varint(content.size()) + content;
}

// The numbers are those of the fields of onnx.proto.
std::string type_proto(bool optional, bool sequence, int element) {
  std::string type = bytes(1, number(1, static_cast<uint64_t>(element)));
  if (sequence) type = bytes(4, bytes(1, type));
  if (optional) type = bytes(9, bytes(1, type));
  return type;
}

std::string model_bytes(bool optional, bool sequence, int element) {
  const std::string attribute =
      optional ? bytes(1, "type") + number(20, 13) + bytes(14, type_proto(false, sequence, element))
               : bytes(1, "dtype") + number(20, 2) + number(3, static_cast<uint64_t>(element));
  const std::string node = bytes(2, "z") + bytes(4, optional ? "Optional" : "SequenceEmpty") + bytes(5, attribute);
  const std::string output = bytes(1, "z") + bytes(2, type_proto(optional, sequence, element));
  const std::string graph = bytes(1, node) + bytes(2, "nothing") + bytes(12, output);
  return number(1, 8) + bytes(7, graph) + bytes(8, number(2, 17));
}

OrtSession* session_for(bool optional, bool sequence, int element) {
  static auto* sessions = new std::map<std::tuple<bool, bool, int>, OrtSession*>;
  OrtSession*& session = (*sessions)[{optional, sequence, element}];
  if (session) return session;
  const std::string model = model_bytes(optional, sequence, element);
  OrtSessionOptions* made = nullptr;
  check(g_api->CreateSessionOptions(&made));
  const OwnedSessionOptions options(made);
  check(g_api->SetIntraOpNumThreads(made, 1));
  check(g_api->CreateSessionFromArray(env(), model.data(), model.size(), made, &session));
  return session;
}

}  // namespace

Value nothing_for(const Port& port) {
  const int proto = element(port.element).proto;
  if (proto == 0) throw std::runtime_error("no empty value can be made of type " + port.type);
  OrtSession* session = session_for(port.optional, port.kind == ONNX_TYPE_SEQUENCE, proto);
  const char* name = "z";
  OrtValue* out = nullptr;
  check(g_api->Run(session, nullptr, nullptr, nullptr, 0, &name, 1, &out));
  return Value(OwnedValue(out));
}

}  // namespace sardonyx::python
