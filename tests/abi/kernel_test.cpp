// What the kernels of custom operators may ask and do: infos, contexts, attributes, standalone operators.
#include <atomic>
#include <cstring>
#include <map>

#include "abi/test_op.h"

namespace abi_test::ext {
namespace {

constexpr int kF32 = 1;

OrtStatus* copy_input(OrtKernelContext* c) {
  const OrtValue* x = input(c, 0);
  OrtValue* y = output(c, 0, dims_of(x));
  std::memcpy(data_of<float>(y), data_of<float>(x), count_of(x) * sizeof(float));
  return nullptr;
}

// Opens a model of one node "test.Probe" named "probe" with these attributes; `create` looks at its info.
void with_info(const std::vector<ModelText::Attr>& attrs, TestOp::Create create) {
  bool called = false;
  TestOp op("Probe", {{kFloat}}, {{kFloat}}, copy_input);
  op.create = [&](const OrtKernelInfo* info) {
    called = true;
    return create(info);
  };
  const Registered r("test", {&op});
  ASSERT_EQ(text_of(api().AddSessionConfigEntry(r.options.get(), "my.key", "my value")), "");
  ModelText m;
  m.opset("", 17).opset("test", 1).input("x", kF32, {2, -1}).output("y", kF32, {2, -1});
  m.node("test", "Probe", {"x"}, {"y"}, attrs, "probe");
  EXPECT_TRUE(open(m.bytes(), r.options.get()));
  EXPECT_TRUE(called);
}

template <class F>
std::string text_by_protocol(F&& get) {
  size_t size = 0;
  EXPECT_EQ(text_of(get(nullptr, &size)), "");
  std::string s(size, '?');
  EXPECT_EQ(text_of(get(s.data(), &size)), "");
  EXPECT_EQ(s.back(), '\0');
  s.pop_back();
  return s;
}

TEST(KernelInfo, Attributes) {
  with_info(
      {ModelText::of_int("i", -7), ModelText::of_float("f", 1.5f), ModelText::of_string("s", "hello"),
       ModelText::of_ints("is", {1, 2, 3}), ModelText::of_floats("fs", {0.5f, 2}),
       ModelText::of_strings("ss", {"a", "", "ccc"}), ModelText::of_tensor("t", {2, 1}, {3, 4})},
      [](const OrtKernelInfo* info) -> OrtStatus* {
        int64_t i = 0;
        EXPECT_EQ(text_of(api().KernelInfoGetAttribute_int64(info, "i", &i)), "");
        EXPECT_EQ(i, -7);
        float f = 0;
        EXPECT_EQ(text_of(api().KernelInfoGetAttribute_float(info, "f", &f)), "");
        EXPECT_EQ(f, 1.5f);
        EXPECT_EQ(text_by_protocol(
                      [&](char* out, size_t* n) { return api().KernelInfoGetAttribute_string(info, "s", out, n); }),
                  "hello");
        char small[3];
        size_t size = sizeof small;
        EXPECT_EQ(code_of(api().KernelInfoGetAttribute_string(info, "s", small, &size)), ORT_INVALID_ARGUMENT);
        EXPECT_EQ(size, 6u);
        size = 0;
        EXPECT_EQ(text_of(api().KernelInfoGetAttributeArray_int64(info, "is", nullptr, &size)), "");
        EXPECT_EQ(size, 3u);
        std::vector<int64_t> is(3);
        EXPECT_EQ(text_of(api().KernelInfoGetAttributeArray_int64(info, "is", is.data(), &size)), "");
        EXPECT_EQ(is, (std::vector<int64_t>{1, 2, 3}));
        size = 2;
        EXPECT_EQ(code_of(api().KernelInfoGetAttributeArray_int64(info, "is", is.data(), &size)), ORT_INVALID_ARGUMENT);
        std::vector<float> fs(2);
        size = 2;
        EXPECT_EQ(text_of(api().KernelInfoGetAttributeArray_float(info, "fs", fs.data(), &size)), "");
        EXPECT_EQ(fs, (std::vector<float>{0.5f, 2}));
        char** texts = nullptr;
        EXPECT_EQ(text_of(api().KernelInfoGetAttributeArray_string(info, "ss", allocator(), &texts, &size)), "");
        EXPECT_EQ(size, 3u);
        if (texts == nullptr) return nullptr;
        EXPECT_STREQ(texts[0], "a");
        EXPECT_STREQ(texts[1], "");
        EXPECT_STREQ(texts[2], "ccc");
        for (size_t k = 0; k < size; ++k) allocator()->Free(allocator(), texts[k]);
        allocator()->Free(allocator(), texts);
        OrtValue* raw = nullptr;
        EXPECT_EQ(text_of(api().KernelInfoGetAttribute_tensor(info, "t", allocator(), &raw)), "");
        const Value t(raw);
        EXPECT_EQ(dims_of(t.get()), (std::vector<int64_t>{2, 1}));
        EXPECT_EQ(elements<float>(t.get()), (std::vector<float>{3, 4}));
        return nullptr;
      });
}

TEST(KernelInfo, AttributesThatAreNotThere) {
  with_info({ModelText::of_int("i", 1)}, [](const OrtKernelInfo* info) -> OrtStatus* {
    int64_t i = 0;
    float f = 0;
    size_t n = 0;
    OrtValue* t = nullptr;
    EXPECT_EQ(code_of(api().KernelInfoGetAttribute_int64(info, "none", &i)), ORT_FAIL);
    EXPECT_EQ(code_of(api().KernelInfoGetAttribute_float(info, "none", &f)), ORT_FAIL);
    EXPECT_EQ(code_of(api().KernelInfoGetAttribute_float(info, "i", &f)), ORT_FAIL);
    EXPECT_EQ(code_of(api().KernelInfoGetAttribute_string(info, "none", nullptr, &n)), ORT_FAIL);
    EXPECT_EQ(code_of(api().KernelInfoGetAttributeArray_int64(info, "none", nullptr, &n)), ORT_FAIL);
    EXPECT_EQ(code_of(api().KernelInfoGetAttribute_tensor(info, "none", allocator(), &t)), ORT_FAIL);
    const std::string text = text_of(api().KernelInfoGetAttribute_int64(info, "none", &i));
    EXPECT_EQ(text.substr(0, text.find('\n')), "No attribute with name:'none'is defined.");
    return nullptr;
  });
}

TEST(KernelInfo, NamesTypesAndSettings) {
  OrtKernelInfo* kept = nullptr;
  with_info({}, [&](const OrtKernelInfo* info) -> OrtStatus* {
    EXPECT_EQ(text_of(api().CopyKernelInfo(info, &kept)), "");
    return nullptr;
  });
  ASSERT_NE(kept, nullptr);
  api().ReleaseKernelInfo(kept);
  with_info({}, [](const OrtKernelInfo* info) -> OrtStatus* {
    size_t n = 0;
    EXPECT_EQ(text_of(api().KernelInfo_GetInputCount(info, &n)), "");
    EXPECT_EQ(n, 1u);
    EXPECT_EQ(text_of(api().KernelInfo_GetOutputCount(info, &n)), "");
    EXPECT_EQ(n, 1u);
    EXPECT_EQ(text_by_protocol([&](char* o, size_t* k) { return api().KernelInfo_GetInputName(info, 0, o, k); }), "x");
    EXPECT_EQ(text_by_protocol([&](char* o, size_t* k) { return api().KernelInfo_GetOutputName(info, 0, o, k); }), "y");
    EXPECT_EQ(text_by_protocol([&](char* o, size_t* k) { return api().KernelInfo_GetNodeName(info, o, k); }), "probe");
    EXPECT_EQ(text_by_protocol([&](char* o, size_t* k) { return api().KernelInfo_GetOperatorType(info, o, k); }),
              "Probe");
    EXPECT_EQ(text_by_protocol([&](char* o, size_t* k) { return api().KernelInfo_GetOperatorDomain(info, o, k); }),
              "test");
    int since = 0;
    EXPECT_EQ(text_of(api().KernelInfo_GetOperatorSinceVersion(info, &since)), "");
    EXPECT_EQ(since, 1);
    EXPECT_NE(text_of(api().KernelInfo_GetInputName(info, 1, nullptr, &n)), "");
    OrtTypeInfo* raw = nullptr;
    EXPECT_EQ(text_of(api().KernelInfo_GetInputTypeInfo(info, 0, &raw)), "");
    const TypeInfo type(raw);
    const OrtTensorTypeAndShapeInfo* tensor_info = nullptr;
    EXPECT_EQ(text_of(api().CastTypeInfoToTensorInfo(type.get(), &tensor_info)), "");
    int64_t dims[2] = {};
    EXPECT_EQ(text_of(api().GetDimensions(tensor_info, dims, 2)), "");
    EXPECT_EQ(dims[0], 2);
    EXPECT_EQ(dims[1], -1);
    EXPECT_NE(text_of(api().KernelInfo_GetOutputTypeInfo(info, 5, &raw)), "");
    const OrtLogger* logger = nullptr;
    EXPECT_EQ(text_of(api().KernelInfo_GetLogger(info, &logger)), "");
    OrtLoggingLevel level = ORT_LOGGING_LEVEL_VERBOSE;
    EXPECT_EQ(text_of(api().Logger_GetLoggingSeverityLevel(logger, &level)), "");
    EXPECT_EQ(level, ORT_LOGGING_LEVEL_FATAL);
    OrtAllocator* a = nullptr;
    EXPECT_EQ(text_of(api().KernelInfoGetAllocator(info, OrtMemTypeDefault, &a)), "");
    void* p = a->Alloc(a, 100);
    EXPECT_NE(p, nullptr);
    a->Free(a, p);
    OrtKeyValuePairs* pairs = nullptr;
    EXPECT_EQ(text_of(api().KernelInfo_GetConfigEntries(info, &pairs)), "");
    const KeyValuePairs owner(pairs);
    const char* value = api().GetKeyValue(pairs, "my.key");
    EXPECT_STREQ(value, "my value");
    return nullptr;
  });
}

TEST(KernelInfo, ConstantInputs) {
  TestOp op("Probe", {{kFloat}, {kFloat}}, {{kFloat}}, copy_input);
  const OrtValue* kept = nullptr;
  op.create = [&](const OrtKernelInfo* info) -> OrtStatus* {
    int constant = -1;
    const OrtValue* v = nullptr;
    EXPECT_EQ(text_of(api().KernelInfoGetConstantInput_tensor(info, 0, &constant, &v)), "");
    EXPECT_EQ(constant, 0);
    EXPECT_EQ(text_of(api().KernelInfoGetConstantInput_tensor(info, 1, &constant, &kept)), "");
    EXPECT_EQ(constant, 1);
    return nullptr;
  };
  const Registered r("test", {&op});
  ModelText m;
  m.opset("", 17).opset("test", 1).input("x", kF32, {1}).output("y", kF32, {1}).initializer("w", {2}, {5, 6});
  m.node("test", "Probe", {"x", "w"}, {"y"});
  const Session s = open(m.bytes(), r.options.get());
  ASSERT_TRUE(s);
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(elements<float>(kept), (std::vector<float>{5, 6}));
}

std::vector<Value> run_probe(TestOp& op, const OrtValue* x, std::string* failure = nullptr) {
  const Registered r("test", {&op});
  ModelText m;
  m.opset("", 17).opset("test", 1).input("x", kF32, {-1}).output("y", kF32, {-2});
  m.node("test", op.name, {"x"}, {"y"}, {}, "probe");
  EXPECT_EQ(text_of(api().SetIntraOpNumThreads(r.options.get(), 2)), "");
  const Session s = open(m.bytes(), r.options.get());
  return s ? run(s.get(), {{"x", x}}, {"y"}, failure) : std::vector<Value>();
}

TEST(KernelContext, ParallelForCoversEverythingOnce) {
  for (size_t batches : {0u, 1u, 3u, 1000u}) {
    TestOp op("Probe", {{kFloat}}, {{kFloat}}, [batches](OrtKernelContext* c) -> OrtStatus* {
      const OrtValue* x = input(c, 0);
      struct Work {
        const float* x;
        float* y;
        std::atomic<int> calls{0};
      } work{data_of<float>(x), data_of<float>(output(c, 0, dims_of(x)))};
      for (size_t i = 0; i < count_of(x); ++i) work.y[i] = 0;
      const auto one = [](void* data, size_t i) {
        auto& w = *static_cast<Work*>(data);
        w.y[i] += w.x[i] + 1;
        ++w.calls;
      };
      EXPECT_EQ(text_of(api().KernelContext_ParallelFor(c, one, count_of(x), batches, &work)), "");
      EXPECT_EQ(work.calls.load(), static_cast<int>(count_of(x)));
      return nullptr;
    });
    const Value x = tensor<float>({7}, {0, 1, 2, 3, 4, 5, 6});
    const auto out = run_probe(op, x.get());
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{1, 2, 3, 4, 5, 6, 7}));
  }
}

TEST(KernelContext, MemoryAndLogger) {
  TestOp op("Probe", {{kFloat}}, {{kFloat}}, [](OrtKernelContext* c) -> OrtStatus* {
    void* scratch = nullptr;
    EXPECT_EQ(text_of(api().KernelContext_GetScratchBuffer(c, cpu(), 1000, &scratch)), "");
    EXPECT_NE(scratch, nullptr);
    std::memset(scratch, 7, 1000);
    OrtAllocator* a = nullptr;
    EXPECT_EQ(text_of(api().KernelContext_GetAllocator(c, cpu(), &a)), "");
    void* p = a->Alloc(a, 64);
    EXPECT_NE(p, nullptr);
    a->Free(a, p);
    const OrtLogger* logger = nullptr;
    EXPECT_EQ(text_of(api().KernelContext_GetLogger(c, &logger)), "");
    EXPECT_EQ(text_of(api().Logger_LogMessage(logger, ORT_LOGGING_LEVEL_VERBOSE, "quiet", "f.cc", 1, "f")), "");
    void* stream = &stream;
    EXPECT_EQ(text_of(api().KernelContext_GetGPUComputeStream(c, &stream)), "");
    EXPECT_EQ(stream, nullptr);
    return copy_input(c);
  });
  const Value x = tensor<float>({2}, {3, 4});
  const auto out = run_probe(op, x.get());
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{3, 4}));
}

TEST(KernelContext, IndexesOutsideTheNode) {
  TestOp op("Probe", {{kFloat}}, {{kFloat}}, [](OrtKernelContext* c) -> OrtStatus* {
    const OrtValue* in = nullptr;
    EXPECT_EQ(text_of(api().KernelContext_GetInput(c, 5, &in)), "");
    EXPECT_EQ(in, nullptr);
    if (sardonyx()) {
      OrtValue* out = nullptr;
      const int64_t dims[1] = {1}, negative[1] = {-1};
      EXPECT_NE(text_of(api().KernelContext_GetOutput(c, 5, dims, 1, &out)), "");
      EXPECT_NE(text_of(api().KernelContext_GetOutput(c, 0, negative, 1, &out)), "");
    }
    return copy_input(c);
  });
  const Value x = tensor<float>({2}, {3, 4});
  EXPECT_EQ(run_probe(op, x.get()).size(), 1u);
}

TEST(KernelContext, AnOutputThatIsNotMade) {
  TestOp op("Probe", {{kFloat}}, {{kFloat}}, [](OrtKernelContext*) -> OrtStatus* { return nullptr; });
  const Value x = tensor<float>({2}, {3, 4});
  std::string failure;
  run_probe(op, x.get(), &failure);
  if (sardonyx()) {
    EXPECT_NE(failure.find("did not make output 0"), std::string::npos) << failure;
  }
}

struct OpAttr {
  OpAttr(const char* name, const void* data, int len, OrtOpAttrType type) {
    EXPECT_EQ(text_of(api().CreateOpAttr(name, data, len, type, &attr)), "");
  }
  ~OpAttr() { api().ReleaseOpAttr(attr); }
  OpAttr(const OpAttr&) = delete;
  OrtOpAttr* attr = nullptr;
};

TEST(OpAttr, MadeAndReadBack) {
  const int64_t i = 5, is[] = {1, 2, 3};
  const float f = 0.5f, fs[] = {1, 2};
  const char* ss[] = {"one", "", "three"};
  const OpAttr ai("i", &i, 1, ORT_OP_ATTR_INT), ais("is", is, 3, ORT_OP_ATTR_INTS);
  const OpAttr af("f", &f, 1, ORT_OP_ATTR_FLOAT), afs("fs", fs, 2, ORT_OP_ATTR_FLOATS);
  const OpAttr as("s", "hello", 5, ORT_OP_ATTR_STRING), ass("ss", ss, 3, ORT_OP_ATTR_STRINGS);
  int64_t read_ints[3] = {};
  float read_floats[2] = {};
  char read_text[32] = {};
  size_t n = 0;
  EXPECT_EQ(text_of(api().ReadOpAttr(ai.attr, ORT_OP_ATTR_INT, read_ints, sizeof read_ints, &n)), "");
  EXPECT_EQ(n, 8u);
  EXPECT_EQ(read_ints[0], 5);
  EXPECT_EQ(text_of(api().ReadOpAttr(ais.attr, ORT_OP_ATTR_INTS, read_ints, sizeof read_ints, &n)), "");
  EXPECT_EQ(n, 24u);
  EXPECT_EQ(read_ints[2], 3);
  EXPECT_EQ(text_of(api().ReadOpAttr(af.attr, ORT_OP_ATTR_FLOAT, read_floats, sizeof read_floats, &n)), "");
  EXPECT_EQ(n, 4u);
  EXPECT_EQ(read_floats[0], 0.5f);
  EXPECT_EQ(text_of(api().ReadOpAttr(afs.attr, ORT_OP_ATTR_FLOATS, read_floats, sizeof read_floats, &n)), "");
  EXPECT_EQ(n, 8u);
  EXPECT_EQ(read_floats[1], 2.f);
  EXPECT_EQ(text_of(api().ReadOpAttr(as.attr, ORT_OP_ATTR_STRING, read_text, sizeof read_text, &n)), "");
  EXPECT_EQ(n, 5u);
  EXPECT_STREQ(read_text, "hello");
  EXPECT_EQ(text_of(api().ReadOpAttr(ass.attr, ORT_OP_ATTR_STRINGS, read_text, sizeof read_text, &n)), "");
  EXPECT_EQ(std::string(read_text, n), std::string("one\0\0three\0", 11));
  EXPECT_NE(text_of(api().ReadOpAttr(ais.attr, ORT_OP_ATTR_INTS, read_ints, 8, &n)), "");
  EXPECT_EQ(n, 24u);
  OrtOpAttrType type = ORT_OP_ATTR_UNDEFINED;
  EXPECT_EQ(text_of(api().OpAttr_GetType(ass.attr, &type)), "");
  EXPECT_EQ(type, ORT_OP_ATTR_STRINGS);
  const char* name = nullptr;
  EXPECT_EQ(text_of(api().OpAttr_GetName(ass.attr, &name)), "");
  EXPECT_STREQ(name, "ss");
  OrtOpAttr* bad = nullptr;
  EXPECT_NE(text_of(api().CreateOpAttr("x", &i, 1, ORT_OP_ATTR_UNDEFINED, &bad)), "");
}

struct Call {
  OrtOp* op = nullptr;
  ~Call() { api().ReleaseOp(op); }
};

TEST(InvokeOp, AddOfTheKernelsInputs) {
  Call add;
  TestOp op("Probe", {{kFloat}}, {{kFloat}}, [&](OrtKernelContext* c) -> OrtStatus* {
    const OrtValue* x = input(c, 0);
    OrtValue* y = output(c, 0, dims_of(x));
    const OrtValue* in[] = {x, x};
    OrtValue* out[] = {y};
    return api().InvokeOp(c, add.op, in, 2, out, 1);
  });
  op.create = [&](const OrtKernelInfo* info) {
    const char* names[] = {"T"};
    const ONNXTensorElementDataType types[] = {kFloat};
    return api().CreateOp(info, "Add", "", 14, names, types, 1, nullptr, 0, 2, 1, &add.op);
  };
  const Value x = tensor<float>({3}, {1, 2, 3});
  const auto out = run_probe(op, x.get());
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{2, 4, 6}));
}

TEST(InvokeOp, AttributesAndInputsThatShapeTheResult) {
  Call topk;
  TestOp op("Probe", {{kFloat}}, {{kFloat}}, [&](OrtKernelContext* c) -> OrtStatus* {
    const OrtValue* x = input(c, 0);
    const Value k = tensor<int64_t>({1}, {2}), positions = tensor<int64_t>({2}, {0, 0});
    const OrtValue* in[] = {x, k.get()};
    OrtValue* out[] = {output(c, 0, {2}), positions.get()};
    if (OrtStatus* s = api().InvokeOp(c, topk.op, in, 2, out, 2)) return s;
    EXPECT_EQ(elements<int64_t>(positions.get()), (std::vector<int64_t>{3, 1}));
    return nullptr;
  });
  op.create = [&](const OrtKernelInfo* info) {
    const int64_t axis = -1, largest = 1, sorted = 1;
    const OpAttr a("axis", &axis, 1, ORT_OP_ATTR_INT), l("largest", &largest, 1, ORT_OP_ATTR_INT),
        s("sorted", &sorted, 1, ORT_OP_ATTR_INT);
    const OrtOpAttr* attrs[] = {a.attr, l.attr, s.attr};
    const char* names[] = {"T", "I"};
    const ONNXTensorElementDataType types[] = {kFloat, kInt64};
    return api().CreateOp(info, "TopK", "", 11, names, types, 2, attrs, 3, 2, 2, &topk.op);
  };
  const Value x = tensor<float>({4}, {1, 5, 2, 9});
  const auto out = run_probe(op, x.get());
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{9, 5}));
}

TEST(InvokeOp, UnknownOperatorsAndWrongCounts) {
  Call add;
  TestOp op("Probe", {{kFloat}}, {{kFloat}}, [&](OrtKernelContext* c) -> OrtStatus* {
    if (sardonyx()) {
      const OrtValue* in[] = {input(c, 0)};
      OrtValue* out[] = {output(c, 0, {1})};
      EXPECT_NE(text_of(api().InvokeOp(c, add.op, in, 1, out, 1)), "");
    }
    return copy_input(c);
  });
  op.create = [&](const OrtKernelInfo* info) {
    const char* names[] = {"T"};
    const ONNXTensorElementDataType types[] = {kFloat};
    OrtOp* none = nullptr;
    EXPECT_NE(text_of(api().CreateOp(info, "NoSuchOp", "", 14, names, types, 1, nullptr, 0, 2, 1, &none)), "");
    return api().CreateOp(info, "Add", "", 14, names, types, 1, nullptr, 0, 2, 1, &add.op);
  };
  const Value x = tensor<float>({1}, {3});
  EXPECT_EQ(run_probe(op, x.get()).size(), 1u);
}

}  // namespace
}  // namespace abi_test::ext
