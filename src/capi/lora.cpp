// LoRA adapters: files of named parameters (.onnx_adapter: a FlatBuffers message with the identifier TORT) that runs
// give to a model in place of its overridable initializers.
#include "capi/lora.h"

#include <algorithm>

#include "capi/flat_reader.h"
#include "capi/run_options.h"
#include "onnx/mapped_file.h"

namespace sardonyx::capi {

namespace {

constexpr int32_t kNewestFormat = 1;
// Fields by number. Adapter: format_version, adapter_version, model_version, parameters. Parameter: name, dims,
// data_type (ONNX's numbers), raw_data.
enum AdapterField : size_t { kFormatVersion, kAdapterVersion, kModelVersion, kParameters };
enum ParameterField : size_t { kName, kDims, kDataType, kRawData };

Result<Tensor> read_parameter(const FlatReader& r, const FlatReader::Table& t, const BufferPtr& file) {
  SDX_TRY(const std::string_view dim_bytes, r.vector(t, kDims, sizeof(int64_t)));
  SDX_TRY(const std::string_view raw, r.vector(t, kRawData, 1));
  SDX_TRY(const int32_t number, r.number(t, kDataType));
  Extents dims;
  for (size_t i = 0; i < dim_bytes.size(); i += sizeof(int64_t)) {
    int64_t d = 0;
    std::memcpy(&d, dim_bytes.data() + i, sizeof d);
    dims.push_back(d);
  }
  const DType type = number > 0 && number < kDTypeCount ? static_cast<DType>(number) : DType::kUndefined;
  if (type == DType::kUndefined || type == DType::kString)
    return fail(Code::kProto, "element type ", number, " is not one of an adapter");
  SDX_TRY(const size_t bytes, checked_storage_bytes(type, dims));
  if (bytes != raw.size())
    return fail(Code::kProto, "has ", raw.size(), " bytes, ", dtype_name(type), to_string(dims), " needs ", bytes);
  const size_t offset = bytes == 0 ? 0 : r.offset_of(raw);
  const size_t align = static_cast<size_t>(std::max(1, dtype_bits(type) / 8));
  Tensor t_in_file(type, dims, file, offset);
  if (reinterpret_cast<uintptr_t>(t_in_file.data()) % std::min<size_t>(align, 8) == 0) return t_in_file;
  return t_in_file.clone();
}

Result<std::unique_ptr<OrtLoraAdapter>> read_adapter(BufferPtr file) {
  const FlatReader r({static_cast<const char*>(file->data()), file->bytes()});
  SDX_TRY(const FlatReader::Table root, r.root("TORT"));
  SDX_TRY(const int32_t format, r.number(root, kFormatVersion));
  if (format != kNewestFormat)
    return fail(Code::kVersion, "the adapter's format version is ", format, ", supported is ", kNewestFormat);
  SDX_TRY(const std::string_view parameters, r.vector(root, kParameters, sizeof(uint32_t)));
  auto adapter = std::make_unique<OrtLoraAdapter>();
  for (size_t i = 0; i < parameters.size(); i += sizeof(uint32_t)) {
    SDX_TRY(const FlatReader::Table t, r.table_at(r.offset_of(parameters) + i));
    SDX_TRY(const std::string_view name, r.vector(t, kName, 1));
    auto tensor = read_parameter(r, t, file);
    if (!tensor.ok()) return tensor.take_status().at(cat("parameter ", quoted(name)));
    adapter->parameters.emplace_back(std::string(name), Value(std::move(*tensor)));
  }
  adapter->file = std::move(file);
  return adapter;
}

OrtStatus* give(BufferPtr file, OrtLoraAdapter** out) {
  SDX_CAPI_TRY(std::unique_ptr<OrtLoraAdapter> adapter, read_adapter(std::move(file)));
  *out = adapter.release();
  return nullptr;
}

}  // namespace

OrtStatus* CreateLoraAdapter(const ORTCHAR_T* adapter_file_path, OrtAllocator*, OrtLoraAdapter** out) {
  SDX_CAPI_TRY(BufferPtr file, map_file(adapter_file_path));
  return give(std::move(file), out);
}

OrtStatus* CreateLoraAdapterFromArray(const void* bytes, size_t num_bytes, OrtAllocator*, OrtLoraAdapter** out) {
  SDX_CAPI_TRY(BufferPtr copy, Buffer::heap(num_bytes));
  if (num_bytes != 0) std::memcpy(copy->data(), bytes, num_bytes);
  return give(std::move(copy), out);
}

void ReleaseLoraAdapter(OrtLoraAdapter* input) { delete input; }

}  // namespace sardonyx::capi
