#include "capi/kernel_info.h"

#include <cstring>

#include "capi/allocator.h"
#include "capi/key_values.h"

namespace sardonyx::capi {

const Attr* NodeFacts::find(std::string_view name) const {
  for (const Attr& a : attrs)
    if (a.name == name) return &a;
  return nullptr;
}

namespace {

OrtTypeInfo type_info_of_fact(const Fact& f, const SymbolTable& symbols) {
  std::vector<int64_t> dims;
  std::vector<std::string> names;
  if (f.has_rank)
    for (Dim d : f.shape) {
      dims.push_back(d.known() ? d.value() : -1);
      names.push_back(d.known() ? std::string() : symbols.to_string(d));
    }
  return make_type_info(f.type, f.has_rank, std::move(dims), std::move(names));
}

NodeFacts::Port port_of(const Graph& g, ValueId v) {
  if (v == kNone) return {};
  return {g.value(v).name, type_info_of_fact(g.fact(v), g.symbols())};
}

}  // namespace

std::shared_ptr<const NodeFacts> describe_node(const KernelQuery& q, std::shared_ptr<const KernelHost> host) {
  auto facts = std::make_shared<NodeFacts>();
  const Node& n = q.node();
  facts->node = n.name, facts->op = n.op->name, facts->domain = n.op->domain, facts->since = n.op->since;
  facts->attrs = n.attrs;
  facts->host = std::move(host);
  for (int i = 0; i < q.inputs(); ++i) {
    facts->inputs.push_back(port_of(q.graph(), n.inputs[static_cast<size_t>(i)]));
    const Tensor* t = q.constant(i);
    facts->constants.push_back(t != nullptr ? std::make_unique<OrtValue>(Value(*t)) : nullptr);
  }
  for (ValueId v : n.outputs) facts->outputs.push_back(port_of(q.graph(), v));
  return facts;
}

namespace {

OrtStatus* find_attr(const OrtKernelInfo* info, const char* name, AttrType type, const Attr** out) {
  *out = info->facts->find(name);
  if (*out == nullptr) return error(ORT_FAIL, "No attribute with name:'", name, "'is defined.");
  if ((*out)->type != type)
    return error(ORT_FAIL, "Attribute name: ", name, " is ", attr_type_name((*out)->type), ", expected ",
                 attr_type_name(type));
  return nullptr;
}

// The protocol of texts: without a buffer, the size is told; the size counts the final zero.
OrtStatus* give_text(std::string_view text, char* out, size_t* size) {
  const size_t needed = text.size() + 1, given = *size;
  *size = needed;
  if (out == nullptr) return nullptr;
  if (given < needed) return invalid("Result buffer is not large enough: ", given, " of ", needed, " bytes");
  std::memcpy(out, text.data(), text.size());
  out[text.size()] = '\0';
  return nullptr;
}

template <class T>
OrtStatus* give_array(const std::vector<T>& values, T* out, size_t* size) {
  const size_t given = *size;
  *size = values.size();
  if (out == nullptr) return nullptr;
  if (given < values.size())
    return invalid("Result buffer is not large enough: ", given, " of ", values.size(), " elements");
  std::copy(values.begin(), values.end(), out);
  return nullptr;
}

OrtStatus* port_at(const std::vector<NodeFacts::Port>& ports, size_t index, std::string_view what,
                   const NodeFacts::Port** out) {
  if (index >= ports.size())
    return invalid("::OrtKernelInfo ", what, " index is out of bounds: ", index, " of ", ports.size());
  *out = &ports[index];
  return nullptr;
}

OrtStatus* give_type(const std::vector<NodeFacts::Port>& ports, size_t index, std::string_view what,
                     OrtTypeInfo** out) {
  const NodeFacts::Port* p = nullptr;
  SDX_CAPI_RETURN_IF(port_at(ports, index, what, &p));
  *out = new OrtTypeInfo(p->type);
  return nullptr;
}

OrtStatus* give_name(const std::vector<NodeFacts::Port>& ports, size_t index, std::string_view what, char* out,
                     size_t* size) {
  const NodeFacts::Port* p = nullptr;
  SDX_CAPI_RETURN_IF(port_at(ports, index, what, &p));
  return give_text(p->name, out, size);
}

}  // namespace

OrtStatus* CopyKernelInfo(const OrtKernelInfo* info, OrtKernelInfo** info_copy) {
  *info_copy = new OrtKernelInfo{info->facts, false};
  return nullptr;
}
void ReleaseKernelInfo(OrtKernelInfo* input) {
  if (input != nullptr && !input->lent) delete input;
}

OrtStatus* KernelInfoGetAttribute_float(const OrtKernelInfo* info, const char* name, float* out) {
  const Attr* a = nullptr;
  SDX_CAPI_RETURN_IF(find_attr(info, name, AttrType::kFloat, &a));
  *out = a->f;
  return nullptr;
}
OrtStatus* KernelInfoGetAttribute_int64(const OrtKernelInfo* info, const char* name, int64_t* out) {
  const Attr* a = nullptr;
  SDX_CAPI_RETURN_IF(find_attr(info, name, AttrType::kInt, &a));
  *out = a->i;
  return nullptr;
}
OrtStatus* KernelInfoGetAttribute_string(const OrtKernelInfo* info, const char* name, char* out, size_t* size) {
  const Attr* a = nullptr;
  SDX_CAPI_RETURN_IF(find_attr(info, name, AttrType::kString, &a));
  return give_text(a->s, out, size);
}
OrtStatus* KernelInfoGetAttributeArray_float(const OrtKernelInfo* info, const char* name, float* out, size_t* size) {
  const Attr* a = nullptr;
  SDX_CAPI_RETURN_IF(find_attr(info, name, AttrType::kFloats, &a));
  return give_array(a->floats, out, size);
}
OrtStatus* KernelInfoGetAttributeArray_int64(const OrtKernelInfo* info, const char* name, int64_t* out, size_t* size) {
  const Attr* a = nullptr;
  SDX_CAPI_RETURN_IF(find_attr(info, name, AttrType::kInts, &a));
  return give_array(a->ints, out, size);
}
OrtStatus* KernelInfoGetAttributeArray_string(const OrtKernelInfo* info, const char* name, OrtAllocator* allocator,
                                              char*** out, size_t* size) {
  const Attr* a = nullptr;
  SDX_CAPI_RETURN_IF(find_attr(info, name, AttrType::kStrings, &a));
  *size = a->strings.size();
  *out = nullptr;
  if (a->strings.empty()) return nullptr;
  char** texts = static_cast<char**>(allocate(allocator, a->strings.size() * sizeof(char*)));
  if (texts == nullptr) return error(ORT_RUNTIME_EXCEPTION, "out of memory");
  for (size_t i = 0; i < a->strings.size(); ++i) {
    OrtStatus* s = copy_text(allocator, a->strings[i], &texts[i]);
    if (s == nullptr) continue;
    while (i-- > 0) allocator->Free(allocator, texts[i]);
    allocator->Free(allocator, texts);
    return s;
  }
  *out = texts;
  return nullptr;
}
OrtStatus* KernelInfoGetAttribute_tensor(const OrtKernelInfo* info, const char* name, OrtAllocator* allocator,
                                         OrtValue** out) {
  const Attr* a = nullptr;
  SDX_CAPI_RETURN_IF(find_attr(info, name, AttrType::kTensor, &a));
  const Tensor& from = a->tensor;
  if (from.dtype() == DType::kString) {
    SDX_CAPI_TRY(Tensor copy, from.clone());
    *out = new OrtValue(Value(std::move(copy)));
    return nullptr;
  }
  OrtValue* made = nullptr;
  SDX_CAPI_RETURN_IF(CreateTensorAsOrtValue(allocator, from.dims().data(), from.dims().size(),
                                            static_cast<ONNXTensorElementDataType>(from.dtype()), &made));
  if (const size_t n = from.bytes()) std::memcpy(made->value.tensor().data(), from.data(), n);
  *out = made;
  return nullptr;
}

OrtStatus* KernelInfo_GetInputCount(const OrtKernelInfo* info, size_t* out) {
  *out = info->facts->inputs.size();
  return nullptr;
}
OrtStatus* KernelInfo_GetOutputCount(const OrtKernelInfo* info, size_t* out) {
  *out = info->facts->outputs.size();
  return nullptr;
}
OrtStatus* KernelInfo_GetInputName(const OrtKernelInfo* info, size_t index, char* out, size_t* size) {
  return give_name(info->facts->inputs, index, "input", out, size);
}
OrtStatus* KernelInfo_GetOutputName(const OrtKernelInfo* info, size_t index, char* out, size_t* size) {
  return give_name(info->facts->outputs, index, "output", out, size);
}
OrtStatus* KernelInfo_GetInputTypeInfo(const OrtKernelInfo* info, size_t index, OrtTypeInfo** type_info) {
  return give_type(info->facts->inputs, index, "input", type_info);
}
OrtStatus* KernelInfo_GetOutputTypeInfo(const OrtKernelInfo* info, size_t index, OrtTypeInfo** type_info) {
  return give_type(info->facts->outputs, index, "output", type_info);
}
OrtStatus* KernelInfoGetConstantInput_tensor(const OrtKernelInfo* info, size_t index, int* is_constant,
                                             const OrtValue** out) {
  const NodeFacts::Port* p = nullptr;
  SDX_CAPI_RETURN_IF(port_at(info->facts->inputs, index, "input", &p));
  *out = info->facts->constants[index].get();
  *is_constant = *out != nullptr;
  return nullptr;
}

OrtStatus* KernelInfo_GetNodeName(const OrtKernelInfo* info, char* out, size_t* size) {
  return give_text(info->facts->node, out, size);
}
OrtStatus* KernelInfo_GetOperatorDomain(const OrtKernelInfo* info, char* out, size_t* size) {
  return give_text(info->facts->domain, out, size);
}
OrtStatus* KernelInfo_GetOperatorType(const OrtKernelInfo* info, char* out, size_t* size) {
  return give_text(info->facts->op, out, size);
}
OrtStatus* KernelInfo_GetOperatorSinceVersion(const OrtKernelInfo* info, int* since_version) {
  *since_version = info->facts->since;
  return nullptr;
}
OrtStatus* KernelInfo_GetLogger(const OrtKernelInfo* info, const OrtLogger** logger) {
  *logger = &info->facts->host->logger;
  return nullptr;
}
OrtStatus* KernelInfoGetAllocator(const OrtKernelInfo*, OrtMemType, OrtAllocator** out) {
  *out = default_allocator();
  return nullptr;
}
OrtStatus* KernelInfo_GetConfigEntries(const OrtKernelInfo* info, OrtKeyValuePairs** out) {
  auto pairs = std::make_unique<OrtKeyValuePairs>();
  for (const auto& [key, value] : info->facts->host->config) pairs->entries.emplace(key, value);
  pairs->sync();
  *out = pairs.release();
  return nullptr;
}

}  // namespace sardonyx::capi
