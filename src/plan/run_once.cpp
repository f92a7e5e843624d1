// One step on given values, without a plan of the whole graph: what folding and planning use.
#include "ir/infer_ctx.h"
#include "plan/plan.h"

namespace sardonyx {

namespace {

Fact fact_of(const Value& v, const Fact& declared) {
  if (v.is_tensor()) return Fact::of(v.tensor());
  Fact f;
  f.type = declared.type;
  return f;
}

struct Operand {
  PlanValue plan;
  Value value;
  Slot slot;
};

void bind(Operand& o) {
  o.slot.dtype = o.plan.dtype;
  if (o.value.is_tensor()) {
    o.plan.dims = o.value.tensor().dims();
    o.slot.data = o.value.tensor().data();
  }
  o.slot.dims = o.plan.tensor ? &o.plan.dims : nullptr;
  o.slot.value = &o.value;
}

Result<std::vector<Operand>> make_outputs(const Graph& g, const Node& n, std::span<const Fact* const> in) {
  SymbolTable scratch;
  std::vector<Fact> facts(n.outputs.size());
  SDX_RETURN_IF_ERROR(infer_node(n, in, facts, scratch));
  std::vector<Operand> out(n.outputs.size());
  for (size_t o = 0; o < out.size(); ++o) {
    if (n.outputs[o] == kNone) continue;
    const Fact& f = facts[o].type.kind == Type::Kind::kUnknown ? g.fact(n.outputs[o]) : facts[o];
    out[o].plan.dtype = f.dtype();
    out[o].plan.tensor = f.type.is_tensor();
    out[o].plan.known = f.type.is_tensor() && f.has_rank && all_known(f.shape);
    if (out[o].plan.known) {
      for (Dim d : f.shape) out[o].plan.dims.push_back(d.value());
      SDX_TRY(Tensor t, Tensor::make(f.dtype(), out[o].plan.dims));
      out[o].value = Value(std::move(t));
    }
    bind(out[o]);
  }
  return out;
}

Status run_kernel(const Node& n, const Kernel& kernel, std::vector<Operand>& in, std::vector<Operand>& out,
                  ThreadPool* pool) {
  std::vector<const PlanValue*> pin;
  std::vector<PlanValue*> pout;
  std::vector<Slot> slots;
  std::vector<int32_t> sin, sout;
  for (size_t i = 0; i < in.size(); ++i) {
    const bool there = n.inputs[i] != kNone;
    if (static_cast<int>(i) < n.formal_inputs()) pin.push_back(there ? &in[i].plan : nullptr);
    sin.push_back(there ? static_cast<int32_t>(slots.size()) : kNone);
    slots.push_back(in[i].slot);
  }
  for (size_t o = 0; o < out.size(); ++o) {
    const bool there = n.outputs[o] != kNone;
    pout.push_back(there ? &out[o].plan : nullptr);
    sout.push_back(there ? static_cast<int32_t>(slots.size()) : kNone);
    slots.push_back(out[o].slot);
  }
  const int threads = pool ? pool->threads() : 1;
  PrepareCtx p(pin, pout, threads);
  SDX_RETURN_IF_ERROR(kernel.prepare(p));
  for (const auto& a : p.aliases) {
    Slot& dst = slots[static_cast<size_t>(sout[static_cast<size_t>(a.out)])];
    dst.data = const_cast<void*>(slots[static_cast<size_t>(sin[static_cast<size_t>(a.in)])].data);
  }
  SDX_TRY(BufferPtr shared, Buffer::heap(p.scratch_shared));
  SDX_TRY(BufferPtr each, Buffer::heap(p.scratch_thread * static_cast<size_t>(threads)));
  RunEnv env{pool, nullptr, nullptr};
  RunCtx r(env, slots.data());
  r.bind(sin, sout, p.work_blob.get(), p.task_count, std::max<int64_t>(1, p.task_count),
         static_cast<std::byte*>(shared->data()), static_cast<std::byte*>(each->data()), p.scratch_thread);
  SDX_RETURN_IF_ERROR(kernel.run(r));
  for (const auto& a : p.aliases) {
    Operand& o = out[static_cast<size_t>(a.out)];
    SDX_TRY(Tensor t, in[static_cast<size_t>(a.in)].value.tensor().clone());
    o.value = Value(Tensor(o.plan.dtype, o.plan.dims, t.buffer()));
  }
  return {};
}

}  // namespace

Result<std::vector<Value>> run_once(const Graph& g, NodeId id, const Kernel* kernel, std::span<const Value> inputs,
                                    ThreadPool* pool) {
  const Node& n = g.node(id);
  SDX_CHECK(inputs.size() == n.inputs.size());
  std::vector<Operand> in(inputs.size());
  std::vector<Fact> facts(inputs.size());
  std::vector<const Fact*> in_facts;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (n.inputs[i] != kNone) {
      facts[i] = fact_of(inputs[i], g.fact(n.inputs[i]));
      in[i].value = inputs[i];
      in[i].plan.dtype = facts[i].dtype();
      in[i].plan.tensor = facts[i].type.is_tensor();
      if (inputs[i].is_tensor()) in[i].plan.constant = inputs[i].tensor();
      bind(in[i]);
    }
    if (static_cast<int>(i) < n.formal_inputs()) in_facts.push_back(n.inputs[i] == kNone ? nullptr : &facts[i]);
  }
  auto out = make_outputs(g, n, in_facts);
  if (!out.ok()) return out.take_status().at_origin(g.origin(id));
  std::vector<Value> results;
  if (kernel == nullptr) {
    SDX_TRY(Tensor t, inputs[0].tensor().clone());
    results.push_back(Tensor((*out)[0].plan.dtype, (*out)[0].plan.dims, t.buffer()));
    results.resize(n.outputs.size());
    return results;
  }
  if (Status s = run_kernel(n, *kernel, in, *out, pool); !s.ok()) return std::move(s).at_origin(g.origin(id));
  for (Operand& o : *out) results.push_back(std::move(o.value));
  return results;
}

}  // namespace sardonyx
