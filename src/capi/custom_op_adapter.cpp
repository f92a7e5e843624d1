#include "capi/custom_op_adapter.h"

#include <algorithm>

#include "capi/kernel_context.h"
#include "capi/shape_infer.h"
#include "ir/opset.h"

namespace sardonyx::capi {

namespace {

// The members that exist in an OrtCustomOp of a given version, with what their absence means.
class CustomOpView {
 public:
  explicit CustomOpView(const OrtCustomOp* op) : op_(op) {}
  const OrtCustomOp* get() const { return op_; }
  std::string name() const { return op_->GetName(op_); }
  std::string provider() const {
    const char* ep = op_->GetExecutionProviderType ? op_->GetExecutionProviderType(op_) : nullptr;
    return ep ? ep : "";
  }
  size_t inputs() const { return op_->GetInputTypeCount(op_); }
  size_t outputs() const { return op_->GetOutputTypeCount(op_); }
  ONNXTensorElementDataType input_type(size_t i) const { return op_->GetInputType(op_, i); }
  ONNXTensorElementDataType output_type(size_t o) const { return op_->GetOutputType(op_, o); }
  OrtCustomOpInputOutputCharacteristic input_kind(size_t i) const {
    return has(8) && op_->GetInputCharacteristic ? op_->GetInputCharacteristic(op_, i) : INPUT_OUTPUT_REQUIRED;
  }
  OrtCustomOpInputOutputCharacteristic output_kind(size_t o) const {
    return has(8) && op_->GetOutputCharacteristic ? op_->GetOutputCharacteristic(op_, o) : INPUT_OUTPUT_REQUIRED;
  }
  int input_arity() const { return has(14) && op_->GetVariadicInputMinArity ? op_->GetVariadicInputMinArity(op_) : 1; }
  int output_arity() const {
    return has(14) && op_->GetVariadicOutputMinArity ? op_->GetVariadicOutputMinArity(op_) : 1;
  }
  bool input_homogeneous() const {
    return !has(14) || !op_->GetVariadicInputHomogeneity || op_->GetVariadicInputHomogeneity(op_) != 0;
  }
  bool output_homogeneous() const {
    return !has(14) || !op_->GetVariadicOutputHomogeneity || op_->GetVariadicOutputHomogeneity(op_) != 0;
  }
  bool has_inference() const { return has(17) && op_->InferOutputShapeFn; }
  int first() const { return has(17) && op_->GetStartVersion ? op_->GetStartVersion(op_) : 1; }
  int last() const { return has(17) && op_->GetEndVersion ? op_->GetEndVersion(op_) : INT_MAX; }
  bool has_create_v2() const { return has(16) && op_->CreateKernelV2; }
  bool has_compute_v2() const { return has(16) && op_->KernelComputeV2; }

  using Pairs = std::vector<PrepareCtx::Pair>;
  Pairs may_inplace() const { return has(18) ? pairs(op_->GetMayInplace, op_->ReleaseMayInplace) : Pairs(); }
  Pairs aliases() const { return has(18) ? pairs(op_->GetAliasMap, op_->ReleaseAliasMap) : Pairs(); }

 private:
  bool has(uint32_t version) const { return op_->version >= version; }
  static Pairs pairs(size_t (*get)(int**, int**), void (*release)(int*, int*)) {
    Pairs all;
    if (get == nullptr) return all;
    int *in = nullptr, *out = nullptr;
    const size_t n = get(&in, &out);
    for (size_t k = 0; k < n && in && out; ++k) all.push_back({in[k], out[k]});
    if (release != nullptr && (in || out)) release(in, out);
    return all;
  }
  const OrtCustomOp* op_;
};

// Calls into a caller's code: an exception is an error like a returned status.
template <class F>
Status guarded_call(F&& f) {
  try {
    return from_ort(f());
  } catch (const std::exception& e) {
    return fail(Code::kInternal, "the custom operator threw an exception: ", e.what());
  } catch (...) {
    return fail(Code::kInternal, "the custom operator threw an exception of unknown type");
  }
}

class CustomKernel final : public Kernel {
 public:
  CustomKernel(CustomOpView op, std::shared_ptr<const NodeFacts> facts)
      : op_(op), facts_(std::move(facts)), reuse_(op.may_inplace()), aliases_(op.aliases()) {}
  ~CustomKernel() override {
    if (kernel_ != nullptr && op_.get()->KernelDestroy) op_.get()->KernelDestroy(kernel_);
  }

  Status create() {
    const OrtKernelInfo info{facts_};
    return guarded_call([&]() -> OrtStatus* {
      if (op_.has_create_v2()) return op_.get()->CreateKernelV2(op_.get(), api_table(), &info, &kernel_);
      if (op_.get()->CreateKernel == nullptr) return invalid("the custom operator has no CreateKernel");
      kernel_ = op_.get()->CreateKernel(op_.get(), api_table(), &info);
      return nullptr;
    });
  }

  Status prepare(PrepareCtx& c) const override {
    for (const PrepareCtx::Pair& p : reuse_)
      if (c.has(p.in) && c.wants(p.out) && c.out_known(p.out)) c.may_reuse(p.in, p.out);
    for (const PrepareCtx::Pair& p : aliases_) {
      if (!c.has(p.in) || !c.wants(p.out) || !c.out_known(p.out)) continue;
      if (c.dtype(p.in) == c.out_dtype(p.out) && c.in_count(p.in) == c.out_count(p.out)) c.alias(p.in, p.out);
    }
    return {};
  }

  Status run(RunCtx& r) const override {
    OrtKernelContext context(r, *facts_, aliases_.data(), aliases_.size());
    SDX_RETURN_IF_ERROR(guarded_call([&]() -> OrtStatus* {
      if (op_.has_compute_v2()) return op_.get()->KernelComputeV2(kernel_, &context);
      if (op_.get()->KernelCompute == nullptr) return invalid("the custom operator has no KernelCompute");
      op_.get()->KernelCompute(kernel_, &context);
      return nullptr;
    }));
    return context.check_outputs();
  }

 private:
  CustomOpView op_;
  std::shared_ptr<const NodeFacts> facts_;
  CustomOpView::Pairs reuse_, aliases_;
  void* kernel_ = nullptr;
};

class OperatorFamily final : public CustomOp {
 public:
  OperatorFamily(CustomSignature signature, std::vector<CustomOpView> variants, std::shared_ptr<KernelHost> host)
      : CustomOp(std::move(signature)), variants_(std::move(variants)), host_(std::move(host)) {}

  Status infer_outputs(InferCtx& c) const override {
    SDX_RETURN_IF_ERROR(infer_types(c));
    const CustomOpView* v = choose([&](int i) { return c.dtype(i); }, c.inputs());
    if (v == nullptr) return no_variant();
    for (int o = 0; o < c.outputs(); ++o) {
      const size_t at = std::min(static_cast<size_t>(o), v->outputs() - 1);
      const DType t = element_type(v->output_type(at));
      if (t != DType::kUndefined) c.out(o).type = Type::tensor(t);
    }
    return v->has_inference() ? call_inference(*v, c) : deferred();
  }

  Result<KernelPtr> make(const KernelQuery& q) const override {
    const CustomOpView* v = choose([&](int i) { return q.dtype(i); }, q.inputs());
    if (v == nullptr) return no_variant();
    auto kernel = std::make_unique<CustomKernel>(*v, describe_node(q, host_));
    SDX_RETURN_IF_ERROR(kernel->create());
    return KernelPtr(std::move(kernel));
  }

 private:
  // As in ONNX Runtime, inference that fails leaves the extents for running to tell.
  Status call_inference(const CustomOpView& v, InferCtx& c) const {
    OrtShapeInferContext context(c);
    const Status s = guarded_call([&] { return v.get()->InferOutputShapeFn(v.get(), &context); });
    if (s.ok()) return s;
    host_->logger.log(ORT_LOGGING_LEVEL_WARNING, "InferOutputShapeFn", cat(name, ": ", s.message()));
    for (int o = 0; o < c.outputs(); ++o) c.out(o).has_rank = false, c.out(o).shape.clear();
    return deferred();
  }

  template <class F>
  const CustomOpView* choose(F&& type_of_input, int inputs) const {
    for (const CustomOpView& v : variants_) {
      bool fits = true;
      for (int i = 0; fits && i < inputs; ++i) {
        const DType given = type_of_input(i);
        if (given == DType::kUndefined || v.inputs() == 0) continue;
        const DType wanted = element_type(v.input_type(std::min(static_cast<size_t>(i), v.inputs() - 1)));
        fits = wanted == DType::kUndefined || wanted == given;
      }
      if (fits) return &v;
    }
    return nullptr;
  }
  Status no_variant() const {
    return fail(Code::kType, "no registered version of ", name, " takes inputs of these types");
  }

  std::vector<CustomOpView> variants_;
  std::shared_ptr<KernelHost> host_;
};

CustomParam param_of(OrtCustomOpInputOutputCharacteristic kind, ONNXTensorElementDataType type, bool homogeneous,
                     std::string name) {
  CustomParam p;
  p.name = std::move(name);
  if (const DType t = element_type(type); t != DType::kUndefined) p.types = mask_of(t);
  if (kind == INPUT_OUTPUT_OPTIONAL) p.flags = kOptional;
  if (kind == INPUT_OUTPUT_VARIADIC) p.flags = static_cast<uint8_t>(kVariadic | (homogeneous ? 0 : kHeterogeneous));
  return p;
}

Status check_variadic_last(const std::vector<CustomParam>& params, std::string_view what, std::string_view op) {
  for (size_t i = 0; i + 1 < params.size(); ++i)
    if (params[i].flags & kVariadic)
      return fail(Code::kAttr, "custom operator ", quoted(op), ": only the last ", what, " may be variadic");
  return {};
}

Result<CustomSignature> signature_of(const std::string& domain, const CustomOpView& v) {
  CustomSignature s;
  s.domain = canonical_domain(domain), s.name = v.name(), s.first = v.first(), s.last = v.last();
  s.min_inputs = 0;
  for (size_t i = 0; i < v.inputs(); ++i) {
    s.inputs.push_back(param_of(v.input_kind(i), v.input_type(i), v.input_homogeneous(), cat("Input", i)));
    if (s.inputs.back().flags == 0) s.min_inputs = static_cast<int>(i) + 1;
    if (s.inputs.back().flags & kVariadic)
      s.min_inputs = std::max(s.min_inputs, static_cast<int>(i) + std::max(0, v.input_arity()));
  }
  for (size_t o = 0; o < v.outputs(); ++o) {
    s.outputs.push_back(param_of(v.output_kind(o), v.output_type(o), v.output_homogeneous(), cat("Output", o)));
    if (s.outputs.back().flags == 0) s.min_outputs = static_cast<int>(o) + 1;
    if (s.outputs.back().flags & kVariadic)
      s.min_outputs = std::max(s.min_outputs, static_cast<int>(o) + std::max(0, v.output_arity()));
  }
  SDX_RETURN_IF_ERROR(check_variadic_last(s.inputs, "input", s.name));
  SDX_RETURN_IF_ERROR(check_variadic_last(s.outputs, "output", s.name));
  return s;
}

// The types of two registrations of one operator, united.
Status merge(std::vector<CustomParam>& to, const std::vector<CustomParam>& from, const std::string& op) {
  if (to.size() != from.size())
    return fail(Code::kAttr, "custom operator ", quoted(op), " is registered twice, with ", to.size(), " and ",
                from.size(), " parameters");
  for (size_t i = 0; i < to.size(); ++i)
    to[i].types = to[i].types == 0 || from[i].types == 0 ? 0 : to[i].types | from[i].types;
  return {};
}

struct Family {
  CustomSignature signature;
  std::vector<CustomOpView> variants;
};

bool for_cpu(const CustomOpView& v) { return v.provider().empty() || v.provider() == "CPUExecutionProvider"; }

Status add_to(std::vector<Family>& families, const std::string& domain, const OrtCustomOp* op) {
  const CustomOpView v(op);
  SDX_TRY(CustomSignature s, signature_of(domain, v));
  for (Family& f : families) {
    CustomSignature& have = f.signature;
    if (have.domain != s.domain || have.name != s.name || have.first != s.first || have.last != s.last) continue;
    SDX_RETURN_IF_ERROR(merge(have.inputs, s.inputs, s.name));
    SDX_RETURN_IF_ERROR(merge(have.outputs, s.outputs, s.name));
    f.variants.push_back(v);
    return {};
  }
  families.push_back({std::move(s), {v}});
  return {};
}

}  // namespace

Result<CustomOpList> custom_ops_of(const OrtSessionOptions& options, const OrtLogger& logger) {
  std::vector<Family> families;
  for (const OrtCustomOpDomain* domain : options.custom_domains)
    for (const OrtCustomOp* op : domain->ops)
      if (for_cpu(CustomOpView(op))) SDX_RETURN_IF_ERROR(add_to(families, domain->name, op));
  auto host = std::make_shared<KernelHost>();
  host->logger = logger;
  host->config = options.config;
  CustomOpList list;
  for (Family& f : families)
    list.push_back(std::make_shared<OperatorFamily>(std::move(f.signature), std::move(f.variants), host));
  return list;
}

}  // namespace sardonyx::capi
