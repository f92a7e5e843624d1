// Elements looked up in lists: LabelEncoder and CategoryMapper exchange them, OneHotEncoder marks where they are.
#include <algorithm>

#include "cpu/common/axis.h"
#include "cpu/ml/lookup.h"
#include "cpu/ml/samples.h"

namespace sardonyx {
namespace {

// Position of element i of input 0, or -1; T is a number or std::string.
template <class T>
int64_t position_of(const Lookup& lookup, const T& v) {
  if constexpr (std::is_same_v<T, std::string>)
    return lookup.find(v);
  else
    return lookup.find(key_bits(v));
}

template <class F>
Status visit_element(DType t, F&& fn) {
  if (t == DType::kString) return fn(std::type_identity<std::string>());
  return visit_number(t, std::forward<F>(fn));
}

// Exchanges keys for values. values holds one element more than there are keys: what all others become.
class Exchange final : public Kernel {
 public:
  Exchange(Lookup lookup, Tensor values) : lookup_(std::move(lookup)), values_(std::move(values)) {}
  Status prepare(PrepareCtx& c) const override {
    c.tasks(c.in_count(0), 30);
    return {};
  }
  Status run(RunCtx& c) const override {
    const int64_t other = values_.count() - 1;
    return visit_element(c.dtype(0), [&]<class T>(std::type_identity<T>) {
      return visit_storage(values_.dtype(), [&]<class V>(std::type_identity<V>) {
        c.parallel([&](Range r, int) {
          for (int64_t i = r.begin; i < r.end; ++i) {
            const int64_t at = position_of(lookup_, c.in<T>(0)[i]);
            c.out<V>(0)[i] = values_.as<V>()[at < 0 ? other : at];
          }
        });
        return Status();
      });
    });
  }

 private:
  Lookup lookup_;
  Tensor values_;
};

Result<Tensor> strings_tensor(const std::vector<std::string>& v) {
  const int64_t n = static_cast<int64_t>(v.size());
  SDX_TRY(Tensor t, Tensor::make(DType::kString, {&n, 1}));
  std::copy(v.begin(), v.end(), t.strings().begin());
  return t;
}

// A list attribute as a tensor: "keys_int64s", "values_tensor" and so on.
Result<Tensor> list_tensor(const KernelQuery& q, const std::string& which) {
  for (std::string_view suffix : {"_floats", "_int64s", "_strings", "_tensor"}) {
    const Attr* a = q.attr(which + std::string(suffix));
    if (a == nullptr) continue;
    if (suffix == "_tensor") return a->tensor;
    if (suffix == "_strings") return strings_tensor(a->strings);
    const int64_t n = static_cast<int64_t>(suffix == "_floats" ? a->floats.size() : a->ints.size());
    if (suffix == "_floats") return Tensor::of<float>(DType::kF32, {&n, 1}, std::span<const float>(a->floats));
    return Tensor::of<int64_t>(DType::kI64, {&n, 1}, std::span<const int64_t>(a->ints));
  }
  return fail(Code::kAttr, which, " is missing");
}

// What element `at` of `out` becomes if no default_tensor says otherwise.
Status put_default(const KernelQuery& q, Tensor& out, int64_t at) {
  if (out.dtype() == DType::kString) {
    out.strings()[static_cast<size_t>(at)] = q.attr_string("default_string");
    return {};
  }
  return visit_number(out.dtype(), [&]<class T>(std::type_identity<T>) {
    if constexpr (std::is_integral_v<T>)
      out.as<T>()[at] = static_cast<T>(q.attr_int("default_int64"));
    else
      out.as<T>()[at] = static_cast<T>(q.attr_float("default_float"));
    return Status();
  });
}

Result<KernelPtr> make_label_encoder(const KernelQuery& q) {
  SDX_TRY(const Tensor keys, list_tensor(q, "keys"));
  SDX_TRY(const Tensor list, list_tensor(q, "values"));
  const int64_t n = keys.count(), total = n + 1;
  SDX_TRY(Tensor values, Tensor::make(list.dtype(), {&total, 1}));
  copy_elements(list.dtype(), list.data(), 0, values.data(), 0, n);
  const Attr* other = q.attr("default_tensor");
  if (other != nullptr && other->tensor.valid()) {
    if (other->tensor.count() != 1)
      return fail(Code::kAttr, "default_tensor has ", other->tensor.count(), " elements, expected 1");
    copy_elements(list.dtype(), other->tensor.data(), 0, values.data(), n, 1);
  } else {
    SDX_RETURN_IF_ERROR(put_default(q, values, n));
  }
  Lookup lookup;
  SDX_RETURN_IF_ERROR(visit_element(keys.dtype(), [&]<class T>(std::type_identity<T>) {
    for (int64_t i = 0; i < n; ++i) {
      if constexpr (std::is_same_v<T, std::string>)
        lookup.add(keys.as<T>()[i], i, false);
      else
        lookup.add(key_bits(keys.as<T>()[i]), i, false);
    }
    return Status();
  }));
  return KernelPtr(new Exchange(std::move(lookup), std::move(values)));
}

Result<KernelPtr> make_category_mapper(const KernelQuery& q) {
  std::vector<int64_t> ints = q.attr_ints("cats_int64s");
  std::vector<std::string> names = q.attr("cats_strings")->strings;
  Lookup lookup;
  Tensor values;
  if (q.dtype(0) == DType::kString) {
    for (size_t i = 0; i < names.size(); ++i) lookup.add(names[i], static_cast<int64_t>(i), true);
    ints.push_back(q.attr_int("default_int64"));
    const int64_t n = static_cast<int64_t>(ints.size());
    SDX_TRY(values, Tensor::of<int64_t>(DType::kI64, {&n, 1}, std::span<const int64_t>(ints)));
  } else {
    for (size_t i = 0; i < ints.size(); ++i) lookup.add(key_bits(ints[i]), static_cast<int64_t>(i), true);
    names.push_back(q.attr_string("default_string"));
    SDX_TRY(values, strings_tensor(names));
  }
  return KernelPtr(new Exchange(std::move(lookup), std::move(values)));
}

class OneHot final : public Kernel {
 public:
  explicit OneHot(const KernelQuery& q) : tolerant_(q.attr_int("zeros") != 0) {
    if (const Attr* a = q.attr("cats_strings"); a != nullptr && !a->strings.empty()) {
      for (const std::string& s : a->strings) lookup_.add(s, width_++, true);
    } else {
      for (int64_t v : q.attr_ints("cats_int64s")) lookup_.add(key_bits(v), width_++, true);
    }
  }
  Status prepare(PrepareCtx& c) const override {
    c.tasks(c.in_count(0), 30 + static_cast<double>(width_) / 4);
    return {};
  }
  Status run(RunCtx& c) const override {
    BadIndex unknown;
    SDX_RETURN_IF_ERROR(visit_element(c.dtype(0), [&]<class T>(std::type_identity<T>) {
      c.parallel([&](Range r, int) {
        float* out = c.out<float>(0);
        std::fill(out + r.begin * width_, out + r.end * width_, 0.0f);
        for (int64_t i = r.begin; i < r.end; ++i) {
          const int64_t at = find(c.in<T>(0)[i]);
          if (at >= 0)
            out[i * width_ + at] = 1;
          else
            unknown.report(i);
        }
      });
      return Status();
    }));
    if (unknown.any() && !tolerant_)
      return fail(Code::kRange, "element ", unknown.position(), " of X is none of the categories, and zeros is 0");
    return {};
  }

 private:
  // Numbers count by their whole part.
  template <class T>
  int64_t find(const T& v) const {
    if constexpr (std::is_same_v<T, std::string> || std::is_integral_v<T>) {
      return position_of(lookup_, v);
    } else {
      const double d = static_cast<double>(v);
      return d > -0x1p63 && d < 0x1p63 ? lookup_.find(key_bits(static_cast<int64_t>(d))) : -1;
    }
  }

  Lookup lookup_;
  int64_t width_ = 0;
  bool tolerant_;
};

}  // namespace

SDX_KERNEL(cpu, ml_LabelEncoder, any) = {.priority = 10, .make = make_label_encoder};
SDX_KERNEL(cpu, ml_CategoryMapper, any) = {.priority = 10, .make = make_category_mapper};
SDX_KERNEL(cpu, ml_OneHotEncoder, any) = {.priority = 10, .make = make_kernel<OneHot>};

}  // namespace sardonyx
