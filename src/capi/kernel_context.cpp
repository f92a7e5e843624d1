#include "capi/kernel_context.h"

#include <atomic>
#include <cstring>

#include "capi/allocator.h"

using sardonyx::Extents;
using sardonyx::Status;
using sardonyx::Tensor;
using sardonyx::Value;

Status OrtKernelContext::check_outputs() const {
  for (size_t o = 0; o < outputs.size(); ++o)
    if (run.wants(static_cast<int>(o)) && outputs[o].value.none())
      return sardonyx::fail(sardonyx::Code::kInternal, "the custom operator did not make output ", o, " ",
                            sardonyx::quoted(facts.outputs[o].name));
  return {};
}

namespace sardonyx::capi {

namespace {

OrtKernelContext& mutable_context(const OrtKernelContext* c) { return *const_cast<OrtKernelContext*>(c); }

Tensor planned_output(const RunCtx& r, int o) {
  const Extents& dims = r.out_dims(o);
  return Tensor(r.out_dtype(o), dims, Buffer::wrap(r.out(o), storage_bytes(r.out_dtype(o), elements(dims))));
}

// Inputs that ORT would have let the output share memory with are copied where their extents became known only now.
void begin_as_copy(const OrtKernelContext& c, int o, const Tensor& out) {
  for (const PrepareCtx::Pair& p : c.copies) {
    if (p.out != o || !c.run.has(p.in) || c.run.dtype(p.in) != out.dtype()) continue;
    if (out.dtype() == DType::kString || c.run.in_count(p.in) != out.count() || out.bytes() == 0) continue;
    std::memcpy(out.data(), c.run.in(p.in), out.bytes());
  }
}

OrtStatus* output_index(const OrtKernelContext* c, size_t index) {
  if (index < c->outputs.size()) return nullptr;
  return invalid("output ", index, " of ", c->outputs.size());
}

}  // namespace

OrtStatus* KernelContext_GetInputCount(const OrtKernelContext* context, size_t* out) {
  *out = context->inputs.size();
  return nullptr;
}
OrtStatus* KernelContext_GetOutputCount(const OrtKernelContext* context, size_t* out) {
  *out = context->outputs.size();
  return nullptr;
}

OrtStatus* KernelContext_GetInput(const OrtKernelContext* context, size_t index, const OrtValue** out) {
  *out = nullptr;
  if (index >= context->inputs.size() || !context->run.has(static_cast<int>(index))) return nullptr;
  OrtValue& v = mutable_context(context).inputs[index];
  if (v.value.none()) v.value = context->run.value(static_cast<int>(index));
  *out = &v;
  return nullptr;
}

OrtStatus* KernelContext_GetOutput(OrtKernelContext* context, size_t index, const int64_t* dim_values, size_t dim_count,
                                   OrtValue** out) {
  *out = nullptr;
  SDX_CAPI_RETURN_IF(output_index(context, index));
  const int o = static_cast<int>(index);
  const std::span<const int64_t> dims(dim_values, dim_count);
  for (int64_t d : dims)
    if (d < 0) return invalid("output ", index, " cannot have extents ", to_string(dims));
  if (!context->run.wants(o)) return nullptr;
  OrtValue& v = context->outputs[index];
  const bool planned = context->run.out_known(o);
  if (v.value.none() && planned) v.value = planned_output(context->run, o);
  if (!v.value.none()) {
    if (!(v.value.tensor().dims() == Extents(dims)))
      return invalid("output ", index, " is asked for with extents ", to_string(dims),
                     planned ? "; the operator's shape inference said " : "; before it was asked for with ",
                     to_string(v.value.tensor().dims()));
  } else {
    SDX_CAPI_TRY(Tensor t, context->run.make_out(o, dims));
    begin_as_copy(*context, o, t);
    v.value = Value(std::move(t));
  }
  *out = &v;
  return nullptr;
}

OrtStatus* KernelContext_GetPreallocatedOutput(const OrtKernelContext* context, size_t output_index_, OrtValue** out) {
  *out = nullptr;
  SDX_CAPI_RETURN_IF(output_index(context, output_index_));
  const int o = static_cast<int>(output_index_);
  if (!context->run.wants(o)) return nullptr;
  OrtValue& v = mutable_context(context).outputs[output_index_];
  if (v.value.none() && context->run.out_known(o)) v.value = planned_output(context->run, o);
  if (!v.value.none()) *out = &v;
  return nullptr;
}

OrtStatus* KernelContext_GetGPUComputeStream(const OrtKernelContext*, void** out) {
  *out = nullptr;
  return nullptr;
}
OrtStatus* KernelContext_GetSyncStream(const OrtKernelContext*, OrtSyncStream** out) {
  *out = nullptr;
  return nullptr;
}
OrtStatus* KernelContext_GetResource(const OrtKernelContext*, int, int, void**) {
  return error(ORT_FAIL, "Failed to get resource: the CPU has no resources of this kind");
}
OrtStatus* KernelContext_GetLogger(const OrtKernelContext* context, const OrtLogger** logger) {
  *logger = &context->facts.host->logger;
  return nullptr;
}

OrtStatus* KernelContext_GetAllocator(const OrtKernelContext*, const OrtMemoryInfo* mem_info, OrtAllocator** out) {
  if (!mem_info->on_cpu()) return error(ORT_FAIL, "No requested allocator available: only memory of the CPU");
  *out = default_allocator();
  return nullptr;
}

OrtStatus* KernelContext_GetScratchBuffer(const OrtKernelContext* context, const OrtMemoryInfo* mem_info,
                                          size_t count_or_bytes, void** out) {
  *out = nullptr;
  if (!mem_info->on_cpu()) return error(ORT_FAIL, "No requested allocator available: only memory of the CPU");
  if (count_or_bytes == 0) return nullptr;
  constexpr size_t kAlign = 64;
  if (count_or_bytes > SIZE_MAX / 2) return error(ORT_RUNTIME_EXCEPTION, "out of memory");
  auto bytes = std::unique_ptr<std::byte[]>(new (std::nothrow) std::byte[count_or_bytes + kAlign]);
  if (bytes == nullptr) return error(ORT_RUNTIME_EXCEPTION, "out of memory");
  void* at = bytes.get();
  size_t room = count_or_bytes + kAlign;
  *out = std::align(kAlign, count_or_bytes, at, room);
  OrtKernelContext& c = mutable_context(context);
  std::lock_guard lock(c.mutex);
  c.scratch.push_back(std::move(bytes));
  return nullptr;
}

OrtStatus* KernelContext_ParallelFor(const OrtKernelContext* context, void (*fn)(void*, size_t), size_t total,
                                     size_t num_batch, void* usr_data) {
  if (total > INT64_MAX) return invalid("total is ", total);
  ThreadPool* pool = context->run.pool();
  const int64_t n = static_cast<int64_t>(total);
  const size_t batches = num_batch == 0 ? total : std::min(num_batch, total);
  const int64_t grain = batches == 0 ? 1 : static_cast<int64_t>((total + batches - 1) / batches);
  std::atomic<bool> threw{false};
  const auto work = [&](Range r, int) {
    try {
      for (int64_t i = r.begin; i < r.end; ++i) fn(usr_data, static_cast<size_t>(i));
    } catch (...) {
      threw = true;
    }
  };
  if (pool != nullptr)
    pool->parallel_for(n, grain, work);
  else
    work({0, n}, 0);
  return threw ? error(ORT_RUNTIME_EXCEPTION, "ParallelFor: the function threw an exception") : nullptr;
}

}  // namespace sardonyx::capi
