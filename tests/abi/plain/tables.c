/* The other tables: models built in memory and compiled, and what providers see. */
#include "plain.h"

static OrtValueInfo* port(const char* name) {
  const OrtModelEditorApi* make = ort->GetModelEditorApi();
  const int64_t dims[] = {-1, 2};
  const char* names[] = {"batch", ""};
  OrtTensorTypeAndShapeInfo* info = NULL;
  OrtTypeInfo* type = NULL;
  OrtValueInfo* made = NULL;
  OK(ort->CreateTensorTypeAndShapeInfo(&info));
  OK(ort->SetTensorElementType(info, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT));
  OK(ort->SetDimensions(info, dims, 2));
  OK(ort->SetSymbolicDimensions(info, names, 2));
  OK(make->CreateTensorTypeInfo(info, &type));
  OK(make->CreateValueInfo(name, type, &made));
  ort->ReleaseTypeInfo(type);
  ort->ReleaseTensorTypeAndShapeInfo(info);
  return made;
}

void built_models(void) {
  const OrtModelEditorApi* make = ort->GetModelEditorApi();
  const char* const domains[] = {""};
  const char* const in[] = {"x", "w"};
  const char* const out[] = {"y"};
  const int versions[] = {18};
  const int64_t two[] = {2}, dims[] = {1, 2};
  const float weights[] = {10, 20}, numbers[] = {1, 2};
  OrtGraph* graph = NULL;
  OrtModel* model = NULL;
  OrtNode* node = NULL;
  OrtSessionOptions* o = NULL;
  OrtSession* session = NULL;
  OrtValueInfo *x = port("x"), *y = port("y");
  OrtValue *value, *sum;
  const char* name = NULL;
  size_t n = 0;
  int opset = 0;
  OK(ort->GetValueInfoName(x, &name));
  CHECK(strcmp(name, "x") == 0);
  OK(make->CreateGraph(&graph));
  OK(make->SetGraphInputs(graph, &x, 1));
  OK(make->SetGraphOutputs(graph, &y, 1));
  OK(make->AddInitializerToGraph(graph, "w", floats(two, 1, weights), false));
  OK(make->CreateNode("Add", "", "add", in, 2, out, 1, NULL, 0, &node));
  OK(make->AddNodeToGraph(graph, node));
  OK(make->CreateModel(domains, versions, 1, &model));
  OK(make->AddGraphToModel(model, graph));
  OK(ort->Graph_GetNumNodes(graph, &n));
  CHECK(n == 1);
  OK(ort->CreateSessionOptions(&o));
  OK(make->CreateSessionFromModel(env, model, o, &session));
  ort->ReleaseModel(model);
  value = floats(dims, 2, numbers);
  sum = run_one(session, NULL, "x", value, "y");
  CHECK(floats_of(sum)[0] == 11 && floats_of(sum)[1] == 22);
  ort->ReleaseValue(sum);
  ort->ReleaseValue(value);
  OK(make->SessionGetOpsetForDomain(session, "", &opset));
  CHECK(opset == 18);
  ort->ReleaseSession(session);
  ort->ReleaseSessionOptions(o);
}

static OrtStatus* collect(void* state, const void* buffer, size_t size) {
  Bytes* to = (Bytes*)state;
  CHECK(to->size + size <= sizeof to->data);
  memcpy(to->data + to->size, buffer, size);
  to->size += size;
  return NULL;
}

void compiled_models(void) {
  const OrtCompileApi* compiler = ort->GetCompileApi();
  const Bytes bytes = relu_model();
  const int64_t dims[] = {2, 3};
  const float numbers[] = {-1, 2, -3, 4, -5, 6};
  Bytes result = {{0}, 0};
  OrtSessionOptions* o = NULL;
  OrtModelCompilationOptions* c = NULL;
  OrtSession* session;
  OrtValue *x, *y;
  OK(ort->CreateSessionOptions(&o));
  OK(compiler->CreateModelCompilationOptionsFromSessionOptions(env, o, &c));
  FAILS(compiler->ModelCompilationOptions_SetInputModelFromBuffer(c, bytes.data, 0), ORT_INVALID_ARGUMENT, "");
  OK(compiler->ModelCompilationOptions_SetInputModelFromBuffer(c, bytes.data, bytes.size));
  OK(compiler->ModelCompilationOptions_SetOutputModelWriteFunc(c, collect, &result));
  OK(compiler->ModelCompilationOptions_SetGraphOptimizationLevel(c, ORT_ENABLE_BASIC));
  OK(compiler->ModelCompilationOptions_SetFlags(c, OrtCompileApiFlags_NONE));
  OK(compiler->CompileModel(env, c));
  compiler->ReleaseModelCompilationOptions(c);
  ort->ReleaseSessionOptions(o);
  session = open_bytes(&result, NULL);
  x = floats(dims, 2, numbers);
  y = run_one(session, NULL, "x", x, "y");
  CHECK(floats_of(y)[0] == 0 && floats_of(y)[1] == 2);
  ort->ReleaseValue(y);
  ort->ReleaseValue(x);
  ort->ReleaseSession(session);
}

static void kernel_definitions(const OrtEpApi* ep) {
  OrtKernelDefBuilder* builder = NULL;
  OrtKernelDef* def = NULL;
  const OrtDataType* element = NULL;
  OrtMemType where;
  int first = 0, last = 0;
  OK(ep->CreateKernelDefBuilder(&builder));
  OK(ep->KernelDefBuilder_SetOperatorType(builder, "Relu"));
  OK(ep->KernelDefBuilder_SetDomain(builder, ""));
  OK(ep->KernelDefBuilder_SetSinceVersion(builder, 6, 13));
  FAILS(ep->KernelDefBuilder_SetSinceVersion(builder, 0, 13), ORT_INVALID_ARGUMENT, "Start version must be >= 1");
  OK(ep->KernelDefBuilder_SetExecutionProvider(builder, "Mine"));
  OK(ep->KernelDefBuilder_SetInputMemType(builder, 0, OrtMemTypeCPUInput));
  OK(ep->GetTensorDataType(ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &element));
  OK(ep->KernelDefBuilder_AddTypeConstraint(builder, "T", &element, 1));
  OK(ep->KernelDefBuilder_Build(builder, &def));
  ep->ReleaseKernelDefBuilder(builder);
  CHECK(strcmp(ep->KernelDef_GetOperatorType(def), "Relu") == 0 && strcmp(ep->KernelDef_GetDomain(def), "") == 0);
  CHECK(strcmp(ep->KernelDef_GetExecutionProvider(def), "Mine") == 0);
  OK(ep->KernelDef_GetSinceVersion(def, &first, &last));
  OK(ep->KernelDef_GetInputMemType(def, 0, &where));
  CHECK(first == 6 && last == 13 && where == OrtMemTypeCPUInput);
  OK(ep->KernelDef_GetOutputMemType(def, 0, &where));
  CHECK(where == OrtMemTypeDefault);
  ep->ReleaseKernelDef(def);
}

void other_tables(void) {
  const OrtEpApi* ep = ort->GetEpApi();
  const OrtEpDevice* const* devices = NULL;
  OrtExternalResourceImporter* importer = NULL;
  OrtKeyValuePairs* entries = NULL;
  OrtProfilingEvent* event = NULL;
  OrtOpSchema* schema = NULL;
  const OrtOpSchemaTypeConstraint* constraint = NULL;
  const char *const keys[] = {"k"}, *const values[] = {"v"}, *text = NULL;
  size_t n = 0;
  OK(ort->GetEpDevices(env, &devices, &n));
  OK(ort->GetInteropApi()->CreateExternalResourceImporterForDevice(devices[0], &importer));
  CHECK(importer == NULL);
  OK(ep->GetEnvConfigEntries(&entries));
  ort->ReleaseKeyValuePairs(entries);
  CHECK(ep->MemoryDevice_GetDeviceType(ep->MemoryInfo_GetMemoryDevice(cpu)) == OrtMemoryInfoDeviceType_CPU);
  kernel_definitions(ep);
  OK(ep->CreateProfilingEvent(OrtProfilingEventCategory_KERNEL, 1, 2, "event", 10, 5, keys, values, 1, &event));
  OK(ep->ProfilingEvent_GetArgValue(event, "k", &text));
  CHECK(strcmp(text, "v") == 0);
  ep->ReleaseProfilingEvent(event);
  OK(ep->GetOpSchema("Gather", 26, "", &schema));
  OK(ep->OpSchema_GetNumInputs(schema, &n));
  CHECK(n == 2);
  OK(ep->OpSchema_GetInputTypeConstraint(schema, 1, &constraint));
  OK(ep->OpSchemaTypeConstraint_GetTypeParamName(constraint, &text));
  CHECK(strcmp(text, "Tind") == 0);
  ep->ReleaseOpSchema(schema);
}
