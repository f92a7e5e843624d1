// Initializers and external files that a caller holds in memory.
#include "capi/session_options.h"
#include "capi/value.h"

namespace sardonyx::capi {

namespace {

OrtStatus* add(OrtSessionOptions& options, const char* name, const OrtValue* value) {
  if (name == nullptr || *name == 0) return invalid("Initializer name is empty");
  if (value == nullptr) return invalid("Initializer ", name, ": the value must not be null");
  if (!value->value.is_tensor()) return invalid("Received OrtValue is not a tensor. Only tensors are supported.");
  if (!options.initializers.emplace(name, value->value.tensor()).second)
    return invalid("An OrtValue for this name has already been added: ", name);
  return nullptr;
}

}  // namespace

OrtStatus* AddInitializer(OrtSessionOptions* options, const char* name, const OrtValue* val) {
  return add(*options, name, val);
}

OrtStatus* AddExternalInitializers(OrtSessionOptions* options, const char* const* initializer_names,
                                   const OrtValue* const* initializers, size_t num_initializers) {
  for (size_t i = 0; i < num_initializers; ++i)
    SDX_CAPI_RETURN_IF(add(*options, initializer_names[i], initializers[i]));
  return nullptr;
}

// The buffers stay the caller's and must live as long as the sessions.
OrtStatus* AddExternalInitializersFromFilesInMemory(OrtSessionOptions* options,
                                                    const ORTCHAR_T* const* external_initializer_file_names,
                                                    char* const* external_initializer_file_buffer_array,
                                                    const size_t* external_initializer_file_lengths,
                                                    size_t num_external_initializer_files) {
  for (size_t i = 0; i < num_external_initializer_files; ++i) {
    const ORTCHAR_T* name = external_initializer_file_names[i];
    if (name == nullptr || *name == 0) return invalid("external_initializer_file_names[", i, "] is null or empty");
    char* data = external_initializer_file_buffer_array[i];
    const size_t length = external_initializer_file_lengths[i];
    if (data == nullptr || length == 0)
      return invalid("external_initializer_file_buffer_array[", i, "] is null or its length is 0");
    if (!options->files.emplace(name, Buffer::wrap(data, length)).second)
      return invalid("An external initializer file with this name has already been added: ", name);
  }
  return nullptr;
}

}  // namespace sardonyx::capi
