// Tensors of strings. Lengths count bytes; texts have no final zero, but element accessors take any bytes.
#include <cstring>

#include "capi/value.h"

namespace sardonyx::capi {

namespace {

OrtStatus* need_strings(const OrtValue* value, std::span<std::string>* out) {
  const Tensor* t = nullptr;
  if (value->value.kind() == Value::Kind::kSparse)
    t = &value->value.sparse().values;
  else
    SDX_CAPI_RETURN_IF(need_tensor(value, &t));
  if (t->dtype() != DType::kString)
    return error(ORT_FAIL, "Tensor type mismatch: the tensor is ", dtype_name(t->dtype()), ", not string");
  *out = t->strings();
  return nullptr;
}

OrtStatus* need_element(const OrtValue* value, size_t index, std::string** out,
                        std::string_view text = "element index is out of bounds") {
  std::span<std::string> strings;
  SDX_CAPI_RETURN_IF(need_strings(value, &strings));
  if (index >= strings.size()) return invalid(text, "\nelement ", index, " of ", strings.size());
  *out = &strings[index];
  return nullptr;
}

size_t total_bytes(std::span<const std::string> strings) {
  size_t n = 0;
  for (const std::string& s : strings) n += s.size();
  return n;
}

}  // namespace

OrtStatus* FillStringTensor(OrtValue* value, const char* const* s, size_t s_len) {
  std::span<std::string> strings;
  SDX_CAPI_RETURN_IF(need_strings(value, &strings));
  if (s_len != strings.size())
    return invalid("input array doesn't equal tensor size\n", s_len, " strings for ", strings.size(), " elements");
  for (size_t i = 0; i < s_len; ++i)
    if (s[i] == nullptr) return invalid("FillStringTensor: string ", i, " is null");
  for (size_t i = 0; i < s_len; ++i) strings[i] = s[i];
  return nullptr;
}
OrtStatus* FillStringTensorElement(OrtValue* value, const char* s, size_t index) {
  std::string* element = nullptr;
  SDX_CAPI_RETURN_IF(need_element(value, index, &element));
  *element = s;
  return nullptr;
}
OrtStatus* GetResizedStringTensorElementBuffer(OrtValue* value, size_t index, size_t length_in_bytes, char** buffer) {
  std::string* element = nullptr;
  SDX_CAPI_RETURN_IF(need_element(value, index, &element));
  element->resize(length_in_bytes);
  *buffer = element->data();
  return nullptr;
}

OrtStatus* GetStringTensorDataLength(const OrtValue* value, size_t* len) {
  std::span<std::string> strings;
  SDX_CAPI_RETURN_IF(need_strings(value, &strings));
  *len = total_bytes(strings);
  return nullptr;
}
OrtStatus* GetStringTensorElementLength(const OrtValue* value, size_t index, size_t* out) {
  std::string* element = nullptr;
  SDX_CAPI_RETURN_IF(need_element(value, index, &element, "index is out of bounds"));
  *out = element->size();
  return nullptr;
}
OrtStatus* GetStringTensorContent(const OrtValue* value, void* s, size_t s_len, size_t* offsets, size_t offsets_len) {
  std::span<std::string> strings;
  SDX_CAPI_RETURN_IF(need_strings(value, &strings));
  if (offsets_len != strings.size())
    return error(ORT_FAIL, "offsets buffer is not equal to tensor size\n", offsets_len, " for ", strings.size(),
                 " elements");
  const size_t total = total_bytes(strings);
  if (s_len < total)
    return error(ORT_FAIL, "output buffer is too small. Use GetStringTensorDataLength.\n", s_len, " bytes for ", total);
  size_t at = 0;
  for (size_t i = 0; i < strings.size(); ++i) {
    offsets[i] = at;
    if (!strings[i].empty()) std::memcpy(static_cast<char*>(s) + at, strings[i].data(), strings[i].size());
    at += strings[i].size();
  }
  return nullptr;
}
OrtStatus* GetStringTensorElement(const OrtValue* value, size_t s_len, size_t index, void* s) {
  std::string* element = nullptr;
  SDX_CAPI_RETURN_IF(need_element(value, index, &element));
  if (s_len < element->size())
    return error(ORT_FAIL, "buffer size is too small for string element\n", s_len, " bytes for ", element->size());
  if (!element->empty()) std::memcpy(s, element->data(), element->size());
  return nullptr;
}

}  // namespace sardonyx::capi
