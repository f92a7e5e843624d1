#include "peer_library.h"

#include <dlfcn.h>

#include <cstring>

#include "onnxruntime/onnxruntime_c_api.h"
#include "stopwatch.h"

namespace sardonyx {
namespace {

constexpr uint32_t kApiVersion = 17;  // has every function used here

// ONNX's and the interface's numbers of element types agree up to FLOAT4E2M1.
constexpr int kLastCommonType = 23;

}  // namespace

struct PeerSession::Impl {
  const OrtApi* api = nullptr;
  std::string version;
  double open_ms = 0;
  OrtEnv* env = nullptr;
  OrtSession* session = nullptr;
  OrtMemoryInfo* memory = nullptr;
  OrtAllocator* allocator = nullptr;
  std::vector<std::string> input_names, output_names;
  std::vector<Value> kept;  // whose bytes `inputs` use
  std::vector<OrtValue*> inputs, outputs;

  ~Impl();
  Status load(const std::string& library);
  Status open(const std::string& model, const Options& options);
  Status check(OrtStatus* status) const;
  Result<std::string> port_name(size_t i, bool input) const;
  Result<OrtValue*> to_peer(const Value& v) const;
  Result<OrtValue*> to_peer(const Tensor& t) const;
  Result<OrtValue*> container(std::span<OrtValue* const> parts, ONNXType type) const;
  Result<Value> from_peer(const OrtValue* v) const;
  Result<Tensor> tensor_from_peer(const OrtValue* v) const;
  Status read_strings(const OrtValue* v, std::span<std::string> to) const;
  void release(std::vector<OrtValue*>& values) const;
};

PeerSession::Impl::~Impl() {
  if (api == nullptr) return;
  release(inputs);
  release(outputs);
  if (memory != nullptr) api->ReleaseMemoryInfo(memory);
  if (session != nullptr) api->ReleaseSession(session);
  if (env != nullptr) api->ReleaseEnv(env);
}

Status PeerSession::Impl::check(OrtStatus* status) const {
  if (status == nullptr) return {};
  const std::string text = api->GetErrorMessage(status);
  api->ReleaseStatus(status);
  return fail(Code::kOption, "the other library says: ", text);
}

Status PeerSession::Impl::load(const std::string& library) {
  // The library must not report its use, nor find ours in its stead.
  setenv("ORT_DISABLE_TELEMETRY", "1", 1);
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return fail(Code::kFile, "cannot load ", quoted(library), ": ", dlerror());
  const auto base = reinterpret_cast<const OrtApiBase* (*)()>(dlsym(handle, "OrtGetApiBase"));
  if (base == nullptr) return fail(Code::kFile, quoted(library), " has no OrtGetApiBase, so it is no such library");
  version = base()->GetVersionString();
  api = base()->GetApi(kApiVersion);
  if (api == nullptr)
    return fail(Code::kFile, quoted(library), ", version ", version, ", lacks interface version ", kApiVersion);
  return {};
}

Result<std::string> PeerSession::Impl::port_name(size_t i, bool input) const {
  char* name = nullptr;
  SDX_RETURN_IF_ERROR(check(input ? api->SessionGetInputName(session, i, allocator, &name)
                                  : api->SessionGetOutputName(session, i, allocator, &name)));
  const std::string copy = name;
  SDX_RETURN_IF_ERROR(check(api->AllocatorFree(allocator, name)));
  return copy;
}

Status PeerSession::Impl::open(const std::string& model, const Options& options) {
  SDX_RETURN_IF_ERROR(check(api->CreateEnv(ORT_LOGGING_LEVEL_ERROR, "sardonyx", &env)));
  OrtSessionOptions* o = nullptr;
  SDX_RETURN_IF_ERROR(check(api->CreateSessionOptions(&o)));
  const auto configure = [&]() -> Status {
    const GraphOptimizationLevel level = options.level == OptLevel::kDisableAll ? ORT_DISABLE_ALL
                                         : options.level == OptLevel::kBasic    ? ORT_ENABLE_BASIC
                                         : options.level == OptLevel::kExtended ? ORT_ENABLE_EXTENDED
                                                                                : ORT_ENABLE_ALL;
    SDX_RETURN_IF_ERROR(check(api->SetSessionGraphOptimizationLevel(o, level)));
    SDX_RETURN_IF_ERROR(check(api->SetIntraOpNumThreads(o, options.threads)));
    for (const auto& [name, extent] : options.dims)
      SDX_RETURN_IF_ERROR(check(api->AddFreeDimensionOverrideByName(o, name.c_str(), extent)));
    const Stopwatch opening;
    SDX_RETURN_IF_ERROR(check(api->CreateSession(env, model.c_str(), o, &session)));
    open_ms = opening.ms();
    return {};
  };
  Status opened = configure();
  api->ReleaseSessionOptions(o);
  SDX_RETURN_IF_ERROR(std::move(opened));
  SDX_RETURN_IF_ERROR(check(api->GetAllocatorWithDefaultOptions(&allocator)));
  SDX_RETURN_IF_ERROR(check(api->CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &memory)));
  size_t count = 0;
  SDX_RETURN_IF_ERROR(check(api->SessionGetInputCount(session, &count)));
  for (size_t i = 0; i < count; ++i) {
    SDX_TRY(std::string name, port_name(i, true));
    input_names.push_back(std::move(name));
  }
  SDX_RETURN_IF_ERROR(check(api->SessionGetOutputCount(session, &count)));
  for (size_t i = 0; i < count; ++i) {
    SDX_TRY(std::string name, port_name(i, false));
    output_names.push_back(std::move(name));
  }
  return {};
}

void PeerSession::Impl::release(std::vector<OrtValue*>& values) const {
  for (OrtValue* v : values)
    if (v != nullptr) api->ReleaseValue(v);
  values.clear();
}

Result<OrtValue*> PeerSession::Impl::to_peer(const Tensor& t) const {
  const int number = static_cast<int>(t.dtype());
  if (number > kLastCommonType)
    return fail(Code::kType, "tensors of ", dtype_name(t.dtype()), " are not handed to the other library");
  const auto type = static_cast<ONNXTensorElementDataType>(number);
  const std::vector<int64_t> dims(t.dims().begin(), t.dims().end());
  OrtValue* v = nullptr;
  if (t.dtype() != DType::kString) {
    SDX_RETURN_IF_ERROR(
        check(api->CreateTensorWithDataAsOrtValue(memory, t.data(), t.bytes(), dims.data(), dims.size(), type, &v)));
    return v;
  }
  SDX_RETURN_IF_ERROR(check(api->CreateTensorAsOrtValue(allocator, dims.data(), dims.size(), type, &v)));
  std::vector<const char*> texts;
  for (const std::string& s : t.strings()) texts.push_back(s.c_str());
  SDX_RETURN_IF_ERROR(check(api->FillStringTensor(v, texts.data(), texts.size())));
  return v;
}

Result<OrtValue*> PeerSession::Impl::container(std::span<OrtValue* const> parts, ONNXType type) const {
  OrtValue* v = nullptr;
  SDX_RETURN_IF_ERROR(check(api->CreateValue(parts.data(), parts.size(), type, &v)));
  return v;
}

// The library's containers share their parts' bytes, so the parts may go once the container is made.
Result<OrtValue*> PeerSession::Impl::to_peer(const Value& v) const {
  if (v.is_tensor()) return to_peer(v.tensor());
  std::vector<OrtValue*> parts;
  const auto made = [&]() -> Result<OrtValue*> {
    if (v.kind() == Value::Kind::kMap) {
      for (const Tensor& t : {v.map().keys, v.map().values}) {
        SDX_TRY(OrtValue* const part, to_peer(t));
        parts.push_back(part);
      }
      return container(parts, ONNX_TYPE_MAP);
    }
    if (v.kind() != Value::Kind::kSequence)
      return fail(Code::kType, "empty optionals and sparse tensors are not handed to the other library");
    for (const Value& item : v.sequence().items) {
      SDX_TRY(OrtValue* const part, to_peer(item));
      parts.push_back(part);
    }
    return container(parts, ONNX_TYPE_SEQUENCE);
  }();
  release(parts);
  return made;
}

Status PeerSession::Impl::read_strings(const OrtValue* v, std::span<std::string> to) const {
  size_t bytes = 0;
  SDX_RETURN_IF_ERROR(check(api->GetStringTensorDataLength(v, &bytes)));
  std::string content(bytes, '\0');
  std::vector<size_t> offsets(to.size() + 1, bytes);
  SDX_RETURN_IF_ERROR(check(api->GetStringTensorContent(v, content.data(), bytes, offsets.data(), to.size())));
  for (size_t i = 0; i < to.size(); ++i) to[i] = content.substr(offsets[i], offsets[i + 1] - offsets[i]);
  return {};
}

Result<Tensor> PeerSession::Impl::tensor_from_peer(const OrtValue* v) const {
  OrtTensorTypeAndShapeInfo* info = nullptr;
  SDX_RETURN_IF_ERROR(check(api->GetTensorTypeAndShape(v, &info)));
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  size_t rank = 0;
  std::vector<int64_t> dims;
  const auto read = [&]() -> Status {
    SDX_RETURN_IF_ERROR(check(api->GetTensorElementType(info, &type)));
    SDX_RETURN_IF_ERROR(check(api->GetDimensionsCount(info, &rank)));
    dims.resize(rank);
    return check(api->GetDimensions(info, dims.data(), rank));
  };
  Status done = read();
  api->ReleaseTensorTypeAndShapeInfo(info);
  SDX_RETURN_IF_ERROR(std::move(done));
  if (static_cast<int>(type) > kLastCommonType) return fail(Code::kType, "the output's type is not known here");
  SDX_TRY(Tensor t, Tensor::make(static_cast<DType>(type), dims));
  if (t.dtype() == DType::kString) {
    if (t.count() > 0) SDX_RETURN_IF_ERROR(read_strings(v, t.strings()));
    return t;
  }
  void* data = nullptr;
  SDX_RETURN_IF_ERROR(check(api->GetTensorMutableData(const_cast<OrtValue*>(v), &data)));
  if (t.bytes() > 0) std::memcpy(t.data(), data, t.bytes());
  return t;
}

Result<Value> PeerSession::Impl::from_peer(const OrtValue* v) const {
  ONNXType type = ONNX_TYPE_UNKNOWN;
  SDX_RETURN_IF_ERROR(check(api->GetValueType(v, &type)));
  if (type == ONNX_TYPE_TENSOR) {
    SDX_TRY(Tensor t, tensor_from_peer(v));
    return Value(std::move(t));
  }
  if (type != ONNX_TYPE_SEQUENCE && type != ONNX_TYPE_MAP)
    return fail(Code::kType, "an output is neither tensor nor sequence nor map");
  size_t count = 0;
  SDX_RETURN_IF_ERROR(check(api->GetValueCount(v, &count)));
  std::vector<Value> parts;
  for (size_t i = 0; i < count; ++i) {
    OrtValue* part = nullptr;
    SDX_RETURN_IF_ERROR(check(api->GetValue(v, static_cast<int>(i), allocator, &part)));
    auto converted = from_peer(part);
    api->ReleaseValue(part);
    if (!converted.ok()) return converted;
    parts.push_back(*std::move(converted));
  }
  if (type == ONNX_TYPE_MAP) {
    if (parts.size() != 2) return fail(Code::kType, "a map of the other library has no keys or no values");
    return Value(std::make_shared<const MapData>(MapData{parts[0].tensor(), parts[1].tensor()}));
  }
  SequenceData sequence;
  if (!parts.empty() && parts[0].is_tensor()) sequence.element = parts[0].tensor().dtype();
  sequence.items = std::move(parts);
  return Value(std::make_shared<const SequenceData>(std::move(sequence)));
}

PeerSession::PeerSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PeerSession::~PeerSession() = default;

Result<std::unique_ptr<PeerSession>> PeerSession::open(const std::string& library, const std::string& model,
                                                       const Options& options) {
  auto impl = std::make_unique<Impl>();
  SDX_RETURN_IF_ERROR(impl->load(library));
  SDX_RETURN_IF_ERROR(impl->open(model, options));
  return std::unique_ptr<PeerSession>(new PeerSession(std::move(impl)));
}

const std::string& PeerSession::version() const { return impl_->version; }
double PeerSession::open_ms() const { return impl_->open_ms; }
size_t PeerSession::input_count() const { return impl_->input_names.size(); }

Status PeerSession::set_inputs(std::span<const Value> inputs) {
  if (inputs.size() != impl_->input_names.size())
    return fail(Code::kInputName, inputs.size(), " inputs given, the other library wants ", impl_->input_names.size());
  impl_->release(impl_->inputs);
  impl_->kept.assign(inputs.begin(), inputs.end());
  for (size_t i = 0; i < inputs.size(); ++i) {
    auto v = impl_->to_peer(impl_->kept[i]);
    if (!v.ok()) return v.take_status().at(cat("input ", quoted(impl_->input_names[i])));
    impl_->inputs.push_back(*v);
  }
  return {};
}

Status PeerSession::run() {
  Impl& p = *impl_;
  p.release(p.outputs);
  p.outputs.resize(p.output_names.size());
  std::vector<const char*> in, out;
  for (const std::string& s : p.input_names) in.push_back(s.c_str());
  for (const std::string& s : p.output_names) out.push_back(s.c_str());
  return p.check(
      p.api->Run(p.session, nullptr, in.data(), p.inputs.data(), in.size(), out.data(), out.size(), p.outputs.data()));
}

Result<std::vector<Value>> PeerSession::outputs() const {
  std::vector<Value> values;
  for (const OrtValue* v : impl_->outputs) {
    SDX_TRY(Value converted, impl_->from_peer(v));
    values.push_back(std::move(converted));
  }
  return values;
}

}  // namespace sardonyx
