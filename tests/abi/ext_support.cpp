#include "abi/ext_support.h"

#include <filesystem>

namespace abi_test::ext {

std::string program_folder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path().string() + "/"; }

std::string text_of(OrtStatus* s) {
  if (s == nullptr) return {};
  const Error e = take(s);
  return e.text.empty() ? "(an error without text)" : e.text;
}
OrtErrorCode code_of(OrtStatus* s) { return take(s).code; }

SessionOptions make_options() {
  SessionOptions o = options();
  EXPECT_EQ(text_of(api().SetIntraOpNumThreads(o.get(), 1)), "");
  return o;
}

ONNXTensorElementDataType element_of(const OrtValue* v) {
  OrtTensorTypeAndShapeInfo* raw = nullptr;
  EXPECT_EQ(text_of(api().GetTensorTypeAndShape(v, &raw)), "");
  const TensorInfo info(raw);
  ONNXTensorElementDataType t = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  EXPECT_EQ(text_of(api().GetTensorElementType(raw, &t)), "");
  return t;
}

Session open(const std::string& model, const OrtSessionOptions* options, std::string* failure) {
  OrtSession* s = nullptr;
  const std::string text = text_of(api().CreateSessionFromArray(env(), model.data(), model.size(), options, &s));
  if (failure != nullptr)
    *failure = text;
  else
    EXPECT_EQ(text, "");
  return Session(s);
}

std::vector<Value> run(OrtSession* s, const std::vector<std::pair<std::string, const OrtValue*>>& inputs,
                       const std::vector<std::string>& outputs, std::string* failure, const OrtRunOptions* options) {
  std::vector<const char*> in_names, out_names;
  std::vector<const OrtValue*> in;
  std::vector<OrtValue*> out(outputs.size());
  for (const auto& [name, value] : inputs) in_names.push_back(name.c_str()), in.push_back(value);
  for (const std::string& name : outputs) out_names.push_back(name.c_str());
  const std::string text = text_of(
      api().Run(s, options, in_names.data(), in.data(), in.size(), out_names.data(), out_names.size(), out.data()));
  if (failure != nullptr)
    *failure = text;
  else
    EXPECT_EQ(text, "");
  std::vector<Value> results;
  if (!text.empty()) return results;
  for (OrtValue* v : out) results.emplace_back(v);
  return results;
}

namespace {

// Fields of a message, appended.
void field(Text& to, uint32_t number_, std::string_view bytes) { to += text(number_, bytes); }
void field(Text& to, uint32_t number_, int64_t v) { to += number(number_, v); }
void field(Text& to, uint32_t number_, float v) { to += real(number_, v); }
std::string tensor_message(std::string_view name, const std::vector<int64_t>& dims, const std::vector<float>& v) {
  std::string t;
  for (int64_t d : dims) field(t, 1, d);
  field(t, 2, int64_t{1});
  field(t, 8, name);
  field(t, 9, std::string_view(reinterpret_cast<const char*>(v.data()), v.size() * sizeof(float)));
  return t;
}
std::string attr_message(std::string_view name, int64_t kind) {
  std::string a;
  field(a, 1, name);
  field(a, 20, kind);
  return a;
}
std::string value_message(std::string_view name, int type, const std::vector<int64_t>& dims) {
  std::string shape, tensor, of_type, v;
  for (int64_t d : dims) {
    std::string dim;
    if (d >= 0) field(dim, 1, d);
    field(shape, 1, dim);
  }
  field(tensor, 1, static_cast<int64_t>(type));
  if (dims != std::vector<int64_t>{-2}) field(tensor, 2, shape);
  field(of_type, 1, tensor);
  field(v, 1, name);
  if (type != 0) field(v, 2, of_type);
  return v;
}

}  // namespace

ModelText::Attr ModelText::of_int(std::string_view name, int64_t v) {
  Attr a{attr_message(name, 2)};
  field(a.bytes, 3, v);
  return a;
}
ModelText::Attr ModelText::of_float(std::string_view name, float v) {
  Attr a{attr_message(name, 1)};
  field(a.bytes, 2, v);
  return a;
}
ModelText::Attr ModelText::of_string(std::string_view name, std::string_view v) {
  Attr a{attr_message(name, 3)};
  field(a.bytes, 4, v);
  return a;
}
ModelText::Attr ModelText::of_ints(std::string_view name, const std::vector<int64_t>& v) {
  Attr a{attr_message(name, 7)};
  for (int64_t x : v) field(a.bytes, 8, x);
  return a;
}
ModelText::Attr ModelText::of_floats(std::string_view name, const std::vector<float>& v) {
  Attr a{attr_message(name, 6)};
  for (float x : v) field(a.bytes, 7, x);
  return a;
}
ModelText::Attr ModelText::of_strings(std::string_view name, const std::vector<std::string>& v) {
  Attr a{attr_message(name, 8)};
  for (const std::string& x : v) field(a.bytes, 9, x);
  return a;
}
ModelText::Attr ModelText::of_tensor(std::string_view name, const std::vector<int64_t>& dims,
                                     const std::vector<float>& v) {
  Attr a{attr_message(name, 4)};
  field(a.bytes, 5, tensor_message({}, dims, v));
  return a;
}

ModelText& ModelText::opset(std::string_view domain, int64_t version) {
  std::string m;
  field(m, 1, domain);
  field(m, 2, version);
  field(opsets_, 8, m);
  return *this;
}
ModelText& ModelText::input(std::string_view name, int type, const std::vector<int64_t>& dims) {
  field(inputs_, 11, value_message(name, type, dims));
  return *this;
}
ModelText& ModelText::output(std::string_view name, int type, const std::vector<int64_t>& dims) {
  field(outputs_, 12, value_message(name, type, dims));
  return *this;
}
ModelText& ModelText::initializer(std::string_view name, const std::vector<int64_t>& dims,
                                  const std::vector<float>& v) {
  field(initializers_, 5, tensor_message(name, dims, v));
  return *this;
}
ModelText& ModelText::node(std::string_view domain, std::string_view op, const std::vector<std::string>& inputs,
                           const std::vector<std::string>& outputs, const std::vector<Attr>& attrs,
                           std::string_view name) {
  std::string n;
  for (const std::string& s : inputs) field(n, 1, s);
  for (const std::string& s : outputs) field(n, 2, s);
  if (!name.empty()) field(n, 3, name);
  field(n, 4, op);
  for (const Attr& a : attrs) field(n, 5, a.bytes);
  if (!domain.empty()) field(n, 7, domain);
  field(nodes_, 1, n);
  return *this;
}
std::string ModelText::bytes() const {
  std::string graph = nodes_, model;
  field(graph, 2, "g");
  graph += initializers_ + inputs_ + outputs_;
  field(model, 1, int64_t{8});
  field(model, 7, graph);
  return model + opsets_;
}

// A FlatBuffers message, put together by hand. Numbers in the comments are positions.
std::string adapter_bytes(int32_t format, int32_t type) {
  std::string b;
  const auto put = [&](auto v) { b.append(reinterpret_cast<const char*>(&v), sizeof v); };
  put(uint32_t{24});  // 0: the root table is at 24
  b += "TORT";        // 4: file identifier
  put(uint16_t{12});  // 8: layout of the adapter: its size, the table's size, four fields
  put(uint16_t{20});
  for (uint16_t at : {4, 8, 12, 16}) put(at);
  put(uint32_t{0});  // 20: padding
  put(int32_t{16});  // 24: adapter; its layout is 16 bytes before
  put(format);
  put(int32_t{3});
  put(int32_t{7});
  put(uint32_t{4});   // 40: parameters at 44
  put(uint32_t{1});   // 44: one parameter
  put(uint32_t{16});  // 48: at 64
  put(uint16_t{12});  // 52: layout of the parameter
  put(uint16_t{20});
  for (uint16_t at : {4, 8, 12, 16}) put(at);
  put(int32_t{12});   // 64: parameter; its layout is 12 bytes before
  put(uint32_t{16});  // 68: name at 84
  put(uint32_t{20});  // 72: dims at 92
  put(type);          // 76: element type
  put(uint32_t{28});  // 80: data at 108
  put(uint32_t{1});   // 84: "w"
  b += std::string("w\0\0\0", 4);
  put(uint32_t{1});  // 92: one extent
  put(int64_t{2});
  put(uint32_t{0});  // 104: padding
  put(uint32_t{8});  // 108: eight bytes
  put(100.f);
  put(200.f);
  return b;
}

}  // namespace abi_test::ext
