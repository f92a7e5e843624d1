// Data of the table for provider libraries: kernel definitions, operator schemas, profiling events, incompatibilities.
#include <algorithm>
#include <climits>

#include "abi/test_op.h"

namespace abi_test::ext {
namespace {

const OrtEpApi& ep() { return *api().GetEpApi(); }

TEST(KernelDefs, AreBuiltAndRead) {
  OrtKernelDefBuilder* b = nullptr;
  ABI_OK(ep().CreateKernelDefBuilder(&b));
  ABI_OK(ep().KernelDefBuilder_SetOperatorType(b, "Conv"));
  ABI_OK(ep().KernelDefBuilder_SetDomain(b, "test"));
  ABI_OK(ep().KernelDefBuilder_SetSinceVersion(b, 6, 13));
  ABI_OK(ep().KernelDefBuilder_SetExecutionProvider(b, "Mine"));
  ABI_OK(ep().KernelDefBuilder_SetInputMemType(b, 2, OrtMemTypeCPUInput));
  ABI_OK(ep().KernelDefBuilder_SetOutputMemType(b, 1, OrtMemTypeCPUOutput));
  const OrtDataType *f = nullptr, *same = nullptr, *other = nullptr;
  ABI_OK(ep().GetTensorDataType(kFloat, &f));
  ABI_OK(ep().GetTensorDataType(kFloat, &same));
  ABI_OK(ep().GetTensorDataType(kInt64, &other));
  EXPECT_EQ(f, same);
  EXPECT_NE(f, other);
  ABI_FAILS(ep().GetTensorDataType(static_cast<ONNXTensorElementDataType>(99), &other), ORT_NOT_IMPLEMENTED,
            "tensor type 99 is not supported");
  ABI_OK(ep().KernelDefBuilder_AddTypeConstraint(b, "T", &f, 1));
  ABI_FAILS(ep().KernelDefBuilder_AddTypeConstraint(b, "T", &f, 0), ORT_INVALID_ARGUMENT,
            "Must specify at least one OrtDataType instance");
  const int zero = 0;
  ABI_OK(ep().KernelDefBuilder_AddInputOutputAliases(b, &zero, &zero, 1));
  ABI_OK(ep().KernelDefBuilder_AddInputOutputMutableAliases(b, &zero, &zero, 1));
  ABI_FAILS(ep().KernelDefBuilder_SetSinceVersion(b, 0, 13), ORT_INVALID_ARGUMENT, "Start version must be >= 1");
  ABI_FAILS(ep().KernelDefBuilder_SetSinceVersion(b, 7, 6), ORT_INVALID_ARGUMENT,
            "End version must be >= to the start version");
  OrtKernelDef* def = nullptr;
  ABI_OK(ep().KernelDefBuilder_Build(b, &def));
  ep().ReleaseKernelDefBuilder(b);
  EXPECT_STREQ(ep().KernelDef_GetOperatorType(def), "Conv");
  EXPECT_STREQ(ep().KernelDef_GetDomain(def), "test");
  EXPECT_STREQ(ep().KernelDef_GetExecutionProvider(def), "Mine");
  int first = 0, last = 0;
  ABI_OK(ep().KernelDef_GetSinceVersion(def, &first, &last));
  EXPECT_EQ(first, 6);
  EXPECT_EQ(last, 13);
  for (size_t i : {0, 1, 2, 99}) {
    OrtMemType in, out;
    ABI_OK(ep().KernelDef_GetInputMemType(def, i, &in));
    ABI_OK(ep().KernelDef_GetOutputMemType(def, i, &out));
    EXPECT_EQ(in, i == 2 ? OrtMemTypeCPUInput : OrtMemTypeDefault) << i;
    EXPECT_EQ(out, i == 1 ? OrtMemTypeCPUOutput : OrtMemTypeDefault) << i;
  }
  ep().ReleaseKernelDef(def);
}

struct Schema {
  Schema(const char* name, int version, const char* domain) {
    env();  // ONNX Runtime knows no operators before
    EXPECT_EQ(text_of(ep().GetOpSchema(name, version, domain, &schema)), "");
  }
  ~Schema() { ep().ReleaseOpSchema(schema); }
  Schema(const Schema&) = delete;
  // "name:type", parameter by parameter.
  std::string inputs() const {
    size_t n = 0;
    EXPECT_EQ(text_of(ep().OpSchema_GetNumInputs(schema, &n)), "");
    std::string all;
    for (size_t i = 0; i < n; ++i) {
      const char* name = nullptr;
      const OrtOpSchemaTypeConstraint* c = nullptr;
      EXPECT_EQ(text_of(ep().OpSchema_GetInputName(schema, i, &name)), "");
      EXPECT_EQ(text_of(ep().OpSchema_GetInputTypeConstraint(schema, i, &c)), "");
      all += std::string(name) + ":" + name_of(c) + " ";
    }
    return all;
  }
  std::string outputs() const {
    size_t n = 0;
    EXPECT_EQ(text_of(ep().OpSchema_GetNumOutputs(schema, &n)), "");
    std::string all;
    for (size_t i = 0; i < n; ++i) {
      const char* name = nullptr;
      const OrtOpSchemaTypeConstraint* c = nullptr;
      EXPECT_EQ(text_of(ep().OpSchema_GetOutputName(schema, i, &name)), "");
      EXPECT_EQ(text_of(ep().OpSchema_GetOutputTypeConstraint(schema, i, &c)), "");
      all += std::string(name) + ":" + name_of(c) + " ";
    }
    return all;
  }
  static std::string name_of(const OrtOpSchemaTypeConstraint* c) {
    const char* name = "-";
    if (c != nullptr) {
      EXPECT_EQ(text_of(ep().OpSchemaTypeConstraint_GetTypeParamName(c, &name)), "");
    }
    return name;
  }
  // The types that a constraint allows, sorted.
  std::vector<std::string> types(std::string_view constraint) const {
    size_t count = 0, n = 0;
    EXPECT_EQ(text_of(ep().OpSchema_GetTypeConstraintCount(schema, &count)), "");
    for (size_t i = 0; i < count; ++i) {
      const OrtOpSchemaTypeConstraint* c = nullptr;
      const char* const* all = nullptr;
      EXPECT_EQ(text_of(ep().OpSchema_GetTypeConstraint(schema, i, &c)), "");
      if (name_of(c) != constraint) continue;
      EXPECT_EQ(text_of(ep().OpSchemaTypeConstraint_GetAllowedTypes(c, &all, &n)), "");
      std::vector<std::string> sorted(all, all + n);
      std::sort(sorted.begin(), sorted.end());
      return sorted;
    }
    return {};
  }
  int since() const {
    int v = 0;
    EXPECT_EQ(text_of(ep().OpSchema_GetSinceVersion(schema, &v)), "");
    return v;
  }
  OrtOpSchema* schema = nullptr;
};

TEST(OpSchemas, AreThoseOfOnnx) {
  const Schema relu("Relu", 26, "");
  ASSERT_NE(relu.schema, nullptr);
  EXPECT_EQ(relu.since(), 14);
  EXPECT_EQ(relu.inputs(), "X:T ");
  EXPECT_EQ(relu.outputs(), "Y:T ");
  EXPECT_EQ(relu.types("T"),
            (std::vector<std::string>{"tensor(bfloat16)", "tensor(double)", "tensor(float)", "tensor(float16)",
                                      "tensor(int16)", "tensor(int32)", "tensor(int64)", "tensor(int8)"}));
  const Schema gather("Gather", 26, "ai.onnx");
  ASSERT_NE(gather.schema, nullptr);
  EXPECT_EQ(gather.inputs(), "data:T indices:Tind ");
  EXPECT_EQ(gather.types("Tind"), (std::vector<std::string>{"tensor(int32)", "tensor(int64)"}));
  const OrtOpSchemaTypeConstraint* tind = nullptr;
  const size_t* where = nullptr;
  size_t n = 9;
  ABI_OK(ep().OpSchema_GetInputTypeConstraint(gather.schema, 1, &tind));
  ABI_OK(ep().OpSchemaTypeConstraint_GetInputIndices(tind, &where, &n));
  ASSERT_EQ(n, 1u);
  EXPECT_EQ(where[0], 1u);
  ABI_OK(ep().OpSchemaTypeConstraint_GetOutputIndices(tind, &where, &n));
  EXPECT_EQ(n, 0u);
  EXPECT_EQ(Schema("Reshape", 26, "").inputs(), "data:T shape:- ");
  EXPECT_EQ(Schema("SplitToSequence", 26, "").outputs(), "output_sequence:S ");
  EXPECT_EQ(Schema("LabelEncoder", 4, "ai.onnx.ml").inputs(), "X:T1 ");
  EXPECT_EQ(Schema("Concat", 26, "").inputs(), "inputs:T ");
  for (const auto& [name, version] : {std::pair("Nothing", 26), std::pair("Relu", 0), std::pair("Attention", 22)})
    EXPECT_EQ(Schema(name, version, "").schema, nullptr) << name;
  const char* text = nullptr;
  ABI_FAILS(ep().OpSchema_GetInputName(relu.schema, 99, &text), ORT_INVALID_ARGUMENT,
            "Input index 99 out of range. Schema has 1 inputs.");
  const OrtOpSchemaTypeConstraint* c = nullptr;
  ABI_FAILS(ep().OpSchema_GetTypeConstraint(relu.schema, 99, &c), ORT_INVALID_ARGUMENT,
            "Type constraint index 99 out of range. Schema has 1 constraints.");
  if (!sardonyx()) return;
  OrtOpSchema* old = nullptr;
  ABI_FAILS(ep().GetOpSchema("Relu", 13, "", &old), ORT_NOT_IMPLEMENTED,
            "GetOpSchema: Relu is described from version 14");
}

TEST(ProfilingEvents, AreMadeAndRead) {
  const char *keys[] = {"a", "b"}, *values[] = {"1", "2"}, *null[] = {nullptr}, *text = nullptr;
  OrtProfilingEvent* e = nullptr;
  ABI_OK(ep().CreateProfilingEvent(OrtProfilingEventCategory_KERNEL, 11, 22, "event", 100, 5, keys, values, 2, &e));
  OrtProfilingEventCategory category;
  int64_t begin = 0, duration = 0;
  ABI_OK(ep().ProfilingEvent_GetCategory(e, &category));
  ABI_OK(ep().ProfilingEvent_GetName(e, &text));
  ABI_OK(ep().ProfilingEvent_GetTimestampUs(e, &begin));
  ABI_OK(ep().ProfilingEvent_GetDurationUs(e, &duration));
  EXPECT_EQ(category, OrtProfilingEventCategory_KERNEL);
  EXPECT_STREQ(text, "event");
  EXPECT_EQ(begin, 100);
  EXPECT_EQ(duration, 5);
  ABI_OK(ep().ProfilingEvent_GetArgValue(e, "b", &text));
  EXPECT_STREQ(text, "2");
  ABI_OK(ep().ProfilingEvent_GetArgValue(e, "c", &text));
  EXPECT_EQ(text, nullptr);
  ep().ReleaseProfilingEvent(e);
  e = nullptr;
  ABI_FAILS(
      ep().CreateProfilingEvent(static_cast<OrtProfilingEventCategory>(77), 1, 1, "e", 0, 0, nullptr, nullptr, 0, &e),
      ORT_INVALID_ARGUMENT, "OrtProfilingEventCategory value '77' is out of the expected range: [0 ... 4)");
  ABI_FAILS(ep().CreateProfilingEvent(OrtProfilingEventCategory_NODE, 1, 1, "e", 0, 0, null, values, 1, &e),
            ORT_INVALID_ARGUMENT, "Arg key at index 0 is NULL");
  ABI_FAILS(ep().CreateProfilingEvent(OrtProfilingEventCategory_NODE, 1, 1, "e", 0, 0, keys, null, 1, &e),
            ORT_INVALID_ARGUMENT, "Arg value at index 0 is NULL");
  EXPECT_EQ(e, nullptr);
}

TEST(Incompatibilities, AreSetAndRead) {
  const OrtHardwareDevice* hardware = nullptr;
  ABI_OK(api().GetHardwareDevices(env(), &hardware, 1));
  OrtDeviceEpIncompatibilityDetails* d = nullptr;
  ABI_OK(api().GetHardwareDeviceEpIncompatibilityDetails(env(), "CPUExecutionProvider", hardware, &d));
  ABI_OK(ep().DeviceEpIncompatibilityDetails_SetDetails(d, 5, -3, "note"));
  uint32_t reasons = 0;
  int32_t code = 0;
  const char* notes = nullptr;
  ABI_OK(api().DeviceEpIncompatibilityDetails_GetReasonsBitmask(d, &reasons));
  ABI_OK(api().DeviceEpIncompatibilityDetails_GetErrorCode(d, &code));
  ABI_OK(api().DeviceEpIncompatibilityDetails_GetNotes(d, &notes));
  EXPECT_EQ(reasons, 5u);
  EXPECT_EQ(code, -3);
  EXPECT_STREQ(notes, "note");
  ABI_OK(ep().DeviceEpIncompatibilityDetails_SetDetails(d, 0, 0, nullptr));
  ABI_OK(api().DeviceEpIncompatibilityDetails_GetNotes(d, &notes));
  EXPECT_EQ(notes, nullptr);
  api().ReleaseDeviceEpIncompatibilityDetails(d);
}

}  // namespace
}  // namespace abi_test::ext
