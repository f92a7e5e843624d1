/* Providers and devices; custom operators and what their kernels may ask. */
#include "plain.h"

void providers(void) {
  const char* const none[] = {NULL};
  const OrtEpDevice* const* devices = NULL;
  const OrtHardwareDevice* hardware = NULL;
  OrtCompiledModelCompatibility fits;
  OrtSessionOptions* o = NULL;
  OrtCUDAProviderOptionsV2* cuda = NULL;
  char** names = NULL;
  size_t n = 0;
  int count = 0;
  OK(ort->GetAvailableProviders(&names, &count));
  CHECK(count >= 1 && strcmp(names[count - 1], "CPUExecutionProvider") == 0);
  OK(ort->ReleaseAvailableProviders(names, count));
  OK(ort->CreateSessionOptions(&o));
  FAILS(ort->SessionOptionsAppendExecutionProvider(o, "QNN", none, none, 0), ORT_INVALID_ARGUMENT,
        "QNN execution provider is not supported in this build. ");
  FAILS(ort->SessionOptionsAppendExecutionProvider(o, "Foo", none, none, 0), ORT_INVALID_ARGUMENT,
        "Unknown provider name 'Foo'. Currently supported values are 'DML'/'DmlExecutionProvider', ");
  OK(ort->CreateCUDAProviderOptions(&cuda));
  {
    OrtStatus* status = ort->SessionOptionsAppendExecutionProvider_CUDA_V2(o, cuda);
    CHECK(status != NULL);
    ort->ReleaseStatus(status);
  }
  ort->ReleaseCUDAProviderOptions(cuda);
  OK(ort->GetEpDevices(env, &devices, &n));
  CHECK(n >= 1);
  OK(ort->SessionOptionsAppendExecutionProvider_V2(o, env, devices, 1, NULL, NULL, 0));
  ort->ReleaseSessionOptions(o);
  CHECK(strcmp(ort->EpDevice_EpName(devices[0]), "CPUExecutionProvider") == 0);
  CHECK(ort->EpDevice_EpVendor(devices[0]) != NULL && ort->EpDevice_EpMetadata(devices[0]) != NULL);
  CHECK(ort->EpDevice_EpOptions(devices[0]) != NULL);
  hardware = ort->EpDevice_Device(devices[0]);
  CHECK(ort->HardwareDevice_Type(hardware) == OrtHardwareDeviceType_CPU &&
        ort->HardwareDevice_Vendor(hardware) != NULL);
  OK(ort->GetNumHardwareDevices(env, &n));
  CHECK(n >= 1);
  OK(ort->GetModelCompatibilityForEpDevices(devices, 1, "info", &fits));
  CHECK(fits == OrtCompiledModelCompatibility_EP_NOT_APPLICABLE);
  FAILS(ort->RegisterExecutionProviderLibrary(env, "mine", "/no/such.so"), ORT_FAIL,
        "Failed to load library /no/such.so");
}

/* Scale: y = factor * x. */
typedef struct Kernel {
  float factor;
} Kernel;
static int g_destroyed, g_inferred;

static const char* op_name(const OrtCustomOp* op) { return op != NULL ? "Scale" : NULL; }
static const char* op_provider(const OrtCustomOp* op) { return op != NULL ? NULL : ""; }
static size_t one(const OrtCustomOp* op) { return op != NULL; }
static ONNXTensorElementDataType is_float(const OrtCustomOp* op, size_t index) {
  CHECK(op != NULL && index == 0);
  return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
}
static OrtCustomOpInputOutputCharacteristic is_required(const OrtCustomOp* op, size_t index) {
  CHECK(op != NULL && index == 0);
  return INPUT_OUTPUT_REQUIRED;
}
static OrtMemType in_memory(const OrtCustomOp* op, size_t index) {
  CHECK(op != NULL && index == 0);
  return OrtMemTypeDefault;
}
static int arity(const OrtCustomOp* op) { return op != NULL; }
static int first_version(const OrtCustomOp* op) { return op != NULL; }
static int last_version(const OrtCustomOp* op) { return op != NULL ? 10 : 0; }

static void look_at_node(const OrtKernelInfo* info) {
  char text[32];
  OrtKernelInfo* copy = NULL;
  OrtTypeInfo* type = NULL;
  const OrtLogger* logger = NULL;
  OrtLoggingLevel level;
  size_t n = sizeof text;
  int is_constant = -1, since = 0;
  const OrtValue* constant = NULL;
  OK(ort->KernelInfo_GetNodeName(info, text, &n));
  CHECK(strcmp(text, "scale") == 0);
  n = sizeof text;
  OK(ort->KernelInfo_GetInputName(info, 0, text, &n));
  CHECK(strcmp(text, "x") == 0);
  n = sizeof text;
  OK(ort->KernelInfo_GetOperatorType(info, text, &n));
  CHECK(strcmp(text, "Scale") == 0);
  OK(ort->KernelInfo_GetOperatorSinceVersion(info, &since));
  OK(ort->KernelInfo_GetInputCount(info, &n));
  CHECK(n == 1);
  OK(ort->KernelInfo_GetOutputCount(info, &n));
  CHECK(n == 1);
  OK(ort->KernelInfo_GetInputTypeInfo(info, 0, &type));
  ort->ReleaseTypeInfo(type);
  OK(ort->KernelInfo_GetOutputTypeInfo(info, 0, &type));
  ort->ReleaseTypeInfo(type);
  OK(ort->KernelInfoGetConstantInput_tensor(info, 0, &is_constant, &constant));
  CHECK(is_constant == 0);
  OK(ort->KernelInfo_GetLogger(info, &logger));
  OK(ort->Logger_GetLoggingSeverityLevel(logger, &level));
  OK(ort->Logger_LogMessage(logger, ORT_LOGGING_LEVEL_VERBOSE, "quiet", "file", 1, "function"));
  OK(ort->CopyKernelInfo(info, &copy));
  OK(ort->KernelInfo_GetInputCount(copy, &n));
  ort->ReleaseKernelInfo(copy);
}

static OrtStatus* create_kernel(const OrtCustomOp* op, const OrtApi* api, const OrtKernelInfo* info, void** kernel) {
  Kernel* made = (Kernel*)malloc(sizeof *made);
  int64_t missing = 0;
  OrtStatus* status;
  CHECK(op != NULL && api == ort && made != NULL);
  OK(ort->KernelInfoGetAttribute_float(info, "factor", &made->factor));
  status = ort->KernelInfoGetAttribute_int64(info, "missing", &missing);
  CHECK(status != NULL);
  ort->ReleaseStatus(status);
  look_at_node(info);
  *kernel = made;
  return NULL;
}

static void scale_part(void* data, size_t i) {
  float** both = (float**)data;
  both[1][i] = both[0][i] * *both[2];
}
static OrtStatus* compute(void* state, OrtKernelContext* context) {
  Kernel* kernel = (Kernel*)state;
  const OrtValue* x = NULL;
  OrtValue* y = NULL;
  OrtTensorTypeAndShapeInfo* info = NULL;
  OrtAllocator* own = NULL;
  int64_t dims[4];
  size_t rank = 0, count = 0, n = 0;
  void *out = NULL, *scratch = NULL;
  float* parts[3];
  OK(ort->KernelContext_GetInputCount(context, &n));
  CHECK(n == 1);
  OK(ort->KernelContext_GetOutputCount(context, &n));
  CHECK(n == 1);
  OK(ort->KernelContext_GetInput(context, 0, &x));
  OK(ort->GetTensorTypeAndShape(x, &info));
  OK(ort->GetDimensionsCount(info, &rank));
  OK(ort->GetDimensions(info, dims, rank));
  OK(ort->GetTensorShapeElementCount(info, &count));
  ort->ReleaseTensorTypeAndShapeInfo(info);
  if (floats_of(x)[0] == 13) return ort->CreateStatus(ORT_INVALID_ARGUMENT, "thirteen is refused");
  OK(ort->KernelContext_GetOutput(context, 0, dims, rank, &y));
  OK(ort->GetTensorMutableData(y, &out));
  OK(ort->KernelContext_GetAllocator(context, cpu, &own));
  ort->ReleaseAllocator(own);
  OK(ort->KernelContext_GetScratchBuffer(context, cpu, 64, &scratch));
  memset(scratch, 0, 64);
  parts[0] = (float*)floats_of(x), parts[1] = (float*)out, parts[2] = &kernel->factor;
  OK(ort->KernelContext_ParallelFor(context, scale_part, count, 2, parts));
  return NULL;
}
static void destroy(void* kernel) {
  ++g_destroyed;
  free(kernel);
}
static OrtStatus* infer(const OrtCustomOp* op, OrtShapeInferContext* context) {
  OrtTensorTypeAndShapeInfo* info = NULL;
  const OrtOpAttr* attr = NULL;
  float factor = 0;
  size_t n = 0;
  CHECK(op != NULL);
  OK(ort->ShapeInferContext_GetInputCount(context, &n));
  CHECK(n == 1);
  OK(ort->ShapeInferContext_GetInputTypeShape(context, 0, &info));
  OK(ort->ShapeInferContext_GetAttribute(context, "factor", &attr));
  OK(ort->ReadOpAttr(attr, ORT_OP_ATTR_FLOAT, &factor, sizeof factor, &n));
  CHECK(factor == 3);
  ++g_inferred;
  return ort->ShapeInferContext_SetOutputTypeShape(context, 0, info);
}

static Bytes scale_model(void) {
  const int64_t dims[] = {-1, 3};
  const char* x = "x";
  const float three = 3;
  Bytes graph = {{0}, 0}, node = node_of("Scale", "plain", "scale", &x, 1, "y"), attr = {{0}, 0}, m;
  put_text(&attr, 1, "factor");
  attr.data[attr.size++] = 2 << 3 | 5; /* field 2, four bytes */
  memcpy(attr.data + attr.size, &three, 4);
  attr.size += 4;
  put_number(&attr, 20, 1);
  put_message(&node, 5, &attr);
  put_message(&graph, 1, &node);
  put_text(&graph, 2, "g");
  m = value_info("x", 1, dims, 2);
  put_message(&graph, 11, &m);
  m = value_info("y", 1, dims, 2);
  put_message(&graph, 12, &m);
  return model_of(&graph, "plain");
}

static void check_attributes(void) {
  const int64_t numbers[] = {1, 2, 3};
  OrtOpAttr* attr = NULL;
  OrtOpAttrType type;
  int64_t read[3];
  const char* name = NULL;
  size_t n = 0;
  OK(ort->CreateOpAttr("numbers", numbers, 3, ORT_OP_ATTR_INTS, &attr));
  OK(ort->OpAttr_GetType(attr, &type));
  OK(ort->OpAttr_GetName(attr, &name));
  CHECK(type == ORT_OP_ATTR_INTS && strcmp(name, "numbers") == 0);
  OK(ort->ReadOpAttr(attr, ORT_OP_ATTR_INTS, read, sizeof read, &n));
  CHECK(n == sizeof read && read[2] == 3);
  ort->ReleaseOpAttr(attr);
}

void custom_operators(void) {
  static OrtCustomOp op;
  const Bytes model = scale_model();
  const int64_t dims[] = {2, 3};
  const float numbers[] = {1, 2, 3, 4, 5, 6}, refused[] = {13, 0, 0, 0, 0, 0};
  OrtCustomOpDomain* domain = NULL;
  OrtSessionOptions* o = NULL;
  OrtSession* session;
  OrtValue *x, *y = NULL;
  OrtStatus* status;
  const char *in = "x", *out = "y";
  op.version = ORT_API_VERSION;
  op.CreateKernelV2 = create_kernel, op.KernelComputeV2 = compute, op.KernelDestroy = destroy;
  op.GetName = op_name, op.GetExecutionProviderType = op_provider, op.InferOutputShapeFn = infer;
  op.GetInputType = is_float, op.GetOutputType = is_float, op.GetInputTypeCount = one, op.GetOutputTypeCount = one;
  op.GetInputCharacteristic = is_required, op.GetOutputCharacteristic = is_required;
  op.GetInputMemoryType = in_memory, op.GetStartVersion = first_version, op.GetEndVersion = last_version;
  op.GetVariadicInputMinArity = arity, op.GetVariadicInputHomogeneity = arity;
  op.GetVariadicOutputMinArity = arity, op.GetVariadicOutputHomogeneity = arity;
  OK(ort->CreateCustomOpDomain("plain", &domain));
  OK(ort->CustomOpDomain_Add(domain, &op));
  OK(ort->CreateSessionOptions(&o));
  OK(ort->AddCustomOpDomain(o, domain));
  session = open_bytes(&model, o);
  x = floats(dims, 2, numbers);
  y = run_one(session, NULL, "x", x, "y");
  CHECK(floats_of(y)[5] == 18 && g_inferred > 0);
  ort->ReleaseValue(y);
  ort->ReleaseValue(x);
  x = floats(dims, 2, refused);
  y = NULL;
  status = ort->Run(session, NULL, &in, (const OrtValue* const*)&x, 1, &out, 1, &y);
  CHECK(status != NULL && strstr(ort->GetErrorMessage(status), "thirteen is refused") != NULL);
  ort->ReleaseStatus(status);
  ort->ReleaseValue(x);
  ort->ReleaseSession(session);
  CHECK(g_destroyed == 1);
  FAILS(ort->RegisterCustomOpsLibrary_V2(o, "/no/such.so"), ORT_FAIL,
        "Failed to load library /no/such.so with error: ");
  ort->ReleaseSessionOptions(o);
  ort->ReleaseCustomOpDomain(domain);
  check_attributes();
}
