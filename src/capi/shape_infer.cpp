#include "capi/shape_infer.h"

namespace {

OrtTensorTypeAndShapeInfo info_of(const sardonyx::Fact& f, const sardonyx::SymbolTable& symbols) {
  OrtTensorTypeAndShapeInfo info;
  info.elem = f.dtype();
  info.has_shape = f.has_rank;
  for (sardonyx::Dim d : f.shape) {
    info.dims.push_back(d.known() ? d.value() : -1);
    info.dim_names.push_back(d.known() ? std::string() : symbols.to_string(d));
  }
  return info;
}

}  // namespace

OrtShapeInferContext::OrtShapeInferContext(sardonyx::InferCtx& infer) : infer(infer) {
  for (int i = 0; i < infer.inputs(); ++i) {
    const bool tensor = infer.has(i) && infer.in(i).type.is_tensor();
    inputs.push_back(tensor ? info_of(infer.in(i), infer.sym()) : OrtTensorTypeAndShapeInfo{});
    if (tensor && !infer.in(i).has_rank) ranks_known = false;
  }
  for (const sardonyx::Attr& a : infer.node().attrs) attrs.push_back({a});
}

namespace sardonyx::capi {

OrtStatus* ShapeInferContext_GetInputCount(const OrtShapeInferContext* context, size_t* out) {
  *out = context->inputs.size();
  return nullptr;
}

OrtStatus* ShapeInferContext_GetInputTypeShape(const OrtShapeInferContext* context, size_t index,
                                               OrtTensorTypeAndShapeInfo** info) {
  if (index >= context->inputs.size())
    return invalid("Failed to get type of input ", index, ": the node has ", context->inputs.size());
  *info = const_cast<OrtTensorTypeAndShapeInfo*>(&context->inputs[index]);
  return nullptr;
}

OrtStatus* ShapeInferContext_GetAttribute(const OrtShapeInferContext* context, const char* attr_name,
                                          const OrtOpAttr** attr) {
  for (const OrtOpAttr& a : context->attrs)
    if (a.attr.name == attr_name) {
      *attr = &a;
      return nullptr;
    }
  return invalid("Attribute does not exist: ", attr_name);
}

OrtStatus* ShapeInferContext_SetOutputTypeShape(const OrtShapeInferContext* context, size_t index,
                                                const OrtTensorTypeAndShapeInfo* info) {
  InferCtx& c = context->infer;
  if (index >= static_cast<size_t>(c.outputs()))
    return invalid("Failed to set type of output ", index, ": the node has ", c.outputs());
  const int o = static_cast<int>(index);
  if (info->elem == DType::kUndefined) return invalid("output ", index, " has no element type");
  c.out(o) = Fact::unknown_rank(info->elem);
  if (!context->ranks_known) return nullptr;
  Shape shape;
  for (size_t k = 0; k < info->dims.size(); ++k) {
    const std::string& name = k < info->dim_names.size() ? info->dim_names[k] : std::string();
    if (info->dims[k] >= 0)
      shape.push_back(Dim(info->dims[k]));
    else
      shape.push_back(name.empty() ? c.fresh() : c.sym().symbol(name));
  }
  SDX_CAPI_RETURN_IF_ERROR(c.set(o, info->elem, std::move(shape)));
  return nullptr;
}

}  // namespace sardonyx::capi
