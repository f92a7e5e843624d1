#include "abi/test_op.h"

namespace abi_test::ext {

namespace {

const TestOp& self(const OrtCustomOp* op) { return *static_cast<const TestOp*>(op); }

OrtStatus* create_v2(const OrtCustomOp* op, const OrtApi*, const OrtKernelInfo* info, void** kernel) {
  const TestOp& t = self(op);
  if (t.create)
    if (OrtStatus* s = t.create(info)) return s;
  ++t.created;
  *kernel = const_cast<TestOp*>(&t);
  return nullptr;
}
void* create_v1(const OrtCustomOp* op, const OrtApi*, const OrtKernelInfo* info) {
  const TestOp& t = self(op);
  if (t.create) {
    EXPECT_EQ(text_of(t.create(info)), "");
  }
  ++t.created;
  return const_cast<TestOp*>(&t);
}

}  // namespace

TestOp::TestOp(std::string op_name, std::vector<Param> in, std::vector<Param> out, Compute on_compute,
               uint32_t struct_version)
    : OrtCustomOp{},
      name(std::move(op_name)),
      inputs(std::move(in)),
      outputs(std::move(out)),
      compute(std::move(on_compute)) {
  version = struct_version;
  GetName = [](const OrtCustomOp* op) { return self(op).name.c_str(); };
  GetExecutionProviderType = [](const OrtCustomOp*) -> const char* { return nullptr; };
  GetInputTypeCount = [](const OrtCustomOp* op) { return self(op).inputs.size(); };
  GetOutputTypeCount = [](const OrtCustomOp* op) { return self(op).outputs.size(); };
  GetInputType = [](const OrtCustomOp* op, size_t i) { return self(op).inputs[i].type; };
  GetOutputType = [](const OrtCustomOp* op, size_t i) { return self(op).outputs[i].type; };
  GetInputCharacteristic = [](const OrtCustomOp* op, size_t i) { return self(op).inputs[i].kind; };
  GetOutputCharacteristic = [](const OrtCustomOp* op, size_t i) { return self(op).outputs[i].kind; };
  GetInputMemoryType = [](const OrtCustomOp*, size_t) { return OrtMemTypeDefault; };
  GetVariadicInputMinArity = [](const OrtCustomOp* op) { return self(op).in_arity; };
  GetVariadicInputHomogeneity = [](const OrtCustomOp* op) { return self(op).in_homogeneous; };
  GetVariadicOutputMinArity = [](const OrtCustomOp* op) { return self(op).out_arity; };
  GetVariadicOutputHomogeneity = [](const OrtCustomOp* op) { return self(op).out_homogeneous; };
  GetStartVersion = [](const OrtCustomOp* op) { return self(op).first; };
  GetEndVersion = [](const OrtCustomOp* op) { return self(op).last; };
  KernelDestroy = [](void* kernel) { ++static_cast<TestOp*>(kernel)->destroyed; };
  if (version >= 16) {
    CreateKernelV2 = create_v2;
    KernelComputeV2 = [](void* kernel, OrtKernelContext* c) { return static_cast<TestOp*>(kernel)->compute(c); };
  } else {
    CreateKernel = create_v1;
    KernelCompute = [](void* kernel, OrtKernelContext* c) {
      EXPECT_EQ(text_of(static_cast<TestOp*>(kernel)->compute(c)), "");
    };
  }
}

void TestOp::use_inference(Infer f) {
  infer = std::move(f);
  InferOutputShapeFn = [](const OrtCustomOp* op, OrtShapeInferContext* c) { return self(op).infer(c); };
}

Registered::Registered(const char* domain_name, std::vector<OrtCustomOp*> ops) : options(make_options()) {
  OrtCustomOpDomain* made = nullptr;
  EXPECT_EQ(text_of(api().CreateCustomOpDomain(domain_name, &made)), "");
  domain.reset(made);
  for (OrtCustomOp* op : ops) EXPECT_EQ(text_of(api().CustomOpDomain_Add(made, op)), "");
  EXPECT_EQ(text_of(api().AddCustomOpDomain(options.get(), made)), "");
}

const OrtValue* input(OrtKernelContext* c, size_t i) {
  const OrtValue* v = nullptr;
  EXPECT_EQ(text_of(api().KernelContext_GetInput(c, i, &v)), "");
  return v;
}
OrtValue* output(OrtKernelContext* c, size_t o, const std::vector<int64_t>& dims) {
  OrtValue* v = nullptr;
  EXPECT_EQ(text_of(api().KernelContext_GetOutput(c, o, dims.data(), dims.size(), &v)), "");
  return v;
}
size_t count_of(const OrtValue* v) {
  size_t n = 1;
  for (int64_t d : dims_of(v)) n *= static_cast<size_t>(d);
  return n;
}

}  // namespace abi_test::ext
