#include "capi/metadata.h"

#include "capi/session.h"

namespace sardonyx::capi {

OrtStatus* SessionGetModelMetadata(const OrtSession* session, OrtModelMetadata** out) {
  const Model& m = session->native->model();
  const Graph& g = session->native->executor().graph();
  *out = new OrtModelMetadata{m.producer, g.name, m.domain, m.doc, m.graph_doc, m.model_version, m.metadata};
  return nullptr;
}
void ReleaseModelMetadata(OrtModelMetadata* input) { delete input; }

OrtStatus* ModelMetadataGetProducerName(const OrtModelMetadata* model_metadata, OrtAllocator* allocator, char** value) {
  return copy_text(allocator, model_metadata->producer, value);
}
OrtStatus* ModelMetadataGetGraphName(const OrtModelMetadata* model_metadata, OrtAllocator* allocator, char** value) {
  return copy_text(allocator, model_metadata->graph_name, value);
}
OrtStatus* ModelMetadataGetDomain(const OrtModelMetadata* model_metadata, OrtAllocator* allocator, char** value) {
  return copy_text(allocator, model_metadata->domain, value);
}
OrtStatus* ModelMetadataGetDescription(const OrtModelMetadata* model_metadata, OrtAllocator* allocator, char** value) {
  return copy_text(allocator, model_metadata->description, value);
}
OrtStatus* ModelMetadataGetGraphDescription(const OrtModelMetadata* model_metadata, OrtAllocator* allocator,
                                            char** value) {
  return copy_text(allocator, model_metadata->graph_description, value);
}
OrtStatus* ModelMetadataGetVersion(const OrtModelMetadata* model_metadata, int64_t* value) {
  *value = model_metadata->version;
  return nullptr;
}
OrtStatus* ModelMetadataLookupCustomMetadataMap(const OrtModelMetadata* model_metadata, OrtAllocator* allocator,
                                                const char* key, char** value) {
  *value = nullptr;
  for (const auto& [k, v] : model_metadata->custom)
    if (k == key) return copy_text(allocator, v, value);
  return nullptr;
}
// The array and each key are the allocator's.
OrtStatus* ModelMetadataGetCustomMetadataMapKeys(const OrtModelMetadata* model_metadata, OrtAllocator* allocator,
                                                 char*** keys, int64_t* num_keys) {
  const auto& custom = model_metadata->custom;
  *keys = nullptr, *num_keys = 0;
  if (custom.empty()) return nullptr;
  char** array = static_cast<char**>(allocate(allocator, custom.size() * sizeof(char*)));
  if (array == nullptr) return make_status(ORT_RUNTIME_EXCEPTION, "the allocator returned no memory");
  for (size_t i = 0; i < custom.size(); ++i) {
    OrtStatus* s = copy_text(allocator, custom[i].first, &array[i]);
    if (s == nullptr) continue;
    while (i > 0) allocator->Free(allocator, array[--i]);
    allocator->Free(allocator, array);
    return s;
  }
  *keys = array, *num_keys = static_cast<int64_t>(custom.size());
  return nullptr;
}

}  // namespace sardonyx::capi
