// Values: tensors of every type over memory of either side, strings, sequences, maps, optionals; memory and allocators.
#include <cstdlib>

#include "abi/abi.h"

namespace abi_test {
namespace {

struct TypeRow {
  int number;     // as tensors are made
  int reported;   // as GetTensorElementType answers
  size_t bytes3;  // of three elements; 0: strings
};
constexpr TypeRow kTypes[] = {{1, 1, 12},   {2, 2, 3},   {3, 3, 3},   {4, 4, 6},   {5, 5, 6},    {6, 6, 12},
                              {7, 7, 24},   {8, 8, 0},   {9, 9, 3},   {10, 10, 6}, {11, 11, 24}, {12, 12, 12},
                              {13, 13, 24}, {16, 16, 6}, {17, 17, 3}, {18, 18, 3}, {19, 19, 3},  {20, 20, 3},
                              {21, 21, 2},  {22, 22, 2}, {23, 23, 2}, {24, 26, 3}, {25, 24, 1},  {26, 25, 1}};

int element_of(const OrtValue* v) {
  OrtTensorTypeAndShapeInfo* raw = nullptr;
  EXPECT_EQ(take(api().GetTensorTypeAndShape(v, &raw)).text, "");
  const TensorInfo info(raw);
  ONNXTensorElementDataType t = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  EXPECT_EQ(take(api().GetTensorElementType(raw, &t)).text, "");
  return t;
}

TEST(Tensor, OfEveryType) {
  const int64_t dims[] = {3};
  std::vector<char> memory(64);
  for (const TypeRow& row : kTypes) {
    SCOPED_TRACE(row.number);
    const auto type = static_cast<ONNXTensorElementDataType>(row.number);
    OrtValue* raw = nullptr;
    ABI_OK(api().CreateTensorAsOrtValue(allocator(), dims, 1, type, &raw));
    const Value own(raw);
    EXPECT_EQ(element_of(raw), row.reported);
    EXPECT_EQ(shape_of(raw), (Shape{3}));
    if (row.bytes3 == 0) continue;
    size_t bytes = 0;
    ABI_OK(api().GetTensorSizeInBytes(raw, &bytes));
    EXPECT_EQ(bytes, row.bytes3);
    ABI_OK(api().CreateTensorWithDataAsOrtValue(cpu(), memory.data(), row.bytes3, dims, 1, type, &raw));
    const Value borrowed(raw);
    void* data = nullptr;
    ABI_OK(api().GetTensorMutableData(raw, &data));
    EXPECT_EQ(data, memory.data());
    const void* read = nullptr;
    ABI_OK(api().GetTensorData(raw, &read));
    EXPECT_EQ(read, data);
    ABI_FAILS(api().CreateTensorWithDataAsOrtValue(cpu(), memory.data(), row.bytes3 - 1, dims, 1, type, &raw),
              ORT_INVALID_ARGUMENT,
              "not enough space: expected " + std::to_string(row.bytes3) + ", got " + std::to_string(row.bytes3 - 1));
  }
  OrtValue* raw = nullptr;
  for (int bad : {0, 27, 99, -1})
    EXPECT_EQ(
        take(api().CreateTensorAsOrtValue(allocator(), dims, 1, static_cast<ONNXTensorElementDataType>(bad), &raw))
            .code,
        ORT_NOT_IMPLEMENTED)
        << bad;
}

TEST(Tensor, ShapesAreChecked) {
  OrtValue* raw = nullptr;
  float memory[4] = {};
  const int64_t negative[] = {-2, 2}, huge[] = {int64_t{1} << 40, int64_t{1} << 40}, empty[] = {0, 3};
  const auto type = ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  ABI_FAILS(api().CreateTensorWithDataAsOrtValue(cpu(), memory, 16, negative, 2, type, &raw), ORT_INVALID_ARGUMENT,
            "tried creating tensor with negative value in shape");
  EXPECT_NE(take(api().CreateTensorAsOrtValue(allocator(), huge, 2, type, &raw)).code, ORT_OK);
  EXPECT_NE(take(api().CreateTensorAsOrtValue(allocator(), negative, 2, type, &raw)).code, ORT_OK);
  ABI_OK(api().CreateTensorAsOrtValue(allocator(), nullptr, 0, type, &raw));
  const Value scalar(raw);
  EXPECT_EQ(shape_of(raw), Shape{});
  ABI_OK(api().CreateTensorAsOrtValue(allocator(), empty, 2, type, &raw));
  const Value none(raw);
  EXPECT_EQ(shape_of(raw), (Shape{0, 3}));
  ABI_OK(api().CreateTensorWithDataAsOrtValue(cpu(), memory, 0, empty, 2, type, &raw));
  const Value nothing(raw);
  ABI_NULL(api().CreateTensorWithDataAsOrtValue(cpu(), nullptr, 16, empty, 2, type, &raw), "p_data");
  ABI_NULL(api().CreateTensorAsOrtValue(allocator(), nullptr, 2, type, &raw), "shape");
  ABI_NULL(api().CreateTensorWithDataAsOrtValue(nullptr, memory, 16, empty, 2, type, &raw), "info");
}

TEST(Tensor, ElementsByPosition) {
  const Value v = floats({2, 3}, {0, 1, 2, 3, 4, 5});
  const int64_t last[] = {1, 2}, beyond[] = {2, 0}, before[] = {-1, 0};
  void* p = nullptr;
  ABI_OK(api().TensorAt(v.get(), last, 2, &p));
  EXPECT_EQ(*static_cast<float*>(p), 5.f);
  ABI_FAILS(api().TensorAt(v.get(), beyond, 2, &p), ORT_INVALID_ARGUMENT, "invalid location range");
  ABI_FAILS(api().TensorAt(v.get(), before, 2, &p), ORT_INVALID_ARGUMENT, "invalid location range");
  ABI_FAILS(api().TensorAt(v.get(), last, 1, &p), ORT_INVALID_ARGUMENT, "location dimensions do not match shape size");
  const Value s = strings({1}, {"a"});
  const int64_t first[] = {0};
  ABI_FAILS(api().TensorAt(s.get(), first, 1, &p), ORT_INVALID_ARGUMENT, "this API does not support strings");
  const int64_t* dims = nullptr;
  size_t rank = 0;
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  ABI_OK(api().GetTensorElementTypeAndShapeDataReference(v.get(), &type, &dims, &rank));
  EXPECT_EQ(type, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
  EXPECT_EQ(Shape(dims, dims + rank), (Shape{2, 3}));
}

TEST(Strings, FillAndRead) {
  const Value v = strings({2, 2}, {"ab", "", "cde", "\xc3\xa9"});
  EXPECT_EQ(string_contents(v.get()), (std::vector<std::string>{"ab", "", "cde", "\xc3\xa9"}));
  size_t n = 0;
  ABI_OK(api().GetStringTensorDataLength(v.get(), &n));
  EXPECT_EQ(n, 7u);
  ABI_OK(api().GetStringTensorElementLength(v.get(), 2, &n));
  EXPECT_EQ(n, 3u);
  char text[3];
  ABI_OK(api().GetStringTensorElement(v.get(), 3, 2, text));
  EXPECT_EQ(std::string(text, 3), "cde");
  ABI_FAILS(api().GetStringTensorElement(v.get(), 2, 2, text), ORT_FAIL, "buffer size is too small for string element");
  ABI_FAILS(api().GetStringTensorElement(v.get(), 3, 9, text), ORT_INVALID_ARGUMENT, "element index is out of bounds");
  ABI_FAILS(api().GetStringTensorElementLength(v.get(), 9, &n), ORT_INVALID_ARGUMENT, "index is out of bounds");
  ABI_OK(api().FillStringTensorElement(v.get(), "new", 1));
  char* buffer = nullptr;
  ABI_OK(api().GetResizedStringTensorElementBuffer(v.get(), 0, 2, &buffer));
  buffer[0] = 'x', buffer[1] = '\0';
  EXPECT_EQ(string_contents(v.get()), (std::vector<std::string>{std::string("x\0", 2), "new", "cde", "\xc3\xa9"}));
  size_t offsets[4];
  char all[16];
  ABI_FAILS(api().GetStringTensorContent(v.get(), all, 3, offsets, 4), ORT_FAIL, "output buffer is too small.");
  ABI_FAILS(api().GetStringTensorContent(v.get(), all, 16, offsets, 3), ORT_FAIL, "offsets buffer is not equal to");
  const char* two[] = {"a", "b"};
  ABI_FAILS(api().FillStringTensor(v.get(), two, 2), ORT_INVALID_ARGUMENT, "input array doesn't equal tensor size");
  const Value f = floats({2}, {1, 2});
  EXPECT_EQ(take(api().FillStringTensor(f.get(), two, 2)).code, ORT_FAIL);
  EXPECT_EQ(take(api().GetStringTensorDataLength(f.get(), &n)).code, ORT_FAIL);
  ABI_FAILS(api().GetTensorSizeInBytes(v.get(), &n), ORT_INVALID_ARGUMENT,
            "String tensors are not supported by this API");
  if (sardonyx()) {
    const char* hole[] = {"a", nullptr};
    const Value pair = strings({2}, {"p", "q"});
    ABI_FAILS(api().FillStringTensor(pair.get(), hole, 2), ORT_INVALID_ARGUMENT, "FillStringTensor: string 1 is null");
    EXPECT_EQ(string_contents(pair.get()), (std::vector<std::string>{"p", "q"}));
    const int64_t dims[] = {1};
    OrtValue* raw = nullptr;
    std::string storage;
    ABI_FAILS(api().CreateTensorWithDataAsOrtValue(cpu(), &storage, sizeof storage, dims, 1,
                                                   ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, &raw),
              ORT_INVALID_ARGUMENT, "a tensor of strings cannot lie in a caller's memory");
  }
}

TEST(Strings, ThroughAModel) {
  const Session s = open(model(node("Identity", {"x"}, {"y"}) + input("x", tensor_type(kString, {"N"})) +
                               output("y", tensor_type(kString, {"N"}))));
  const std::string with_zero("a\0b", 3);
  const Value x = strings({3}, {"first", "", "third"});
  char* buffer = nullptr;
  ABI_OK(api().GetResizedStringTensorElementBuffer(x.get(), 1, 3, &buffer));
  std::memcpy(buffer, with_zero.data(), 3);
  EXPECT_EQ(string_contents(run_one(s.get(), {{"x", x.get()}}, "y").get()),
            (std::vector<std::string>{"first", with_zero, "third"}));
}

Value create(const std::vector<const OrtValue*>& in, ONNXType type) {
  OrtValue* raw = nullptr;
  EXPECT_EQ(take(api().CreateValue(in.data(), in.size(), type, &raw)).text, "");
  return Value(raw);
}
OrtStatus* try_create(const std::vector<const OrtValue*>& in, ONNXType type) {
  OrtValue* raw = nullptr;
  OrtStatus* s = api().CreateValue(in.data(), in.size(), type, &raw);
  api().ReleaseValue(raw);
  return s;
}
Value element(const OrtValue* v, int i) {
  OrtValue* raw = nullptr;
  EXPECT_EQ(take(api().GetValue(v, i, allocator(), &raw)).text, "");
  return Value(raw);
}

TEST(Sequence, MadeAndTakenApart) {
  const Value a = floats({2}, {1, 2}), b = floats({3}, {3, 4, 5}), i = ints({1}, {1});
  const Value s = create({a.get(), b.get()}, ONNX_TYPE_SEQUENCE);
  ONNXType type = ONNX_TYPE_UNKNOWN;
  ABI_OK(api().GetValueType(s.get(), &type));
  EXPECT_EQ(type, ONNX_TYPE_SEQUENCE);
  int is = 1;
  ABI_OK(api().IsTensor(s.get(), &is));
  EXPECT_EQ(is, 0);
  ABI_OK(api().HasValue(s.get(), &is));
  EXPECT_EQ(is, 1);
  size_t n = 0;
  ABI_OK(api().GetValueCount(s.get(), &n));
  EXPECT_EQ(n, 2u);
  EXPECT_EQ(contents<float>(element(s.get(), 1).get()), (std::vector<float>{3, 4, 5}));
  OrtValue* raw = nullptr;
  for (int bad : {2, -1}) EXPECT_EQ(take(api().GetValue(s.get(), bad, allocator(), &raw)).code, ORT_FAIL);
  ABI_FAILS(try_create({a.get(), i.get()}, ONNX_TYPE_SEQUENCE), ORT_FAIL, "Sequences must have tensors of the same");
  ABI_FAILS(try_create({}, ONNX_TYPE_SEQUENCE), ORT_FAIL, "Number of values should be at least 1.");
  ABI_FAILS(try_create({a.get()}, ONNX_TYPE_TENSOR), ORT_FAIL, "Input is not of type sequence or map.");
  ABI_FAILS(try_create({s.get()}, ONNX_TYPE_SEQUENCE), ORT_FAIL, "Each element of the sequence should be either");
  ABI_FAILS(api().GetValueCount(a.get(), &n), ORT_FAIL, "Input is not of type sequence or map.");
  const Value texts = strings({1}, {"t"});
  const Value of_texts = create({texts.get()}, ONNX_TYPE_SEQUENCE);
  EXPECT_EQ(string_contents(element(of_texts.get(), 0).get()), (std::vector<std::string>{"t"}));
  void* data = nullptr;
  EXPECT_NE(take(api().GetTensorMutableData(s.get(), &data)).code, ORT_OK);
  OrtTensorTypeAndShapeInfo* info = nullptr;
  EXPECT_EQ(take(api().GetTensorTypeAndShape(s.get(), &info)).code, ORT_FAIL);
}

TEST(Sequence, ThroughAModel) {
  const Text type = sequence_type(unranked_type(kFloat));
  const Session s = open(model(node("SequenceInsert", {"s", "x"}, {"o"}) + input("s", type) +
                               input("x", unranked_type(kFloat)) + output("o", type)));
  const Value a = floats({1}, {1}), b = floats({2}, {2, 3});
  const Value in = create({a.get()}, ONNX_TYPE_SEQUENCE);
  const Value out = run_one(s.get(), {{"s", in.get()}, {"x", b.get()}}, "o");
  size_t n = 0;
  ABI_OK(api().GetValueCount(out.get(), &n));
  ASSERT_EQ(n, 2u);
  EXPECT_EQ(contents<float>(element(out.get(), 1).get()), (std::vector<float>{2, 3}));
  std::vector<Value> none;
  EXPECT_EQ(take(run(s.get(), {{"s", a.get()}, {"x", b.get()}}, {"o"}, none)).code, ORT_INVALID_ARGUMENT);
  const Value i = ints({1}, {1});
  const Value wrong = create({i.get()}, ONNX_TYPE_SEQUENCE);
  EXPECT_EQ(take(run(s.get(), {{"s", wrong.get()}, {"x", b.get()}}, {"o"}, none)).code, ORT_INVALID_ARGUMENT);
}

TEST(Map, MadeAndTakenApart) {
  const Value keys = ints({3}, {7, 1, 5}), values = floats({3}, {70, 10, 50});
  const Value m = create({keys.get(), values.get()}, ONNX_TYPE_MAP);
  EXPECT_EQ(contents<int64_t>(element(m.get(), 0).get()), (std::vector<int64_t>{1, 5, 7}));
  EXPECT_EQ(contents<float>(element(m.get(), 1).get()), (std::vector<float>{10, 50, 70}));
  const Value names = strings({2}, {"z", "a"}), numbers = ints({2}, {26, 1});
  const Value by_name = create({names.get(), numbers.get()}, ONNX_TYPE_MAP);
  EXPECT_EQ(string_contents(element(by_name.get(), 0).get()), (std::vector<std::string>{"a", "z"}));
  EXPECT_EQ(contents<int64_t>(element(by_name.get(), 1).get()), (std::vector<int64_t>{1, 26}));
  OrtValue* raw = nullptr;
  ABI_FAILS(api().GetValue(m.get(), 2, allocator(), &raw), ORT_FAIL, "Invalid index requested for map type.");
  ABI_FAILS(try_create({keys.get()}, ONNX_TYPE_MAP), ORT_FAIL, "For map type num_values MUST be 2");
  ABI_FAILS(try_create({numbers.get(), values.get()}, ONNX_TYPE_MAP), ORT_FAIL,
            "Key and value tensors have unequal number of elements.");
  ABI_FAILS(try_create({values.get(), values.get()}, ONNX_TYPE_MAP), ORT_FAIL, "Key type is not supported yet.");
  const Value narrow = tensor_of<int32_t>(kInt32, {3}, {1, 2, 3});
  ABI_FAILS(try_create({keys.get(), narrow.get()}, ONNX_TYPE_MAP), ORT_FAIL, "Value type is not supported yet: int32");
  const Value list = create({m.get(), m.get()}, ONNX_TYPE_SEQUENCE);
  EXPECT_EQ(contents<float>(element(element(list.get(), 1).get(), 1).get()), (std::vector<float>{10, 50, 70}));
}

TEST(Map, FromAModel) {
  const Text type = sequence_type(map_type(kString, unranked_type(kFloat)));
  const Session s = open(
      model(node("ZipMap", {"x"}, {"o"}, domain("ai.onnx.ml") + strings_attr("classlabels_strings", {"no", "yes"})) +
            input("x", tensor_type(kFloat, {"N", 2})) + output("o", type)));
  const Value x = floats({1, 2}, {0.25f, 0.75f});
  const Value out = run_one(s.get(), {{"x", x.get()}}, "o");
  const Value first = element(out.get(), 0);
  EXPECT_EQ(string_contents(element(first.get(), 0).get()), (std::vector<std::string>{"no", "yes"}));
  EXPECT_EQ(contents<float>(element(first.get(), 1).get()), (std::vector<float>{0.25f, 0.75f}));
}

TEST(Optional, AbsentAndPresent) {
  const Text graph = node("OptionalHasElement", {"x"}, {"has"}) + input("x", optional_type(tensor_type(kFloat, {2}))) +
                     output("has", tensor_type(kBool, {}));
  const Session s = open(number(1, 8) + opset("", 18) + text(7, graph + text(2, "g")));
  const Value x = floats({2}, {1, 2});
  EXPECT_EQ(contents<uint8_t>(run_one(s.get(), {{"x", x.get()}}, "has").get()), (std::vector<uint8_t>{1}));
  const Text empty =
      node("Optional", {}, {"o"}, text(5, text(1, "type") + number(20, 13) + text(14, tensor_type(kFloat, {2})))) +
      output("o", optional_type(tensor_type(kFloat, {2})));
  const Session none = open(model(empty));
  const Value out = run_one(none.get(), {}, "o");
  int has = 1;
  ABI_OK(api().HasValue(out.get(), &has));
  EXPECT_EQ(has, 0);
}

TEST(Values, OpaqueOnesDoNotExist) {
  char data[4] = {};
  OrtValue* raw = nullptr;
  EXPECT_EQ(take(api().CreateOpaqueValue("a", "b", data, 4, &raw)).code, ORT_FAIL);
}

TEST(Values, CopyTensors) {
  if (!sardonyx()) GTEST_SKIP() << "ONNX Runtime copies between devices only";
  const Value a = floats({2}, {1, 2}), b = floats({2}, {0, 0}), c = floats({3}, {0, 0, 0});
  const OrtValue* from[] = {a.get()};
  OrtValue *to[] = {b.get()}, *wrong[] = {c.get()};
  ABI_OK(api().CopyTensors(env(), from, to, nullptr, 1));
  EXPECT_EQ(contents<float>(b.get()), (std::vector<float>{1, 2}));
  EXPECT_EQ(take(api().CopyTensors(env(), from, wrong, nullptr, 1)).code, ORT_INVALID_ARGUMENT);
}

// An allocator of the caller's.
struct Counting : OrtAllocator {
  int live = 0;
  const OrtMemoryInfo* info = nullptr;
};
Counting counting() {
  Counting c;
  static_cast<OrtAllocator&>(c) = OrtAllocator{};
  c.version = ORT_API_VERSION;
  c.Alloc = [](OrtAllocator* a, size_t n) {
    ++static_cast<Counting*>(a)->live;
    return std::malloc(n);
  };
  c.Reserve = c.Alloc;
  c.Free = [](OrtAllocator* a, void* p) {
    --static_cast<Counting*>(a)->live;
    std::free(p);
  };
  c.Info = [](const OrtAllocator* a) { return static_cast<const Counting*>(a)->info; };
  c.info = cpu();
  return c;
}

TEST(Allocators, OfTheCaller) {
  Counting c = counting();
  const int64_t dims[] = {4};
  OrtValue* raw = nullptr;
  ABI_OK(api().CreateTensorAsOrtValue(&c, dims, 1, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &raw));
  EXPECT_EQ(c.live, 1);
  api().ReleaseValue(raw);
  EXPECT_EQ(c.live, 0);
  void* p = c.Alloc(&c, 16);
  ABI_OK(api().CreateTensorWithDataAndDeleterAsOrtValue(&c, p, 16, dims, 1, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &raw));
  EXPECT_EQ(c.live, 1);
  api().ReleaseValue(raw);
  EXPECT_EQ(c.live, 0);
  const Session s = open(relu_model());
  char* name = nullptr;
  ABI_OK(api().SessionGetInputName(s.get(), 0, &c, &name));
  EXPECT_STREQ(name, "x");
  EXPECT_EQ(c.live, 1);
  c.Free(&c, name);
}

TEST(Allocators, DefaultSessionAndShared) {
  OrtAllocator* a = allocator();
  void* p = nullptr;
  ABI_OK(api().AllocatorAlloc(a, 100, &p));
  ASSERT_NE(p, nullptr);
  std::memset(p, 1, 100);
  ABI_OK(api().AllocatorFree(a, p));
  ABI_OK(api().AllocatorFree(a, nullptr));
  const OrtMemoryInfo* info = nullptr;
  ABI_OK(api().AllocatorGetInfo(a, &info));
  const char* name = nullptr;
  ABI_OK(api().MemoryInfoGetName(info, &name));
  EXPECT_STREQ(name, "Cpu");
  const Session s = open(relu_model());
  OrtAllocator* own = nullptr;
  ABI_OK(api().CreateAllocator(s.get(), cpu(), &own));
  ABI_OK(api().AllocatorAlloc(own, 1000, &p));
  OrtKeyValuePairs* stats = nullptr;
  ABI_OK(api().AllocatorGetStats(own, &stats));
  EXPECT_GE(std::atoi(api().GetKeyValue(stats, "InUse")), 1000);
  api().ReleaseKeyValuePairs(stats);
  ABI_OK(api().AllocatorFree(own, p));
  api().ReleaseAllocator(own);
  api().ReleaseAllocator(nullptr);
  OrtMemoryInfo* cuda = nullptr;
  ABI_OK(api().CreateMemoryInfo("Cuda", OrtArenaAllocator, 0, OrtMemTypeDefault, &cuda));
  const MemoryInfo owner(cuda);
  ABI_FAILS(api().CreateAllocator(s.get(), cuda, &own), ORT_INVALID_ARGUMENT, "No requested allocator available");
  if (sardonyx()) {
    float memory[4] = {};
    const int64_t dims[] = {4};
    OrtValue* raw = nullptr;
    EXPECT_EQ(
        take(api().CreateTensorWithDataAsOrtValue(cuda, memory, 16, dims, 1, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &raw))
            .code,
        ORT_INVALID_ARGUMENT);
  }
}

TEST(Allocators, Registered) {
  OrtEnv* e = const_cast<OrtEnv*>(env());
  OrtMemoryInfo* raw = nullptr;
  ABI_OK(api().CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &raw));
  const MemoryInfo arena(raw);
  OrtArenaCfg* cfg = nullptr;
  ABI_OK(api().CreateArenaCfg(0, -1, -1, -1, &cfg));
  ABI_OK(api().CreateAndRegisterAllocator(e, raw, cfg));
  api().ReleaseArenaCfg(cfg);
  OrtAllocator* shared = nullptr;
  ABI_OK(api().GetSharedAllocator(e, raw, &shared));
  EXPECT_NE(shared, nullptr);
  ABI_OK(api().UnregisterAllocator(e, raw));
  ABI_FAILS(api().UnregisterAllocator(e, raw), ORT_INVALID_ARGUMENT,
            "No allocator for this device has been registered");
  const char *good[] = {"max_mem", "arena_extend_strategy"}, *bad[] = {"foo"};
  const size_t values[] = {1 << 20, 1};
  ABI_OK(api().CreateArenaCfgV2(good, values, 2, &cfg));
  api().ReleaseArenaCfg(cfg);
  ABI_FAILS(api().CreateArenaCfgV2(bad, values, 1, &cfg), ORT_INVALID_ARGUMENT, "Invalid key found: foo");
}

TEST(MemoryInfo, NamesAndComparison) {
  OrtMemoryInfo *a = nullptr, *b = nullptr, *c = nullptr;
  ABI_OK(api().CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &a));
  ABI_OK(api().CreateMemoryInfo("Cpu", OrtArenaAllocator, 0, OrtMemTypeDefault, &b));
  ABI_OK(api().CreateMemoryInfo_V2("Mine", OrtMemoryInfoDeviceType_GPU, 0x10de, 2, OrtDeviceMemoryType_HOST_ACCESSIBLE,
                                   64, OrtDeviceAllocator, &c));
  const MemoryInfo own_a(a), own_b(b), own_c(c);
  int differs = 9;
  ABI_OK(api().CompareMemoryInfo(a, b, &differs));
  EXPECT_EQ(differs, 0);
  ABI_OK(api().CompareMemoryInfo(a, cpu(), &differs));
  EXPECT_NE(differs, 0);
  int id = 0;
  ABI_OK(api().MemoryInfoGetId(c, &id));
  EXPECT_EQ(id, 2);
  OrtMemoryInfoDeviceType device = OrtMemoryInfoDeviceType_CPU;
  api().MemoryInfoGetDeviceType(c, &device);
  EXPECT_EQ(device, OrtMemoryInfoDeviceType_GPU);
  EXPECT_EQ(api().MemoryInfoGetDeviceMemType(c), OrtDeviceMemoryType_HOST_ACCESSIBLE);
  EXPECT_EQ(api().MemoryInfoGetVendorId(c), 0x10deu);
  OrtMemType mem = OrtMemTypeDefault;
  ABI_OK(api().MemoryInfoGetMemType(c, &mem));
  EXPECT_EQ(mem, OrtMemTypeCPU);
  OrtAllocatorType type = OrtArenaAllocator;
  ABI_OK(api().MemoryInfoGetType(c, &type));
  EXPECT_EQ(type, OrtDeviceAllocator);
  OrtMemoryInfo* none = nullptr;
  ABI_FAILS(api().CreateMemoryInfo("Foo", OrtArenaAllocator, 0, OrtMemTypeDefault, &none), ORT_INVALID_ARGUMENT,
            "Specified device is not supported. Try CreateMemoryInfo_V2.");
  const Value v = floats({1}, {1});
  const OrtMemoryInfo* where = nullptr;
  ABI_OK(api().GetTensorMemoryInfo(v.get(), &where));
  const char* name = nullptr;
  ABI_OK(api().MemoryInfoGetName(where, &name));
  EXPECT_STREQ(name, "Cpu");
}

TEST(Values, NullArguments) {
  int i = 0;
  size_t n = 0;
  void* p = nullptr;
  OrtTypeInfo* t = nullptr;
  ABI_NULL(api().IsTensor(nullptr, &i), "value");
  ABI_NULL(api().HasValue(nullptr, &i), "value");
  ABI_NULL(api().GetTensorMutableData(nullptr, &p), "value");
  ABI_NULL(api().GetStringTensorDataLength(nullptr, &n), "value");
  ABI_NULL(api().GetTypeInfo(nullptr, &t), "value");
  ABI_NULL(api().CreateValue(nullptr, 2, ONNX_TYPE_MAP, nullptr), "out");
  api().ReleaseValue(nullptr);
}

}  // namespace
}  // namespace abi_test
