// Maps: CastMap and DictVectorizer turn one into a row, ZipMap turns each row into one.
#include <algorithm>
#include <limits>
#include <numeric>

#include "base/chars.h"
#include "cpu/cast/number_text.h"
#include "cpu/common/give.h"
#include "cpu/ml/lookup.h"
#include "cpu/ml/samples.h"

namespace sardonyx {
namespace {

class ZipMap final : public Kernel {
 public:
  static Result<KernelPtr> make(const KernelQuery& q) {
    auto kernel = std::make_unique<ZipMap>();
    const Attr* strings = q.attr("classlabels_strings");
    if (strings != nullptr && !strings->strings.empty()) {
      SDX_RETURN_IF_ERROR(kernel->set_labels(DType::kString, strings->strings));
    } else {
      SDX_RETURN_IF_ERROR(kernel->set_labels(DType::kI64, q.attr_ints("classlabels_int64s")));
    }
    return KernelPtr(std::move(kernel));
  }

  Status prepare(PrepareCtx& c) const override {
    const Samples s = samples_of(c.in_dims(0));
    if (s.features != labels_)
      return fail(Code::kShape, "X ", to_string(c.in_dims(0)), " has ", s.features, " columns for ", labels_,
                  " class labels");
    c.work<Samples>() = s;
    return {};
  }
  Status run(RunCtx& c) const override {
    const Samples s = c.work<Samples>();
    const int64_t n = static_cast<int64_t>(columns_.size()), dims[] = {s.rows, n};
    SDX_TRY(const Tensor all, Tensor::make(DType::kF32, dims));
    auto list = std::make_shared<SequenceData>();
    list->items.reserve(static_cast<size_t>(s.rows));
    const float* in = c.in<float>(0);
    float* out = all.as<float>();
    for (int64_t row = 0; row < s.rows; ++row, in += s.features) {
      for (int64_t k = 0; k < n; ++k) out[row * n + k] = in[columns_[static_cast<size_t>(k)]];
      Tensor values(DType::kF32, {&n, 1}, all.buffer(), static_cast<size_t>(row * n) * sizeof(float));
      list->items.emplace_back(std::make_shared<const MapData>(MapData{keys_, std::move(values)}));
    }
    c.set_value(0, Value(std::shared_ptr<const SequenceData>(std::move(list))));
    return {};
  }

 private:
  // Keys ascend; of equal labels the last column counts.
  template <class T>
  Status set_labels(DType type, const std::vector<T>& labels) {
    labels_ = static_cast<int64_t>(labels.size());
    const auto label = [&](int64_t i) -> const T& { return labels[static_cast<size_t>(i)]; };
    std::vector<int64_t> order(labels.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return label(a) < label(b); });
    for (int64_t i : order) {
      if (!columns_.empty() && label(columns_.back()) == label(i)) columns_.pop_back();
      columns_.push_back(i);
    }
    const int64_t n = static_cast<int64_t>(columns_.size());
    SDX_TRY(keys_, Tensor::make(type, {&n, 1}));
    for (int64_t k = 0; k < n; ++k) keys_.as<T>()[k] = label(columns_[static_cast<size_t>(k)]);
    return {};
  }

  Tensor keys_;
  std::vector<int64_t> columns_;
  int64_t labels_ = 0;
};

class DictVectorizer final : public Kernel {
 public:
  explicit DictVectorizer(const KernelQuery& q) {
    const Attr* strings = q.attr("string_vocabulary");
    if (strings != nullptr && !strings->strings.empty()) {
      for (const std::string& s : strings->strings) words_.add(s, count_++, true);
    } else {
      key_ = DType::kI64;
      for (int64_t v : q.attr_ints("int64_vocabulary")) words_.add(key_bits(v), count_++, true);
    }
  }
  Status run(RunCtx& c) const override {
    const Value v = c.value(0);
    const MapData& map = v.map();
    if (map.keys.dtype() != key_ || map.values.dtype() != c.out_dtype(0))
      return fail(Code::kType, "X maps ", dtype_name(map.keys.dtype()), " to ", dtype_name(map.values.dtype()),
                  ", expected ", dtype_name(key_), " to ", dtype_name(c.out_dtype(0)));
    zero_elements(c.out_dtype(0), c.out(0), 0, count_);
    for (int64_t i = 0; i < map.keys.count(); ++i) {
      const int64_t at = key_ == DType::kString ? words_.find(map.keys.as<std::string>()[i])
                                                : words_.find(key_bits(map.keys.as<int64_t>()[i]));
      if (at >= 0) copy_elements(c.out_dtype(0), map.values.data(), i, c.out(0), at, 1);
    }
    return {};
  }

 private:
  Lookup words_;
  int64_t count_ = 0;
  DType key_ = DType::kString;
};

// DENSE puts the values side by side, SPARSE each at the position that its key says.
class CastMap final : public Kernel {
 public:
  explicit CastMap(const KernelQuery& q)
      : sparse_(q.attr_string("map_form") == "SPARSE"), width_(q.attr_int("max_map")) {
    const std::string to = q.attr_string("cast_to");
    type_ = to == "TO_FLOAT" ? DType::kF32 : to == "TO_STRING" ? DType::kString : DType::kI64;
  }
  Status run(RunCtx& c) const override {
    const Value v = c.value(0);
    const MapData& map = v.map();
    const int64_t n = map.keys.count(), dims[] = {1, sparse_ ? width_ : n};
    SDX_TRY(Tensor out, open_out(c, 0, dims));
    if (map.keys.dtype() != DType::kI64 || (map.values.dtype() != DType::kF32 && map.values.dtype() != DType::kString))
      return fail(Code::kType, "X maps ", dtype_name(map.keys.dtype()), " to ", dtype_name(map.values.dtype()),
                  ", expected int64 to float or string");
    const int64_t* keys = map.keys.as<int64_t>();
    if (sparse_) {
      const std::string none = "0.f";
      const int64_t zero = 0;
      fill_elements(type_, out.data(), 0, width_, type_ == DType::kString ? static_cast<const void*>(&none) : &zero);
      if (n > 0 && keys[0] < 0) return fail(Code::kRange, "X has the key ", keys[0], ", which is no position");
    }
    for (int64_t i = 0; i < n; ++i) {
      const int64_t at = sparse_ ? keys[i] : i;
      if (at < dims[1]) SDX_RETURN_IF_ERROR(cast(map.values, i, out, at));
    }
    return {};
  }

 private:
  Status cast(const Tensor& from, int64_t i, Tensor& to, int64_t at) const {
    const bool text = from.dtype() == DType::kString;
    const std::string s = text ? from.strings()[static_cast<size_t>(i)] : std::string();
    const float f = text ? 0.0f : from.as<float>()[i];
    bool ok = true;
    switch (type_) {
      case DType::kString: to.strings()[static_cast<size_t>(at)] = text ? s : six_digits(f); break;
      case DType::kF32: text ? void(ok = parse_number(s, to.as<float>()[at])) : void(to.as<float>()[at] = f); break;
      default: text ? void(ok = parse_number(s, to.as<int64_t>()[at])) : void(to.as<int64_t>()[at] = whole(f));
    }
    return ok ? Status() : fail(Code::kRange, "X has the value ", quoted(s), ", which is no number");
  }
  static std::string six_digits(float v) {
    char text[64];
    return std::string(text, chars::to_chars(text, text + sizeof(text), v, std::chars_format::fixed, 6).ptr);
  }
  static int64_t whole(float v) {
    constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
    return v >= -0x1p63f && v < 0x1p63f ? static_cast<int64_t>(v) : kLeast;
  }

  bool sparse_;
  int64_t width_;
  DType type_ = DType::kF32;
};

}  // namespace

SDX_KERNEL(cpu, ml_ZipMap, any) = {.priority = 10, .make = ZipMap::make};
SDX_KERNEL(cpu, ml_DictVectorizer, any) = {.priority = 10, .make = make_kernel<DictVectorizer>};
SDX_KERNEL(cpu, ml_CastMap, any) = {.priority = 10, .make = make_kernel<CastMap>};

}  // namespace sardonyx
