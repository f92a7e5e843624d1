#include "tensor.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace sardonyx_node {
namespace {

// Below this many bytes an output is copied into an array of JavaScript's own, which is cheaper than sharing.
constexpr size_t kShareFrom = 1 << 14;

struct TypeEntry {
  const char* name;
  ONNXTensorElementDataType type;
  napi_typedarray_type array;
  int bits;
};
constexpr TypeEntry kTypes[] = {
    {"float32", ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, napi_float32_array, 32},
    {"uint8", ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, napi_uint8_array, 8},
    {"int8", ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8, napi_int8_array, 8},
    {"uint16", ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16, napi_uint16_array, 16},
    {"int16", ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16, napi_int16_array, 16},
    {"int32", ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, napi_int32_array, 32},
    {"int64", ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, napi_bigint64_array, 64},
    {"string", ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, napi_uint8_array, 0},
    {"bool", ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL, napi_uint8_array, 8},
    {"float16", ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, napi_uint16_array, 16},
    {"float64", ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, napi_float64_array, 64},
    {"uint32", ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32, napi_uint32_array, 32},
    {"uint64", ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64, napi_biguint64_array, 64},
    {"uint4", ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT4, napi_uint8_array, 4},
    {"int4", ONNX_TENSOR_ELEMENT_DATA_TYPE_INT4, napi_uint8_array, 4},
};

const TypeEntry* find(ONNXTensorElementDataType type) {
  for (const TypeEntry& entry : kTypes) {
    if (entry.type == type) return &entry;
  }
  return nullptr;
}

constexpr size_t kMostElements = std::numeric_limits<size_t>::max() / 64 - 1;  // their bits can be counted

// A Tensor of JavaScript, taken apart.
struct Parts {
  const TypeEntry* type;
  std::vector<int64_t> dims;
  size_t elements;
  Napi::Value data;

  // Of a type other than string; read_dims() sees to it that it does not overflow.
  size_t bytes() const { return (elements * static_cast<size_t>(type->bits) + 7) / 8; }
};

size_t read_dims(const Napi::Value& js, const std::string& name, std::vector<int64_t>& dims) {
  if (!js.IsArray()) throw Napi::TypeError::New(js.Env(), name + ": Tensor.dims must be an array.");
  const auto array = js.As<Napi::Array>();
  size_t elements = 1;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value item = array.Get(i);
    const double size = item.IsNumber() ? item.As<Napi::Number>().DoubleValue() : -1;
    if (!(size >= 0 && size <= 9007199254740991.0) || size != std::floor(size)) {
      throw Napi::RangeError::New(js.Env(), name + ": Tensor.dims[" + std::to_string(i) + "] is invalid.");
    }
    dims.push_back(static_cast<int64_t>(size));
    if (__builtin_mul_overflow(elements, static_cast<size_t>(size), &elements) || elements > kMostElements) {
      throw Napi::RangeError::New(js.Env(), name + ": Tensor.dims are too large.");
    }
  }
  return elements;
}

Parts take_apart(const Napi::Value& js, const std::string& name) {
  const Napi::Env env = js.Env();
  if (!js.IsObject()) throw Napi::TypeError::New(env, name + ": Tensor must be an object.");
  const auto tensor = js.As<Napi::Object>();
  const Napi::Value location = tensor.Get("location");
  if (location.IsString()) {
    const std::string where = location.As<Napi::String>().Utf8Value();
    if (where != "cpu" && where != "cpu-pinned") {
      throw Napi::Error::New(env, name + ": a Tensor at location '" + where + "' is not supported.");
    }
  }
  const std::string type = tensor.Get("type").ToString().Utf8Value();
  Parts parts{nullptr, {}, 0, {}};
  for (const TypeEntry& entry : kTypes) {
    if (type == entry.name) parts.type = &entry;
  }
  if (parts.type == nullptr) throw Napi::TypeError::New(env, name + ": Tensor.type '" + type + "' is not supported.");
  parts.elements = read_dims(tensor.Get("dims"), name, parts.dims);
  parts.data = tensor.Get("data");
  return parts;
}

// The bytes of a typed array, or of any other view: Float16Array is not known to every version of Node-API.
struct Bytes {
  uint8_t* data;
  size_t size;
};
Bytes bytes_of(const Parts& parts, const std::string& name) {
  const Napi::Env env = parts.data.Env();
  const auto fits = [&](size_t size) {
    if (size != parts.bytes()) {
      throw Napi::RangeError::New(env, name + ": Tensor.data has " + std::to_string(size) + " bytes; its dims need " +
                                           std::to_string(parts.bytes()) + ".");
    }
    return size;
  };
  if (!parts.data.IsTypedArray()) throw Napi::TypeError::New(env, name + ": Tensor.data must be a typed array.");
  const auto array = parts.data.As<Napi::Object>();
  const double offset = array.Get("byteOffset").ToNumber().DoubleValue();
  const double length = array.Get("byteLength").ToNumber().DoubleValue();
  const Napi::Value buffer = array.Get("buffer");
  if (!buffer.IsArrayBuffer()) {  // a SharedArrayBuffer
    throw Napi::TypeError::New(env, name + ": Tensor.data must lie in an ArrayBuffer.");
  }
  // Nothing of JavaScript runs from here on. Properties may have been redefined, so the bounds are those of the buffer.
  auto memory = buffer.As<Napi::ArrayBuffer>();
  if (!(offset >= 0 && length >= 0 && offset + length <= static_cast<double>(memory.ByteLength()))) {
    throw Napi::RangeError::New(env, name + ": Tensor.data does not lie within its buffer.");
  }
  const size_t size = fits(static_cast<size_t>(length));
  return {static_cast<uint8_t*>(memory.Data()) + static_cast<size_t>(offset), size};
}

// The array of a tensor of strings, as long as its dims say.
Napi::Array strings_in(const Parts& parts, const std::string& name) {
  const Napi::Env env = parts.data.Env();
  if (!parts.data.IsArray()) throw Napi::TypeError::New(env, name + ": Tensor.data must be an array of strings.");
  const auto array = parts.data.As<Napi::Array>();
  if (array.Length() != parts.elements) throw Napi::RangeError::New(env, name + ": Tensor.data has the wrong length.");
  return array;
}

Value make(const Parts& parts) {
  OrtValue* out = nullptr;
  check(api().CreateTensorAsOrtValue(allocator(), parts.dims.data(), parts.dims.size(), parts.type->type, &out));
  return own(out);
}

void fill_strings(const Napi::Array& array, const std::string& name, OrtValue* value) {
  const Napi::Env env = array.Env();
  const uint32_t count = array.Length();
  for (uint32_t i = 0; i < count; ++i) {
    const Napi::Value item = array.Get(i);
    if (!item.IsString()) {
      throw Napi::TypeError::New(env, name + ": Tensor.data[" + std::to_string(i) + "] must be a string.");
    }
    const std::string text = item.As<Napi::String>().Utf8Value();
    char* buffer = nullptr;
    check(api().GetResizedStringTensorElementBuffer(value, i, text.size(), &buffer));
    if (!text.empty()) std::memcpy(buffer, text.data(), text.size());
  }
}

void* data_of(OrtValue* value) {
  void* data = nullptr;
  check(api().GetTensorMutableData(value, &data));
  return data;
}

struct Described {
  ONNXTensorElementDataType type;
  std::vector<int64_t> dims;
  size_t elements;
};
Described describe(const OrtValue* value) {
  OrtTensorTypeAndShapeInfo* raw = nullptr;
  check(api().GetTensorTypeAndShape(value, &raw));
  const Owned<OrtTensorTypeAndShapeInfo> info(raw);
  Described out{};
  size_t rank = 0;
  check(api().GetTensorElementType(raw, &out.type));
  check(api().GetDimensionsCount(raw, &rank));
  out.dims.resize(rank);
  check(api().GetDimensions(raw, out.dims.data(), rank));
  check(api().GetTensorShapeElementCount(raw, &out.elements));
  return out;
}

std::vector<std::string> strings_of(const OrtValue* value, size_t count) {
  std::vector<std::string> out(count);
  if (count == 0) return out;
  size_t total = 0;
  check(api().GetStringTensorDataLength(value, &total));
  std::string text(total, '\0');
  std::vector<size_t> offsets(count);
  check(api().GetStringTensorContent(value, text.data(), total, offsets.data(), count));
  for (size_t i = 0; i < count; ++i) {
    const size_t end = i + 1 < count ? offsets[i + 1] : total;
    out[i] = text.substr(offsets[i], end - offsets[i]);
  }
  return out;
}

Napi::Array to_array(Napi::Env env, const std::vector<std::string>& strings) {
  Napi::Array out = Napi::Array::New(env, strings.size());
  for (uint32_t i = 0; i < strings.size(); ++i) out.Set(i, strings[i]);
  return out;
}

// An ArrayBuffer over the memory of a value, or a copy of it where it is small or the engine forbids sharing.
Napi::Value buffer_of(Napi::Env env, const Value& value, size_t bytes, const std::shared_ptr<SharedOutputs>& shared) {
  void* const data = bytes == 0 ? nullptr : data_of(value.get());
  if (bytes >= kShareFrom) {
    struct Hold {
      Value value;
      std::shared_ptr<SharedOutputs> shared;
    };
    auto hold = std::make_unique<Hold>(Hold{value, shared});
    const auto finalize = [](napi_env, void* memory, void* hint) {
      const std::unique_ptr<Hold> held(static_cast<Hold*>(hint));
      held->shared->erase(memory);
    };
    napi_value out = nullptr;
    if (napi_create_external_arraybuffer(env, data, bytes, finalize, hold.get(), &out) == napi_ok) {
      (void)hold.release();
      (*shared)[data] = value;
      return {env, out};
    }
  }
  auto copy = Napi::ArrayBuffer::New(env, bytes);
  if (bytes != 0) std::memcpy(copy.Data(), data, bytes);
  return copy;
}

}  // namespace

const char* type_name(ONNXTensorElementDataType type) {
  if (const TypeEntry* const entry = find(type)) return entry->name;
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16: return "bfloat16";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX64: return "complex64";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX128: return "complex128";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E4M3FN: return "float8e4m3fn";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E4M3FNUZ: return "float8e4m3fnuz";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E5M2: return "float8e5m2";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E5M2FNUZ: return "float8e5m2fnuz";
    default: return "undefined";
  }
}

Value to_value(const Napi::Value& js, const std::string& name, const SharedOutputs& shared) {
  const Parts parts = take_apart(js, name);
  if (parts.type->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING) {
    const Napi::Array array = strings_in(parts, name);
    Value value = make(parts);
    fill_strings(array, name, value.get());
    return value;
  }
  const Bytes bytes = bytes_of(parts, name);
  if (const auto found = shared.find(bytes.data); found != shared.end() && bytes.size != 0) {
    if (Value value = found->second.lock()) {
      const Described is = describe(value.get());
      if (is.type == parts.type->type && is.dims == parts.dims) return value;
    }
  }
  Value value = make(parts);
  if (bytes.size != 0) std::memcpy(data_of(value.get()), bytes.data, bytes.size);
  return value;
}

Value like_tensor(const Napi::Value& js, const std::string& name) {
  const Parts parts = take_apart(js, name);
  if (parts.type->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING) {
    strings_in(parts, name);
  } else {
    bytes_of(parts, name);
  }
  return make(parts);
}

Napi::Object to_js(Napi::Env env, const Value& value, const std::string& name,
                   const std::shared_ptr<SharedOutputs>& shared) {
  const Described is = describe(value.get());
  const TypeEntry* const type = find(is.type);
  if (type == nullptr) {
    throw Napi::Error::New(env, name + ": a tensor of " + type_name(is.type) + " has no form in JavaScript.");
  }
  Napi::Object out = Napi::Object::New(env);
  out.Set("type", type->name);
  Napi::Array dims = Napi::Array::New(env, is.dims.size());
  for (uint32_t i = 0; i < is.dims.size(); ++i) dims.Set(i, static_cast<double>(is.dims[i]));
  out.Set("dims", dims);
  if (is.type == ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING) {
    out.Set("data", to_array(env, strings_of(value.get(), is.elements)));
    return out;
  }
  const size_t bytes = (is.elements * static_cast<size_t>(type->bits) + 7) / 8;
  const Napi::Value buffer = buffer_of(env, value, bytes, shared);
  napi_value array = nullptr;
  const size_t length = type->bits < 8 ? bytes : is.elements;
  if (napi_create_typedarray(env, type->array, length, buffer, 0, &array) != napi_ok) throw Napi::Error::New(env);
  out.Set("data", Napi::Value(env, array));
  return out;
}

void copy_into(const Napi::Value& js, const Value& value, const std::string& name) {
  const Parts parts = take_apart(js, name);
  if (parts.type->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING) {
    Napi::Array array = strings_in(parts, name);
    const auto strings = strings_of(value.get(), parts.elements);
    for (uint32_t i = 0; i < strings.size(); ++i) array.Set(i, strings[i]);
    return;
  }
  const Bytes bytes = bytes_of(parts, name);
  const Described is = describe(value.get());
  if (is.dims != parts.dims) throw Napi::Error::New(js.Env(), name + ": the output tensor has other dims now.");
  if (bytes.size != 0) std::memcpy(bytes.data, data_of(value.get()), bytes.size);
}

}  // namespace sardonyx_node
