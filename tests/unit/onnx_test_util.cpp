#include "onnx_test_util.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sardonyx::testing {
namespace {

constexpr TypeVar kAny[] = {{"T", kAnyType}, {"B", kBoolType}, {"V", kAnyType, kAnyType, kAnyType, kAnyType, true}};
constexpr ParamDef kOne[] = {{"x", "T"}};
constexpr ParamDef kOneValue[] = {{"x", "V"}};
constexpr ParamDef kTwo[] = {{"a", "T"}, {"b", "T"}};
constexpr ParamDef kValues[] = {{"values", "V", kOptional | kVariadic | kHeterogeneous}};
constexpr ParamDef kCond[] = {{"cond", "B"}};
constexpr AttrDef kIfAttrs[] = {attr_required("then_branch", AttrType::kGraph),
                                attr_required("else_branch", AttrType::kGraph)};
constexpr AttrDef kLoopAttrs[] = {attr_required("body", AttrType::kGraph)};
constexpr AttrDef kScanAttrs[] = {
    attr_required("body", AttrType::kGraph), attr_required("num_scan_inputs", AttrType::kInt),
    attr_optional("scan_input_axes", AttrType::kInts), attr_optional("directions", AttrType::kInts)};
constexpr AttrDef kDecodeAttrs[] = {attr_optional("i", AttrType::kInt),      attr_optional("f", AttrType::kFloat),
                                    attr_optional("s", AttrType::kString),   attr_optional("t", AttrType::kTensor),
                                    attr_optional("is", AttrType::kInts),    attr_optional("fs", AttrType::kFloats),
                                    attr_optional("ss", AttrType::kStrings), attr_optional("ts", AttrType::kTensors),
                                    attr_optional("type", AttrType::kType),  attr_optional("sp", AttrType::kSparse),
                                    attr_optional("g", AttrType::kGraph),    attr_optional("h", AttrType::kGraph)};

Status infer_same(InferCtx& c) { return c.copy(0, 0); }
Status infer_add(InferCtx& c) {
  SDX_TRY(Shape a, c.shape(0));
  SDX_TRY(Shape b, c.shape(1));
  SDX_TRY(Shape y, c.broadcast(a, b));
  return c.set(0, c.dtype(0), std::move(y));
}
Status infer_if(InferCtx& c) {
  for (int o = 0; o < c.outputs(); ++o) {
    const Graph& then_branch = *c.node().bodies[0];
    c.out(o) = then_branch.fact(then_branch.outputs[static_cast<size_t>(o)]);
    c.out(o).constant = {};
  }
  return {};
}

constexpr OpDef kOps[] = {
    {.name = "Add", .since = 14, .types = kAny, .inputs = kTwo, .outputs = kOne, .infer = infer_add},
    {.name = "Identity", .since = 25, .types = kAny, .inputs = kOneValue, .outputs = kOneValue, .infer = infer_same},
    {.name = "Range",
     .since = 27,
     .types = kAny,
     .inputs = kTwo,
     .outputs = kOne,
     .infer = [](InferCtx& c) { return c.copy(0, 0); },
     .first = 11},
    {.name = "If",
     .since = 25,
     .types = kAny,
     .inputs = kCond,
     .outputs = kValues,
     .attrs = kIfAttrs,
     .infer = infer_if},
    {.name = "Loop", .since = 25, .types = kAny, .inputs = kValues, .outputs = kValues, .attrs = kLoopAttrs},
    {.name = "Scan", .since = 25, .types = kAny, .inputs = kValues, .outputs = kValues, .attrs = kScanAttrs},
    {.name = "SequenceMap", .since = 17, .types = kAny, .inputs = kValues, .outputs = kValues, .attrs = kLoopAttrs},
    {.name = "Decode",
     .domain = "com.example",
     .types = kAny,
     .inputs = kValues,
     .outputs = kValues,
     .attrs = kDecodeAttrs,
     .min_inputs = 0},
};

struct TestOps final : OpLookup {
  const OpDef* find(std::string_view domain, std::string_view name) const override {
    for (const OpDef& op : kOps)
      if (op.domain == domain && op.name == name) return &op;
    return nullptr;
  }
};

}  // namespace

const OpLookup& test_ops() {
  static const TestOps ops;
  return ops;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "sardonyx-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data()) ? pattern : std::string();
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(std::string_view name, std::string_view bytes) const {
  const std::string path = path_ + "/" + std::string(name);
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return path;
}

}  // namespace sardonyx::testing
