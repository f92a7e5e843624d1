// Cast and CastLike from and to strings: numbers are converted in small chunks through a wide type of the same kind.
#include <algorithm>

#include "cpu/cast/number_text.h"
#include "cpu/common/axis.h"
#include "kernel/kernel.h"
#include "simd/cast.h"

namespace sardonyx {
namespace {

constexpr int64_t kChunk = 256;  // whole bytes of packed types

// The wide type through which a number becomes text or comes from it.
DType wide(DType t) {
  if (t == DType::kF32) return DType::kF32;
  if (t == DType::kBool) return DType::kBool;
  if (t == DType::kU64) return DType::kU64;
  return is_int(t) ? DType::kI64 : DType::kF64;
}

class ToText final : public Kernel {
 public:
  explicit ToText(const KernelQuery& q)
      : from_(q.dtype(0)),
        wide_(is_int(from_) || from_ == DType::kF64 ? wide(from_)
              : from_ == DType::kBool               ? from_
                                                    : DType::kF32),
        widen_(simd::cast(from_, wide_)) {}

  Status prepare(PrepareCtx& c) const override {
    c.tasks((c.out_count(0) + kChunk - 1) / kChunk, kChunk * 100);
    c.scratch_per_thread(kChunk * sizeof(double));
    return {};
  }
  Status run(RunCtx& c) const override {
    const int64_t count = c.out_count(0), bits = dtype_bits(from_);
    c.parallel([&](Range r, int thread) {
      for (int64_t t = r.begin; t < r.end; ++t) {
        const int64_t at = t * kChunk, n = std::min(kChunk, count - at);
        widen_(c.in<std::byte>(0) + at * bits / 8, c.scratch(thread), n, {});
        write(c.scratch(thread), c.out<std::string>(0) + at, n);
      }
    });
    return {};
  }

 private:
  void write(const void* p, std::string* out, int64_t n) const {
    for (int64_t i = 0; i < n; ++i) {
      switch (wide_) {
        case DType::kBool: out[i] = static_cast<const bool*>(p)[i] ? "True" : "False"; break;
        case DType::kI64: out[i] = text_of(static_cast<const int64_t*>(p)[i]); break;
        case DType::kU64: out[i] = text_of(static_cast<const uint64_t*>(p)[i]); break;
        case DType::kF64: out[i] = text_of(static_cast<const double*>(p)[i]); break;
        default: {
          const float v = static_cast<const float*>(p)[i];
          out[i] = from_ == DType::kF32 ? text_of(v) : text_of_narrow(from_, v);
        }
      }
    }
  }
  DType from_, wide_;
  simd::CastFn widen_;
};

class FromText final : public Kernel {
 public:
  explicit FromText(const KernelQuery& q)
      : to_(q.out_dtype(0)), wide_(wide(to_)), narrow_(simd::cast(wide_, to_)), saturate_(q.attr_int("saturate") != 0) {
    const std::string mode = q.attr_string("round_mode");
    round_ = mode == "down" ? ScaleRound::kDown : mode == "nearest" ? ScaleRound::kNearest : ScaleRound::kUp;
  }

  Status prepare(PrepareCtx& c) const override {
    c.tasks((c.out_count(0) + kChunk - 1) / kChunk, kChunk * 50);
    c.scratch_per_thread(kChunk * sizeof(double));
    return {};
  }
  Status run(RunCtx& c) const override {
    const int64_t count = c.out_count(0), bits = dtype_bits(to_);
    const std::string* in = c.in<std::string>(0);
    BadIndex bad;
    c.parallel([&](Range r, int thread) {
      for (int64_t t = r.begin; t < r.end; ++t) {
        const int64_t at = t * kChunk, n = std::min(kChunk, count - at);
        for (int64_t i = 0; i < n; ++i)
          if (!read(in[at + i], c.scratch(thread), i)) bad.report(at + i);
        narrow_(c.scratch(thread), c.out<std::byte>(0) + at * bits / 8, n, {saturate_, round_});
      }
    });
    if (bad.any())
      return fail(Code::kRange, "input[", bad.position(), "] is ", quoted(in[bad.position()]),
                  ", which is not a number (to ", dtype_name(to_), ")");
    return {};
  }

 private:
  bool read(const std::string& s, void* p, int64_t i) const {
    switch (wide_) {
      case DType::kBool: return parse_bool(s, static_cast<bool*>(p)[i] = false);
      case DType::kI64: return parse_number(s, static_cast<int64_t*>(p)[i] = 0);
      case DType::kU64: return parse_number(s, static_cast<uint64_t*>(p)[i] = 0);
      case DType::kF32: return parse_number(s, static_cast<float*>(p)[i] = 0);
      default: return parse_number(s, static_cast<double*>(p)[i] = 0);
    }
  }
  DType to_, wide_;
  simd::CastFn narrow_;
  bool saturate_;
  ScaleRound round_;
};

class CopyText final : public Kernel {
 public:
  Status prepare(PrepareCtx& c) const override {
    c.alias(0, 0);
    return {};
  }
  Status run(RunCtx& c) const override {
    if (c.in(0) != c.out(0)) std::copy_n(c.in<std::string>(0), c.in_count(0), c.out<std::string>(0));
    return {};
  }
};

Reason texts_only(const KernelQuery& q) {
  return q.dtype(0) == DType::kString || q.out_dtype(0) == DType::kString ? kAccept : Reason("only from or to strings");
}

Result<KernelPtr> make(const KernelQuery& q) {
  if (q.dtype(0) != DType::kString) return KernelPtr(new ToText(q));
  if (q.out_dtype(0) != DType::kString) return KernelPtr(new FromText(q));
  return KernelPtr(new CopyText());
}

}  // namespace

SDX_KERNEL(cpu, Cast, text) = {.refuse = texts_only, .make = make};
SDX_KERNEL(cpu, CastLike, text) = {.refuse = texts_only, .make = make};

}  // namespace sardonyx
