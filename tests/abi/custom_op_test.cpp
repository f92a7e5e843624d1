// Custom operators registered by domain: every version of the struct, every kind of parameter, inference, errors.
#include <cstring>
#include <stdexcept>

#include "abi/test_op.h"

namespace abi_test::ext {
namespace {

constexpr int kF32 = 1, kI64 = 7, kF64 = 11, kText = 8;

// y = 2x, elementwise, in floats.
OrtStatus* twice(OrtKernelContext* c) {
  const OrtValue* x = input(c, 0);
  OrtValue* y = output(c, 0, dims_of(x));
  for (size_t i = 0; i < count_of(x); ++i) data_of<float>(y)[i] = 2 * data_of<float>(x)[i];
  return nullptr;
}

ModelText twice_model(const std::vector<int64_t>& dims = {-1}) {
  ModelText m;
  m.opset("", 17).opset("test", 1).input("x", kF32, dims).output("y", kF32, dims);
  m.node("", "Neg", {"x"}, {"a"}).node("test", "Twice", {"a"}, {"b"}, {}, "the_node").node("", "Neg", {"b"}, {"y"});
  return m;
}

std::vector<float> run_floats(OrtSession* s, const std::vector<float>& x) {
  const Value in = tensor<float>({static_cast<int64_t>(x.size())}, x);
  const auto out = run(s, {{"x", in.get()}}, {"y"});
  return out.empty() ? std::vector<float>{} : elements<float>(out[0].get());
}

TEST(CustomOps, EveryVersionOfTheStruct) {
  for (uint32_t version : {1u, 7u, 8u, 13u, 14u, 15u, 16u, 17u, 18u, 24u, uint32_t{ORT_API_VERSION}}) {
    TestOp op("Twice", {{kFloat}}, {{kFloat}}, twice, version);
    {
      const Registered r("test", {&op});
      const Session s = open(twice_model().bytes(), r.options.get());
      ASSERT_TRUE(s) << "version " << version;
      EXPECT_EQ(run_floats(s.get(), {1, 2, 3}), (std::vector<float>{2, 4, 6})) << "version " << version;
      EXPECT_EQ(run_floats(s.get(), {7}), (std::vector<float>{14}));
      EXPECT_EQ(run_floats(s.get(), {}), (std::vector<float>{}));
      EXPECT_EQ(op.created, 1);
    }
    EXPECT_EQ(op.destroyed, 1);
  }
}

TEST(CustomOps, InferenceCallbackGivesExtents) {
  TestOp op("Twice", {{kFloat}}, {{kFloat}}, twice);
  op.use_inference([](OrtShapeInferContext* c) -> OrtStatus* {
    size_t n = 0;
    EXPECT_EQ(text_of(api().ShapeInferContext_GetInputCount(c, &n)), "");
    EXPECT_EQ(n, 1u);
    OrtTensorTypeAndShapeInfo* info = nullptr;
    EXPECT_EQ(text_of(api().ShapeInferContext_GetInputTypeShape(c, 0, &info)), "");
    ONNXTensorElementDataType t = kAnyElement;
    EXPECT_EQ(text_of(api().GetTensorElementType(info, &t)), "");
    EXPECT_EQ(t, kFloat);
    const OrtOpAttr* attr = nullptr;
    EXPECT_NE(text_of(api().ShapeInferContext_GetAttribute(c, "no_such", &attr)), "");
    return api().ShapeInferContext_SetOutputTypeShape(c, 0, info);
  });
  const Registered r("test", {&op});
  ModelText m;
  m.opset("", 17).opset("test", 1).input("x", kF32, {2, -1}).output("y", kF32, {-2});
  m.node("test", "Twice", {"x"}, {"y"});
  const Session s = open(m.bytes(), r.options.get());
  ASSERT_TRUE(s);
  OrtTypeInfo* raw = nullptr;
  ASSERT_EQ(text_of(api().SessionGetOutputTypeInfo(s.get(), 0, &raw)), "");
  const TypeInfo type(raw);
  const OrtTensorTypeAndShapeInfo* info = nullptr;
  ASSERT_EQ(text_of(api().CastTypeInfoToTensorInfo(type.get(), &info)), "");
  size_t rank = 0;
  ASSERT_EQ(text_of(api().GetDimensionsCount(info, &rank)), "");
  ASSERT_EQ(rank, 2u);
  int64_t dims[2] = {};
  ASSERT_EQ(text_of(api().GetDimensions(info, dims, 2)), "");
  EXPECT_EQ(dims[0], 2);
  EXPECT_EQ(dims[1], -1);
  const Value in = tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto out = run(s.get(), {{"x", in.get()}}, {"y"});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(dims_of(out[0].get()), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{2, 4, 6, 8, 10, 12}));
}

TEST(CustomOps, InferenceReadsAttributes) {
  TestOp op("Repeat", {{kFloat}}, {{kFloat}}, [](OrtKernelContext* c) -> OrtStatus* {
    const OrtValue* x = input(c, 0);
    const size_t n = count_of(x);
    OrtValue* y = output(c, 0, {3, static_cast<int64_t>(n)});
    for (size_t i = 0; i < 3 * n; ++i) data_of<float>(y)[i] = data_of<float>(x)[i % n];
    return nullptr;
  });
  op.use_inference([](OrtShapeInferContext* c) -> OrtStatus* {
    const OrtOpAttr* attr = nullptr;
    if (OrtStatus* s = api().ShapeInferContext_GetAttribute(c, "times", &attr)) return s;
    int64_t times = 0;
    size_t needed = 0;
    if (OrtStatus* s = api().ReadOpAttr(attr, ORT_OP_ATTR_INT, &times, sizeof times, &needed)) return s;
    OrtTensorTypeAndShapeInfo* in = nullptr;
    if (OrtStatus* s = api().ShapeInferContext_GetInputTypeShape(c, 0, &in)) return s;
    int64_t extent = 0;
    if (OrtStatus* s = api().GetDimensions(in, &extent, 1)) return s;
    const char* symbol[2] = {"", ""};
    if (OrtStatus* s = api().GetSymbolicDimensions(in, symbol + 1, 1)) return s;
    OrtTensorTypeAndShapeInfo* made = nullptr;
    if (OrtStatus* s = api().CreateTensorTypeAndShapeInfo(&made)) return s;
    const TensorTypeAndShapeInfo out(made);
    const int64_t dims[2] = {times, extent};
    if (OrtStatus* s = api().SetTensorElementType(made, kFloat)) return s;
    if (OrtStatus* s = api().SetDimensions(made, dims, 2)) return s;
    if (OrtStatus* s = api().SetSymbolicDimensions(made, symbol, 2)) return s;
    return api().ShapeInferContext_SetOutputTypeShape(c, 0, made);
  });
  const Registered r("test", {&op});
  ModelText m;
  m.opset("", 17).opset("test", 1).input("x", kF32, {-1}).output("z", kF32, {-2});
  m.node("test", "Repeat", {"x"}, {"y"}, {ModelText::of_int("times", 3)}).node("", "Abs", {"y"}, {"z"});
  const Session s = open(m.bytes(), r.options.get());
  ASSERT_TRUE(s);
  for (const auto& x : {std::vector<float>{-1, 2}, std::vector<float>{5}}) {
    const Value in = tensor<float>({static_cast<int64_t>(x.size())}, x);
    const auto out = run(s.get(), {{"x", in.get()}}, {"z"});
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(dims_of(out[0].get()), (std::vector<int64_t>{3, static_cast<int64_t>(x.size())}));
  }
}

TEST(CustomOps, OutputExtentsThatOnlyRunningTells) {
  // Keeps the positive elements.
  TestOp op("Positive", {{kFloat}}, {{kFloat}}, [](OrtKernelContext* c) -> OrtStatus* {
    const OrtValue* x = input(c, 0);
    std::vector<float> kept;
    for (size_t i = 0; i < count_of(x); ++i)
      if (data_of<float>(x)[i] > 0) kept.push_back(data_of<float>(x)[i]);
    OrtValue* y = output(c, 0, {static_cast<int64_t>(kept.size())});
    std::copy(kept.begin(), kept.end(), data_of<float>(y));
    return nullptr;
  });
  const Registered r("test", {&op});
  ModelText m;
  m.opset("", 17).opset("test", 1).input("x", kF32, {-1}).output("y", kF32, {-1});
  m.node("test", "Positive", {"x"}, {"a"}).node("", "Neg", {"a"}, {"y"});
  const Session s = open(m.bytes(), r.options.get());
  ASSERT_TRUE(s);
  EXPECT_EQ(run_floats(s.get(), {1, -1, 2}), (std::vector<float>{-1, -2}));
  EXPECT_EQ(run_floats(s.get(), {1, 3, 2}), (std::vector<float>{-1, -3, -2}));
  EXPECT_EQ(run_floats(s.get(), {-1}), (std::vector<float>{}));
}

TEST(CustomOps, VariadicInputsAndOutputs) {
  // Sums all inputs into the first output and gives each input back in the following ones.
  TestOp op("Gather", {{kFloat, INPUT_OUTPUT_VARIADIC}}, {{kFloat, INPUT_OUTPUT_VARIADIC}},
            [](OrtKernelContext* c) -> OrtStatus* {
              size_t in = 0, out = 0;
              EXPECT_EQ(text_of(api().KernelContext_GetInputCount(c, &in)), "");
              EXPECT_EQ(text_of(api().KernelContext_GetOutputCount(c, &out)), "");
              float sum = 0;
              for (size_t i = 0; i < in; ++i) sum += *data_of<float>(input(c, i));
              *data_of<float>(output(c, 0, {1})) = sum;
              for (size_t o = 1; o < out; ++o) *data_of<float>(output(c, o, {1})) = *data_of<float>(input(c, o - 1));
              return nullptr;
            });
  op.in_arity = 2;
  const Registered r("test", {&op});
  ModelText m;
  m.opset("", 17).opset("test", 1);
  for (const char* name : {"x", "w", "v"}) m.input(name, kF32, {1});
  m.output("y", kF32, {1}).output("z", kF32, {1});
  m.node("test", "Gather", {"x", "w", "v"}, {"y", "z"});
  const Session s = open(m.bytes(), r.options.get());
  ASSERT_TRUE(s);
  const Value x = tensor<float>({1}, {1}), w = tensor<float>({1}, {20}), v = tensor<float>({1}, {300});
  const auto out = run(s.get(), {{"x", x.get()}, {"w", w.get()}, {"v", v.get()}}, {"y", "z"});
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{321}));
  EXPECT_EQ(elements<float>(out[1].get()), (std::vector<float>{1}));

  ModelText few;
  few.opset("", 17).opset("test", 1).input("x", kF32, {1}).output("y", kF32, {1}).node("test", "Gather", {"x"}, {"y"});
  std::string failure;
  EXPECT_FALSE(open(few.bytes(), r.options.get(), &failure));
  EXPECT_NE(failure, "");
}

TEST(CustomOps, VariadicInputsOfDifferentTypes) {
  TestOp op("Types", {{kAnyElement, INPUT_OUTPUT_VARIADIC}}, {{kInt64}}, [](OrtKernelContext* c) -> OrtStatus* {
    size_t n = 0;
    EXPECT_EQ(text_of(api().KernelContext_GetInputCount(c, &n)), "");
    int64_t* y = data_of<int64_t>(output(c, 0, {static_cast<int64_t>(n)}));
    for (size_t i = 0; i < n; ++i) y[i] = element_of(input(c, i));
    return nullptr;
  });
  op.in_homogeneous = 0;
  const Registered r("test", {&op});
  ModelText m;
  m.opset("", 17).opset("test", 1).input("x", kF32, {1}).input("w", kI64, {1}).input("v", kText, {1});
  m.output("y", kI64, {3}).node("test", "Types", {"x", "w", "v"}, {"y"});
  const Session s = open(m.bytes(), r.options.get());
  ASSERT_TRUE(s);
  const Value x = tensor<float>({1}, {1}), w = tensor<int64_t>({1}, {20}), v = strings({1}, {"text"});
  const auto out = run(s.get(), {{"x", x.get()}, {"w", w.get()}, {"v", v.get()}}, {"y"});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(elements<int64_t>(out[0].get()), (std::vector<int64_t>{1, 7, 8}));
}

TEST(CustomOps, OptionalInputsAndOutputs) {
  TestOp op("Maybe", {{kFloat}, {kFloat, INPUT_OUTPUT_OPTIONAL}, {kFloat, INPUT_OUTPUT_OPTIONAL}},
            {{kFloat}, {kFloat, INPUT_OUTPUT_OPTIONAL}}, [](OrtKernelContext* c) -> OrtStatus* {
              size_t n = 0;
              EXPECT_EQ(text_of(api().KernelContext_GetInputCount(c, &n)), "");
              float sum = 0;
              for (size_t i = 0; i < n; ++i)
                if (const OrtValue* v = input(c, i)) sum += *data_of<float>(v);
              *data_of<float>(output(c, 0, {1})) = sum;
              EXPECT_EQ(text_of(api().KernelContext_GetOutputCount(c, &n)), "");
              if (n > 1)
                if (OrtValue* second = output(c, 1, {1})) *data_of<float>(second) = -sum;
              return nullptr;
            });
  const Registered r("test", {&op});
  ModelText m;
  m.opset("", 17).opset("test", 1).input("x", kF32, {1}).input("w", kF32, {1});
  for (const char* name : {"a", "b", "c", "d"}) m.output(name, kF32, {1});
  m.node("test", "Maybe", {"x"}, {"a"}).node("test", "Maybe", {"x", "", "w"}, {"b"});
  m.node("test", "Maybe", {"x", "w"}, {"c", "d"});
  const Session s = open(m.bytes(), r.options.get());
  ASSERT_TRUE(s);
  const Value x = tensor<float>({1}, {1}), w = tensor<float>({1}, {20});
  const auto out = run(s.get(), {{"x", x.get()}, {"w", w.get()}}, {"a", "b", "c", "d"});
  ASSERT_EQ(out.size(), 4u);
  const float want[] = {1, 21, 21, -21};
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(elements<float>(out[i].get()), (std::vector<float>{want[i]}));
}

TEST(CustomOps, OneNameForSeveralTypes) {
  const auto filler = [](float mark) {
    return [mark](OrtKernelContext* c) -> OrtStatus* {
      *data_of<float>(output(c, 0, {1})) = mark;
      return nullptr;
    };
  };
  TestOp floats("Which", {{kFloat}}, {{kFloat}}, filler(1)), ints("Which", {{kInt64}}, {{kFloat}}, filler(2));
  const Registered r("test", {&floats, &ints});
  ModelText m;
  m.opset("", 17).opset("test", 1).input("x", kF32, {1}).input("w", kI64, {1}).input("v", kF64, {1});
  m.output("a", kF32, {1}).output("b", kF32, {1});
  ModelText bad = m;
  m.node("test", "Which", {"x"}, {"a"}).node("test", "Which", {"w"}, {"b"});
  bad.node("test", "Which", {"x"}, {"a"}).node("test", "Which", {"v"}, {"b"});
  const Session s = open(m.bytes(), r.options.get());
  ASSERT_TRUE(s);
  const Value x = tensor<float>({1}, {1}), w = tensor<int64_t>({1}, {1}), v = tensor<double>({1}, {1});
  const auto out = run(s.get(), {{"x", x.get()}, {"w", w.get()}, {"v", v.get()}}, {"a", "b"});
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{1}));
  EXPECT_EQ(elements<float>(out[1].get()), (std::vector<float>{2}));
  std::string failure;
  EXPECT_FALSE(open(bad.bytes(), r.options.get(), &failure));
  EXPECT_NE(failure, "");
}

TEST(CustomOps, UndefinedTypesFollowTheInput) {
  TestOp op("Copy", {{kAnyElement}}, {{kAnyElement}}, [](OrtKernelContext* c) -> OrtStatus* {
    const OrtValue* x = input(c, 0);
    OrtValue* y = output(c, 0, dims_of(x));
    size_t bytes = 0;
    EXPECT_EQ(text_of(api().GetTensorSizeInBytes(x, &bytes)), "");
    std::memcpy(data_of<char>(y), data_of<char>(x), bytes);
    return nullptr;
  });
  const Registered r("test", {&op});
  ModelText m;
  m.opset("", 17).opset("test", 1).input("x", kF64, {-1}).output("y", kF64, {-1});
  m.node("test", "Copy", {"x"}, {"a"}).node("", "Neg", {"a"}, {"y"});
  const Session s = open(m.bytes(), r.options.get());
  ASSERT_TRUE(s);
  const Value x = tensor<double>({2}, {1, 2});
  const auto out = run(s.get(), {{"x", x.get()}}, {"y"});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(elements<double>(out[0].get()), (std::vector<double>{-1, -2}));
}

TEST(CustomOps, StringsInAndOut) {
  TestOp op("Shout", {{kString}}, {{kString}}, [](OrtKernelContext* c) -> OrtStatus* {
    const OrtValue* x = input(c, 0);
    std::vector<std::string> all = texts(x);
    for (std::string& s : all) s += "!";
    OrtValue* y = output(c, 0, dims_of(x));
    std::vector<const char*> pointers;
    for (const std::string& s : all) pointers.push_back(s.c_str());
    return api().FillStringTensor(y, pointers.data(), pointers.size());
  });
  for (bool inferred : {false, true}) {
    if (inferred)
      op.use_inference([](OrtShapeInferContext* c) -> OrtStatus* {
        OrtTensorTypeAndShapeInfo* info = nullptr;
        if (OrtStatus* s = api().ShapeInferContext_GetInputTypeShape(c, 0, &info)) return s;
        return api().ShapeInferContext_SetOutputTypeShape(c, 0, info);
      });
    const Registered r("test", {&op});
    ModelText m;
    m.opset("", 17).opset("test", 1).input("x", kText, {-1}).output("y", kText, {-1});
    m.node("test", "Shout", {"x"}, {"a"}).node("test", "Shout", {"a"}, {"y"});
    const Session s = open(m.bytes(), r.options.get());
    ASSERT_TRUE(s);
    const Value x = strings({2}, {"a", "long enough to leave the object"});
    const auto out = run(s.get(), {{"x", x.get()}}, {"y"});
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(texts(out[0].get()), (std::vector<std::string>{"a!!", "long enough to leave the object!!"}));
  }
}

TEST(CustomOps, OutputMayUseTheInputsMemory) {
  for (bool alias : {false, true}) {
    static int released = 0;
    released = 0;
    TestOp op("Twice", {{kFloat}}, {{kFloat}}, twice);
    op.use_inference([](OrtShapeInferContext* c) -> OrtStatus* {
      OrtTensorTypeAndShapeInfo* info = nullptr;
      if (OrtStatus* s = api().ShapeInferContext_GetInputTypeShape(c, 0, &info)) return s;
      return api().ShapeInferContext_SetOutputTypeShape(c, 0, info);
    });
    const auto pairs = [](int** in, int** out) {
      *in = new int[1]{0};
      *out = new int[1]{0};
      return size_t{1};
    };
    const auto release = [](int* in, int* out) {
      delete[] in;
      delete[] out;
      ++released;
    };
    (alias ? op.GetAliasMap : op.GetMayInplace) = pairs;
    (alias ? op.ReleaseAliasMap : op.ReleaseMayInplace) = release;
    const Registered r("test", {&op});
    const Session s = open(twice_model({3}).bytes(), r.options.get());
    ASSERT_TRUE(s);
    EXPECT_EQ(run_floats(s.get(), {1, 2, 3}), (std::vector<float>{2, 4, 6}));
    EXPECT_EQ(run_floats(s.get(), {4, 5, 6}), (std::vector<float>{8, 10, 12}));
    EXPECT_GT(released, 0);
  }
}

TEST(CustomOps, VersionsOfTheDomain) {
  const auto filler = [](float mark) {
    return [mark](OrtKernelContext* c) -> OrtStatus* {
      *data_of<float>(output(c, 0, {1})) = mark;
      return nullptr;
    };
  };
  TestOp op("Which", {{kFloat}}, {{kFloat}}, filler(1));
  op.first = 1, op.last = 2;
  const Registered r("test", {&op});
  for (int version : {1, 2}) {
    ModelText m;
    m.opset("", 17).opset("test", version).input("x", kF32, {1}).output("y", kF32, {1});
    const Session s = open(m.node("test", "Which", {"x"}, {"y"}).bytes(), r.options.get());
    ASSERT_TRUE(s);
    EXPECT_EQ(run_floats(s.get(), {0}), (std::vector<float>{1}));
  }
}

TEST(CustomOps, ErrorsOfTheOperatorFailTheRun) {
  TestOp op("Twice", {{kFloat}}, {{kFloat}},
            [](OrtKernelContext*) { return api().CreateStatus(ORT_INVALID_ARGUMENT, "no such luck"); });
  const Registered r("test", {&op});
  const Session s = open(twice_model().bytes(), r.options.get());
  ASSERT_TRUE(s);
  const Value x = tensor<float>({1}, {1});
  std::string failure;
  EXPECT_TRUE(run(s.get(), {{"x", x.get()}}, {"y"}, &failure).empty());
  EXPECT_NE(failure.find("no such luck"), std::string::npos) << failure;
  EXPECT_NE(failure.find("the_node"), std::string::npos) << failure;
  EXPECT_NE(failure.find("Twice"), std::string::npos) << failure;
}

TEST(CustomOps, ExceptionsOfTheOperatorFailTheRun) {
  TestOp op("Twice", {{kFloat}}, {{kFloat}},
            [](OrtKernelContext*) -> OrtStatus* { throw std::runtime_error("thrown from afar"); });
  const Registered r("test", {&op});
  const Session s = open(twice_model().bytes(), r.options.get());
  ASSERT_TRUE(s);
  const Value x = tensor<float>({1}, {1});
  std::string failure;
  EXPECT_TRUE(run(s.get(), {{"x", x.get()}}, {"y"}, &failure).empty());
  EXPECT_NE(failure.find("thrown from afar"), std::string::npos) << failure;
  op.compute = twice;
  EXPECT_EQ(run_floats(s.get(), {3}), (std::vector<float>{6}));
}

TEST(CustomOps, ErrorsOfCreationFailTheSession) {
  TestOp op("Twice", {{kFloat}}, {{kFloat}}, twice);
  op.create = [](const OrtKernelInfo*) { return api().CreateStatus(ORT_FAIL, "not today"); };
  std::string failure;
  const Registered r("test", {&op});
  EXPECT_FALSE(open(twice_model().bytes(), r.options.get(), &failure));
  EXPECT_NE(failure.find("not today"), std::string::npos) << failure;
  EXPECT_EQ(op.destroyed, 0);
}

TEST(CustomOps, FailingInferenceLeavesTheExtentsOpen) {
  TestOp op("Twice", {{kFloat}}, {{kFloat}}, twice);
  op.use_inference([](OrtShapeInferContext*) { return api().CreateStatus(ORT_FAIL, "shapeless"); });
  const Registered r("test", {&op});
  const Session s = open(twice_model().bytes(), r.options.get());
  ASSERT_TRUE(s);
  EXPECT_EQ(run_floats(s.get(), {1, 2}), (std::vector<float>{2, 4}));
}

TEST(CustomOps, MissingOperatorsAreNamed) {
  const SessionOptions options = make_options();
  std::string failure;
  EXPECT_FALSE(open(twice_model().bytes(), options.get(), &failure));
  EXPECT_NE(failure.find("Twice"), std::string::npos) << failure;
  EXPECT_NE(failure.find("test"), std::string::npos) << failure;
  if (sardonyx()) {
    EXPECT_NE(failure.find("register the library"), std::string::npos) << failure;
  }
}

TEST(CustomOps, TypesAreChecked) {
  TestOp op("Twice", {{kFloat}}, {{kFloat}}, twice);
  const Registered r("test", {&op});
  ModelText m;
  m.opset("", 17).opset("test", 1).input("x", kI64, {1}).output("y", kF32, {1}).node("test", "Twice", {"x"}, {"y"});
  std::string failure;
  EXPECT_FALSE(open(m.bytes(), r.options.get(), &failure));
  EXPECT_NE(failure, "");
}

TEST(CustomOps, ALaterVersionOfTheStruct) {
  TestOp op("Twice", {{kFloat}}, {{kFloat}}, twice, ORT_API_VERSION + 5);
  const Registered r("test", {&op});
  std::string failure;
  const Session s = open(twice_model().bytes(), r.options.get(), &failure);
  if (!s && !sardonyx()) GTEST_SKIP() << "ONNX Runtime refuses it: " << failure;
  ASSERT_TRUE(s) << failure;
  EXPECT_EQ(run_floats(s.get(), {1}), (std::vector<float>{2}));
}

TEST(CustomOps, SessionsOutliveTheOptions) {
  TestOp op("Twice", {{kFloat}}, {{kFloat}}, twice);
  Registered r("test", {&op});
  const Session s = open(twice_model().bytes(), r.options.get());
  r.options.reset();
  ASSERT_TRUE(s);
  EXPECT_EQ(run_floats(s.get(), {1}), (std::vector<float>{2}));
}

}  // namespace
}  // namespace abi_test::ext
