// A model from a file or from bytes: decoding, versions, then the importer.
#include <string>

#include "ir/opset.h"
#include "onnx/guard.h"
#include "onnx/importer.h"
#include "onnx/sniff.h"

namespace sardonyx {
namespace {

using namespace proto;

constexpr View kNotAModel = "does not look like an ONNX model: ";

// A model begins with its IR version, or (rarely) with another known field; 0x08 is the key of the first.
bool begins_like_a_model(View bytes) {
  return bytes.size() > 2 && bytes[0] == 0x08 && bytes[1] >= kMinIrVersion && bytes[1] < 32;
}

// Where in the model's outermost fields the file ends early.
Status truncated(View bytes) {
  const char *p = bytes.data(), *end = p + bytes.size();
  while (p != end) {
    const uint64_t key = protozero::decode_varint(&p, end);
    if ((key & 7) == 2) {
      const uint64_t size = protozero::decode_varint(&p, end);
      const uint64_t left = static_cast<uint64_t>(end - p);
      if (size > left)
        return fail(Code::kProto, "the file is incomplete: it has ", bytes.size(),
                    " bytes, a field that begins at byte ", p - bytes.data(), " needs ", size, ", ", size - left,
                    " are missing");
      p += size;
    } else if ((key & 7) == 0) {
      protozero::skip_varint(&p, end);
    } else {
      break;
    }
  }
  return fail(Code::kProto, "the file is damaged: its outermost fields cannot be read");
}

Result<ModelMsg> read_outermost(View bytes) {
  if (bytes.empty()) return fail(Code::kProto, kNotAModel, "it is empty");
  auto model = guarded([&]() -> Result<ModelMsg> { return read_model_msg(bytes); });
  if (model.ok() && model->ir_version != 0 && !model->graphs.empty()) return model;
  if (model.status().code() == Code::kMemory) return model;
  if (begins_like_a_model(bytes)) {
    if (!model.ok()) return guarded([&]() -> Result<ModelMsg> { return truncated(bytes); });
    return fail(Code::kProto, "the model has no graph");
  }
  if (model.ok() && !model->graphs.empty()) return fail(Code::kProto, "the model does not say its IR version");
  return fail(Code::kProto, kNotAModel, describe_foreign_bytes(bytes));
}

Status check_versions(const ModelMsg& m) {
  if (m.ir_version < kMinIrVersion)
    return fail(Code::kOpset, "IR version ", m.ir_version, " is too old; ", kMinIrVersion, " to ", kMaxIrVersion,
                " are supported");
  if (m.ir_version > kMaxIrVersion)
    return fail(Code::kOpset, "IR version ", m.ir_version, " is newer than ", kMaxIrVersion,
                ", the newest that is released and supported")
        .hint("export the model with an older onnx package, or for an older opset");
  for (const Opset& o : m.opsets)
    if (canonical_domain(o.domain).empty() && (o.version < kMinOpset || o.version > kCanonicalOpset))
      return fail(Code::kOpset, "opset ", o.version, " of ai.onnx is not supported; ", kMinOpset, " to ",
                  kCanonicalOpset, " are")
          .hint(o.version > kCanonicalOpset ? "export the model for an older opset" : "export the model again");
  return {};
}

std::vector<Opset> canonical_opsets(const std::vector<Opset>& given) {
  std::vector<Opset> opsets;
  for (const Opset& o : given) {
    const View domain = canonical_domain(o.domain);
    bool known = false;
    for (Opset& k : opsets)
      if (k.domain == domain) k.version = o.version, known = true;
    if (!known) opsets.push_back({domain, o.version});
  }
  return opsets;
}

Result<Model> import(View bytes, BufferPtr shared, const std::string& path, const OpLookup& ops,
                     const LoadOptions& options) {
  SDX_TRY(const ModelMsg msg, read_outermost(bytes));
  SDX_RETURN_IF_ERROR(check_versions(msg));
  ExternalFiles external(options.folder, path);
  if (!options.external_data) external.forbid();
  for (const auto& [name, file] : options.files) external.hold(name, file);
  TensorSource source{shared, &external, TensorSource::budget_of(bytes.size()), options.unaligned_from,
                      options.external_tensors};

  Model model;
  model.ir_version = msg.ir_version, model.model_version = msg.model_version;
  model.producer = msg.producer, model.producer_version = msg.producer_version;
  model.domain = msg.domain, model.doc = msg.doc;
  for (const Entry& e : msg.metadata) model.metadata.emplace_back(e.key, e.value);
  const std::vector<Opset> opsets = canonical_opsets(msg.opsets);
  for (const Opset& o : opsets) model.opsets.emplace(o.domain, o.version);
  model.file = std::move(shared);

  GraphMsg graph;
  for (View piece : msg.graphs) add_graph_msg(piece, graph);
  Importer importer(ops, options, source);
  SDX_RETURN_IF_ERROR(importer.add_functions(msg.functions));
  SDX_RETURN_IF_ERROR(importer.import_main(graph, opsets, model));
  return model;
}

Result<Model> guarded_import(View bytes, BufferPtr shared, const std::string& path, const OpLookup& ops,
                             const LoadOptions& options) {
  auto model = guarded([&] { return import(bytes, std::move(shared), path, ops, options); });
  if (!model.ok()) return model.take_status().at(path.empty() ? "model" : quoted(path));
  return model;
}

View view_of(const Buffer& b) { return {static_cast<const char*>(b.data()), b.bytes()}; }

}  // namespace

Result<Model> load_model(const std::string& path, const OpLookup& ops, const LoadOptions& options) {
  SDX_TRY(BufferPtr file, map_file(path));
  const View bytes = view_of(*file);
  return guarded_import(bytes, std::move(file), path, ops, options);
}

Result<Model> load_model_buffer(BufferPtr bytes, const OpLookup& ops, const LoadOptions& options) {
  const View view = view_of(*bytes);
  return guarded_import(view, std::move(bytes), {}, ops, options);
}

Result<Model> load_model_bytes(std::string_view bytes, const OpLookup& ops, const LoadOptions& options) {
  return guarded_import(bytes, nullptr, {}, ops, options);
}

}  // namespace sardonyx
