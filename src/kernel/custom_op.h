// CustomOp: an operator that a program brings along for the sessions it opens: a description made at run time, together
// with the code behind it. It owns the names and tables that OpDef only refers to. Graph nodes point at it, so it lives
// at least as long as every session that uses it. Immutable; thread-safe if infer_outputs() and make() are.
#pragma once
#include <climits>
#include <memory>
#include <string>
#include <vector>

#include "ir/infer_ctx.h"
#include "kernel/kernel.h"

namespace sardonyx {

struct CustomParam {
  std::string name;
  TypeMask types = 0;  // 0: any value, also sequences, maps and optionals
  uint8_t flags = 0;   // kOptional, kVariadic, kHeterogeneous
};

struct CustomSignature {
  std::string domain, name;
  int first = 1, last = INT_MAX;  // opsets of the domain for which this description holds
  std::vector<CustomParam> inputs, outputs;
  int min_inputs = -1;  // -1: the required ones
  int min_outputs = 0;
};

class CustomOp : public OpDef {
 public:
  explicit CustomOp(CustomSignature signature);
  virtual ~CustomOp();
  CustomOp(const CustomOp&) = delete;
  CustomOp& operator=(const CustomOp&) = delete;

  int last() const { return signature_.last; }
  // Types and, where it can tell, extents of the outputs. Extents left unknown make the node data-dependent: its kernel
  // then allocates the outputs with RunCtx::make_out. By default an output of one fixed type has that type, any other
  // has that of the first input whose type is free.
  virtual Status infer_outputs(InferCtx& c) const;
  virtual Result<KernelPtr> make(const KernelQuery& q) const = 0;

 protected:
  Status infer_types(InferCtx& c) const;

 private:
  CustomSignature signature_;
  std::vector<TypeVar> vars_;
  std::vector<ParamDef> params_;
  std::vector<std::string> var_names_;
};

using CustomOpList = std::vector<std::shared_ptr<const CustomOp>>;

// The custom operators of one session in front of the built-in ones. Refers to both; the custom ones win.
class CustomOpLookup final : public OpLookup {
 public:
  CustomOpLookup(const OpLookup& built_in, const CustomOpList& custom);
  // Without a version only the built-in ones, which is what history rules and bodies mean by a name.
  const OpDef* find(std::string_view domain, std::string_view name) const override;
  const OpDef* find_for(std::string_view domain, std::string_view name, int opset) const override;
  std::span<const OpDef* const> all() const override { return all_; }

 private:
  const OpLookup& built_in_;
  const CustomOpList& custom_;
  std::vector<const OpDef*> all_;
};

}  // namespace sardonyx
