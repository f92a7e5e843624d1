// TfIdfVectorizer: counts the n-grams of a pool in each row. The pool is a trie whose edges are tokens; a walk from
// every position of the row, for every distance between tokens, finds all n-grams that start there.
#include <algorithm>
#include <unordered_map>

#include "cpu/common/axis.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

constexpr int32_t kNowhere = -1;

class Trie {
 public:
  Trie() : grams_(1, kNowhere) {}

  int32_t child(int32_t node, int64_t token) const {
    const auto it = edges_.find(Edge{node, token});
    return it == edges_.end() ? kNowhere : it->second;
  }
  int32_t add(int32_t node, int64_t token) {
    const auto [it, fresh] = edges_.try_emplace(Edge{node, token}, static_cast<int32_t>(grams_.size()));
    if (fresh) grams_.push_back(kNowhere);
    return it->second;
  }
  // The number of the n-gram that ends at node; kNowhere if none does.
  int32_t gram(int32_t node) const { return grams_[static_cast<size_t>(node)]; }
  void set_gram(int32_t node, size_t gram) { grams_[static_cast<size_t>(node)] = static_cast<int32_t>(gram); }

 private:
  struct Edge {
    int32_t node;
    int64_t token;
    bool operator==(const Edge&) const = default;
  };
  struct Hash {
    size_t operator()(const Edge& e) const {
      const uint64_t h = (static_cast<uint64_t>(e.token) ^ static_cast<uint64_t>(e.node) << 40) * 0x9E3779B97F4A7C15u;
      return static_cast<size_t>(h ^ h >> 32);
    }
  };
  std::unordered_map<Edge, int32_t, Hash> edges_;
  std::vector<int32_t> grams_;
};

enum class Weighting : uint8_t { kTf, kIdf, kTfIdf };

class TfIdf final : public Kernel {
 public:
  explicit TfIdf(const KernelQuery& q)
      : shortest_(q.attr_int("min_gram_length")),
        longest_(q.attr_int("max_gram_length")),
        skips_(q.attr_int("max_skip_count")),
        weights_(q.attr_floats("weights")) {
    const std::string mode = q.attr_string("mode");
    weighting_ = mode == "IDF" ? Weighting::kIdf : mode == "TFIDF" ? Weighting::kTfIdf : Weighting::kTf;
  }

  // Reads the pool: for each length, its n-grams one after another.
  Status build(const KernelQuery& q) {
    std::vector<int64_t> pool = q.attr_ints("pool_int64s");
    if (const Attr* a = q.attr("pool_strings"); a && !a->strings.empty()) {
      pool.clear();
      for (const std::string& s : a->strings)
        pool.push_back(words_.try_emplace(s, static_cast<int64_t>(words_.size())).first->second);
    }
    const std::vector<int64_t> starts = q.attr_ints("ngram_counts");
    outputs_ = q.attr_ints("ngram_indexes");
    size_t gram = 0;
    for (size_t k = 0; k < starts.size(); ++k) {
      const int64_t end = k + 1 < starts.size() ? starts[k + 1] : static_cast<int64_t>(pool.size()),
                    length = static_cast<int64_t>(k) + 1;
      if (starts[k] < 0 || end < starts[k] || end > static_cast<int64_t>(pool.size()) ||
          (end - starts[k]) % length != 0)
        return fail(Code::kAttr, "ngram_counts[", k, "] is ", starts[k], ", which does not delimit ", length,
                    "-grams in a pool of ", pool.size());
      for (int64_t at = starts[k]; at < end; at += length, ++gram) {
        if (gram >= outputs_.size())
          return fail(Code::kAttr, "ngram_indexes has ", outputs_.size(), " entries, fewer than n-grams");
        int32_t node = 0;
        for (int64_t i = 0; i < length; ++i) node = trie_.add(node, pool[static_cast<size_t>(at + i)]);
        trie_.set_gram(node, gram);
      }
    }
    for (int64_t o : outputs_)
      if (o < 0) return fail(Code::kAttr, "ngram_indexes has the negative entry ", o);
    if (weighting_ != Weighting::kTf && !weights_.empty() && weights_.size() < gram)
      return fail(Code::kAttr, "weights has ", weights_.size(), " entries for ", gram, " n-grams");
    return {};
  }

  Status prepare(PrepareCtx& c) const override {
    const int64_t columns = c.rank(0) == 0 ? 1 : c.in_dims(0).back();
    c.tasks(columns          ? c.in_count(0) / columns
            : c.rank(0) == 2 ? c.in_dims(0)[0]
                             : 1,
            static_cast<double>(columns * (skips_ + 1) * longest_) * 20 + static_cast<double>(c.out_dims(0).back()));
    return {};
  }

  Status run(RunCtx& c) const override {
    const int64_t columns = c.in_dims(0).empty() ? 1 : c.in_dims(0).back(), width = c.out_dims(0).back();
    c.parallel([&](Range r, int) {
      std::vector<int64_t> tokens(static_cast<size_t>(columns));
      for (int64_t row = r.begin; row < r.end; ++row) {
        float* out = c.out<float>(0) + row * width;
        std::fill_n(out, width, 0.0f);
        read_row(c, row * columns, tokens);
        count(tokens, out);
      }
    });
    return {};
  }

 private:
  void read_row(RunCtx& c, int64_t at, std::vector<int64_t>& tokens) const {
    const DType t = c.dtype(0);
    for (size_t i = 0; i < tokens.size(); ++i, ++at) {
      if (t == DType::kString) {
        const auto it = words_.find(c.in<std::string>(0)[at]);
        tokens[i] = it == words_.end() ? -1 : it->second;
      } else {
        tokens[i] = IndexReader{c.in(0), t == DType::kI64}[at];
      }
    }
  }

  // Single tokens are counted once, whatever the distance.
  void count(const std::vector<int64_t>& tokens, float* out) const {
    const int64_t n = static_cast<int64_t>(tokens.size());
    for (int64_t distance = 1; distance <= skips_ + 1; ++distance) {
      const int64_t shortest = distance == 1 ? shortest_ : std::max<int64_t>(shortest_, 2);
      if (shortest > longest_) return;
      for (int64_t begin = 0; begin + distance * (shortest - 1) < n; ++begin) {
        int32_t node = 0;
        int64_t length = 1;
        for (int64_t at = begin; at < n && length <= longest_; at += distance, ++length) {
          node = trie_.child(node, tokens[static_cast<size_t>(at)]);
          if (node == kNowhere) break;
          if (length >= shortest && trie_.gram(node) != kNowhere) found(static_cast<size_t>(trie_.gram(node)), out);
        }
      }
    }
  }

  void found(size_t gram, float* out) const {
    float& at = out[outputs_[gram]];
    const float weight = weighting_ == Weighting::kTf || weights_.empty() ? 1.0f : weights_[gram];
    at = weighting_ == Weighting::kIdf ? weight : at + weight;
  }

  int64_t shortest_, longest_, skips_;
  std::vector<float> weights_;    // per n-gram of the pool; empty: all 1
  std::vector<int64_t> outputs_;  // per n-gram of the pool: the output element that counts it
  Weighting weighting_;
  std::unordered_map<std::string, int64_t> words_;
  Trie trie_;
};

Result<KernelPtr> make(const KernelQuery& q) {
  auto kernel = std::make_unique<TfIdf>(q);
  SDX_RETURN_IF_ERROR(kernel->build(q));
  return KernelPtr(std::move(kernel));
}

}  // namespace

SDX_KERNEL(cpu, TfIdfVectorizer, any) = {.make = make};

}  // namespace sardonyx
