// A library of custom operators as somebody else would build it: it knows the public header only. It has its own
// domain, which lives as long as the library.
#include <onnxruntime/onnxruntime_c_api.h>

#include <cstdlib>
#include <cstring>

namespace {

const OrtApi* g_api = nullptr;

// y = x + bias, floats of any shape.
struct Kernel {
  float bias;
};

OrtStatus* create(const OrtCustomOp*, const OrtApi* api, const OrtKernelInfo* info, void** kernel) {
  float bias = 0;
  if (OrtStatus* s = api->KernelInfoGetAttribute_float(info, "bias", &bias)) return s;
  *kernel = new Kernel{bias};
  return nullptr;
}

OrtStatus* compute(void* kernel, OrtKernelContext* context) {
  const OrtValue* x = nullptr;
  if (OrtStatus* s = g_api->KernelContext_GetInput(context, 0, &x)) return s;
  OrtTensorTypeAndShapeInfo* info = nullptr;
  if (OrtStatus* s = g_api->GetTensorTypeAndShape(x, &info)) return s;
  size_t rank = 0, count = 0;
  int64_t dims[8];
  OrtStatus* s = g_api->GetDimensionsCount(info, &rank);
  if (s == nullptr) s = g_api->GetDimensions(info, dims, rank);
  if (s == nullptr) s = g_api->GetTensorShapeElementCount(info, &count);
  g_api->ReleaseTensorTypeAndShapeInfo(info);
  if (s != nullptr) return s;
  OrtValue* y = nullptr;
  if ((s = g_api->KernelContext_GetOutput(context, 0, dims, rank, &y))) return s;
  void *from = nullptr, *to = nullptr;
  if ((s = g_api->GetTensorMutableData(const_cast<OrtValue*>(x), &from))) return s;
  if ((s = g_api->GetTensorMutableData(y, &to))) return s;
  for (size_t i = 0; i < count; ++i)
    static_cast<float*>(to)[i] = static_cast<float*>(from)[i] + static_cast<Kernel*>(kernel)->bias;
  return nullptr;
}

OrtCustomOp make_op() {
  OrtCustomOp op = {};
  op.version = ORT_API_VERSION;
  op.GetName = [](const OrtCustomOp*) { return "AddBias"; };
  op.GetExecutionProviderType = [](const OrtCustomOp*) { return "CPUExecutionProvider"; };
  op.GetInputTypeCount = op.GetOutputTypeCount = [](const OrtCustomOp*) { return size_t{1}; };
  op.GetInputType = op.GetOutputType = [](const OrtCustomOp*, size_t) { return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT; };
  op.GetInputCharacteristic =
      op.GetOutputCharacteristic = [](const OrtCustomOp*, size_t) { return INPUT_OUTPUT_REQUIRED; };
  op.GetInputMemoryType = [](const OrtCustomOp*, size_t) { return OrtMemTypeDefault; };
  op.CreateKernelV2 = create;
  op.KernelComputeV2 = compute;
  op.KernelDestroy = [](void* kernel) { delete static_cast<Kernel*>(kernel); };
  op.GetStartVersion = [](const OrtCustomOp*) { return 1; };
  op.GetEndVersion = [](const OrtCustomOp*) { return 2147483647; };
  return op;
}

const OrtCustomOp g_op = make_op();

struct DomainOwner {
  OrtCustomOpDomain* domain = nullptr;
  ~DomainOwner() {
    if (domain != nullptr) g_api->ReleaseCustomOpDomain(domain);
  }
} g_owner;

}  // namespace

extern "C" __attribute__((visibility("default"))) OrtStatus* RegisterCustomOps(OrtSessionOptions* options,
                                                                               const OrtApiBase* base) {
  g_api = base->GetApi(16);
  if (std::getenv("CUSTOM_LIBRARY_FAILS") != nullptr) return g_api->CreateStatus(ORT_FAIL, "told to fail");
  if (g_owner.domain == nullptr) {
    if (OrtStatus* s = g_api->CreateCustomOpDomain("library.ops", &g_owner.domain)) return s;
    if (OrtStatus* s = g_api->CustomOpDomain_Add(g_owner.domain, &g_op)) return s;
  }
  return g_api->AddCustomOpDomain(options, g_owner.domain);
}
