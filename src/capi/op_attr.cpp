#include "capi/op_attr.h"

#include <cstring>

#include "capi/value.h"

namespace sardonyx::capi {

OrtOpAttrType attr_number(AttrType t) {
  switch (t) {
    case AttrType::kInt: return ORT_OP_ATTR_INT;
    case AttrType::kInts: return ORT_OP_ATTR_INTS;
    case AttrType::kFloat: return ORT_OP_ATTR_FLOAT;
    case AttrType::kFloats: return ORT_OP_ATTR_FLOATS;
    case AttrType::kString: return ORT_OP_ATTR_STRING;
    case AttrType::kStrings: return ORT_OP_ATTR_STRINGS;
    case AttrType::kGraph:
    case AttrType::kGraphs: return ORT_OP_ATTR_GRAPH;
    case AttrType::kTensor: return ORT_OP_ATTR_TENSOR;
    default: return ORT_OP_ATTR_UNDEFINED;
  }
}

namespace {

Result<Attr> attr_of(const std::string& name, const void* data, size_t n, OrtOpAttrType type) {
  if (data == nullptr && !(n == 0 && (type == ORT_OP_ATTR_INTS || type == ORT_OP_ATTR_FLOATS ||
                                      type == ORT_OP_ATTR_STRINGS || type == ORT_OP_ATTR_STRING)))
    return fail(Code::kAttr, "attribute ", quoted(name), ": data must not be null");
  const auto* ints = static_cast<const int64_t*>(data);
  const auto* floats = static_cast<const float*>(data);
  switch (type) {
    case ORT_OP_ATTR_INT: return Attr::of_int(name, *ints);
    case ORT_OP_ATTR_INTS: return Attr::of_ints(name, {ints, ints + n});
    case ORT_OP_ATTR_FLOAT: return Attr::of_float(name, *floats);
    case ORT_OP_ATTR_FLOATS: return Attr::of_floats(name, {floats, floats + n});
    case ORT_OP_ATTR_STRING: return Attr::of_string(name, std::string(static_cast<const char*>(data), n));
    case ORT_OP_ATTR_STRINGS: {
      std::vector<std::string> texts;
      const auto* from = static_cast<const char* const*>(data);
      for (size_t i = 0; i < n; ++i) {
        if (from[i] == nullptr) return fail(Code::kAttr, "attribute ", quoted(name), ": text ", i, " is null");
        texts.emplace_back(from[i]);
      }
      return Attr::of_strings(name, std::move(texts));
    }
    case ORT_OP_ATTR_TENSOR: {
      const auto* value = static_cast<const OrtValue*>(data);
      if (!value->value.is_tensor()) return fail(Code::kAttr, "attribute ", quoted(name), ": the value is no tensor");
      return Attr::of_tensor(name, value->value.tensor());
    }
    default: return fail(Code::kAttr, "attribute ", quoted(name), " cannot be made of kind ", static_cast<int>(type));
  }
}

// Copies `bytes` to the caller's buffer; says how many it needs either way.
OrtStatus* give(const void* from, size_t bytes, void* data, size_t len, size_t* out) {
  *out = bytes;
  if (len < bytes) return invalid("Size of data not large enough to hold the attribute: ", len, " of ", bytes);
  if (bytes) std::memcpy(data, from, bytes);
  return nullptr;
}

}  // namespace

OrtStatus* CreateOpAttr(const char* name, const void* data, int len, OrtOpAttrType type, OrtOpAttr** op_attr) {
  if (len < 0) return invalid("attribute ", quoted(std::string_view(name)), ": len is ", len);
  SDX_CAPI_TRY(Attr attr, attr_of(name, data, static_cast<size_t>(len), type));
  *op_attr = new OrtOpAttr{std::move(attr)};
  return nullptr;
}

void ReleaseOpAttr(OrtOpAttr* input) { delete input; }

OrtStatus* ReadOpAttr(const OrtOpAttr* op_attr, OrtOpAttrType type, void* data, size_t len, size_t* out) {
  const Attr& a = op_attr->attr;
  if (attr_number(a.type) != type)
    return invalid("attribute ", quoted(a.name), " is ", attr_type_name(a.type), ", not of kind ",
                   static_cast<int>(type));
  switch (type) {
    case ORT_OP_ATTR_INT: return give(&a.i, sizeof a.i, data, len, out);
    case ORT_OP_ATTR_INTS: return give(a.ints.data(), a.ints.size() * sizeof(int64_t), data, len, out);
    case ORT_OP_ATTR_FLOAT: return give(&a.f, sizeof a.f, data, len, out);
    case ORT_OP_ATTR_FLOATS: return give(a.floats.data(), a.floats.size() * sizeof(float), data, len, out);
    case ORT_OP_ATTR_STRING: return give(a.s.data(), a.s.size(), data, len, out);
    case ORT_OP_ATTR_STRINGS: {
      std::string all;  // each with its final zero
      for (const std::string& s : a.strings) all.append(s).push_back('\0');
      return give(all.data(), all.size(), data, len, out);
    }
    default: return invalid("attribute ", quoted(a.name), " of kind ", attr_type_name(a.type), " is not read this way");
  }
}

OrtStatus* OpAttr_GetType(const OrtOpAttr* attribute, OrtOpAttrType* type) {
  *type = attr_number(attribute->attr.type);
  return nullptr;
}

OrtStatus* OpAttr_GetName(const OrtOpAttr* attribute, const char** name) {
  *name = attribute->attr.name.c_str();
  return nullptr;
}

OrtStatus* OpAttr_GetTensorAttributeAsOrtValue(const OrtOpAttr* attribute, OrtValue** attr_tensor) {
  const Attr& a = attribute->attr;
  if (a.type != AttrType::kTensor)
    return invalid("attribute ", quoted(a.name), " is ", attr_type_name(a.type), ", not a tensor");
  SDX_CAPI_TRY(Tensor copy, a.tensor.clone());
  *attr_tensor = new OrtValue(Value(std::move(copy)));
  return nullptr;
}

}  // namespace sardonyx::capi
