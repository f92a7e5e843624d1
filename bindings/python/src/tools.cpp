#include "tools.h"

#include <nanobind/stl/string.h>

#include "options.h"
#include "values.h"

namespace sardonyx::python {
namespace {

using OwnedCompileOptions = std::unique_ptr<OrtModelCompilationOptions, void (*)(OrtModelCompilationOptions*)>;

const OrtCompileApi& compile_api() {
  const OrtCompileApi* api = g_api->GetCompileApi();
  if (!api) throw std::runtime_error("the library has no compile API");
  return *api;
}

struct ExternalInfo {
  std::string path;
  int64_t offset = 0;
  size_t bytes = 0;
};

// What a callback of Python raised while the library was compiling, to be raised again when it is back.
thread_local nb::object* t_raised = nullptr;

OrtStatus* note_error(nb::python_error& error) {
  if (t_raised) *t_raised = nb::borrow(error.value());
  return g_api->CreateStatus(ORT_FAIL, error.what());
}

OrtStatus* write_chunk(void* state, const void* data, size_t bytes) {
  const nb::gil_scoped_acquire gil;
  try {
    nb::borrow(static_cast<PyObject*>(state))(nb::bytes(data, bytes));
    return nullptr;
  } catch (nb::python_error& error) {
    return note_error(error);
  }
}

OrtStatus* locate_initializer(void* state, const char* name, const OrtValue* value,
                              const OrtExternalInitializerInfo* info, OrtExternalInitializerInfo** out) {
  const nb::gil_scoped_acquire gil;
  try {
    nb::object where = nb::none();
    if (info)
      where = nb::cast(ExternalInfo{g_api->ExternalInitializerInfo_GetFilePath(info),
                                    g_api->ExternalInitializerInfo_GetFileOffset(info),
                                    g_api->ExternalInitializerInfo_GetByteSize(info)});
    // The value belongs to the library: shown to the callback, and given back before it could be freed.
    nb::object shown = python_value(Value(OwnedValue(const_cast<OrtValue*>(value))));
    nb::object answer;
    try {
      answer = nb::borrow(static_cast<PyObject*>(state))(name, shown, where);
    } catch (...) {
      nb::inst_ptr<Value>(shown)->handle.release();
      throw;
    }
    nb::inst_ptr<Value>(shown)->handle.release();
    *out = nullptr;
    if (answer.is_none()) return nullptr;
    const auto& chosen = as<ExternalInfo>(answer);
    return g_api->CreateExternalInitializerInfo(chosen.path.c_str(), chosen.offset, chosen.bytes, out);
  } catch (nb::python_error& error) {
    return note_error(error);
  } catch (const std::exception& error) {
    return g_api->CreateStatus(ORT_FAIL, error.what());
  }
}

class ModelCompiler {
 public:
  ModelCompiler(nb::object options, nb::object model, bool is_path, bool embed, const std::string& weights_file,
                size_t threshold, uint32_t flags, GraphOptimizationLevel level, nb::object locate)
      : kept_(nb::make_tuple(options, model, locate)),
        session_options_(as<SessionOptions>(options).build()),
        options_(nullptr, compile_api().ReleaseModelCompilationOptions) {
    const OrtCompileApi& api = compile_api();
    OrtModelCompilationOptions* made = nullptr;
    check(api.CreateModelCompilationOptionsFromSessionOptions(env(), session_options_.get(), &made));
    options_.reset(made);
    if (is_path) {
      check(api.ModelCompilationOptions_SetInputModelPath(made, text_of(model).c_str()));
    } else {
      char* data = nullptr;
      Py_ssize_t size = 0;
      if (PyBytes_AsStringAndSize(model.ptr(), &data, &size) != 0) throw nb::python_error();
      check(api.ModelCompilationOptions_SetInputModelFromBuffer(made, data, static_cast<size_t>(size)));
    }
    check(api.ModelCompilationOptions_SetEpContextEmbedMode(made, embed));
    if (!weights_file.empty())
      check(api.ModelCompilationOptions_SetOutputModelExternalInitializersFile(made, weights_file.c_str(), threshold));
    if (flags) check(api.ModelCompilationOptions_SetFlags(made, flags));
    check(api.ModelCompilationOptions_SetGraphOptimizationLevel(made, level));
    if (!locate.is_none())
      check(
          api.ModelCompilationOptions_SetOutputModelGetInitializerLocationFunc(made, locate_initializer, locate.ptr()));
  }

  void to_file(const std::string& path) {
    if (!path.empty()) check(compile_api().ModelCompilationOptions_SetOutputModelPath(options_.get(), path.c_str()));
    compile();
  }

  nb::bytes to_bytes() {
    void* data = nullptr;
    size_t size = 0;
    check(
        compile_api().ModelCompilationOptions_SetOutputModelBuffer(options_.get(), default_allocator(), &data, &size));
    compile();
    nb::bytes out(data, size);
    if (data) check(g_api->AllocatorFree(default_allocator(), data));
    return out;
  }

  void to_stream(nb::callable write) {
    check(compile_api().ModelCompilationOptions_SetOutputModelWriteFunc(options_.get(), write_chunk, write.ptr()));
    compile();
  }

 private:
  void compile() {
    nb::object raised;
    t_raised = &raised;
    OrtStatus* status = nullptr;
    {
      const nb::gil_scoped_release released;
      status = compile_api().CompileModel(env(), options_.get());
    }
    t_raised = nullptr;
    if (raised.is_valid()) {
      if (status) g_api->ReleaseStatus(status);
      PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(raised.ptr())), raised.ptr());
      throw nb::python_error();
    }
    check(status);
  }

  nb::object kept_;
  OwnedSessionOptions session_options_;
  OwnedCompileOptions options_;
};

}  // namespace

void LoraAdapter::load(const std::string& path) {
  OrtLoraAdapter* made = nullptr;
  check_plain(g_api->CreateLoraAdapter(path.c_str(), nullptr, &made));
  adapter_.reset(made);
}

const OrtLoraAdapter* LoraAdapter::handle() const {
  if (!adapter_) throw std::runtime_error("the LoraAdapter is empty: call Load first");
  return adapter_.get();
}

void bind_tools(nb::module_& m) {
  nb::class_<LoraAdapter>(m, "LoraAdapter").def(nb::init<>()).def("Load", &LoraAdapter::load);
  nb::class_<ExternalInfo>(m, "OrtExternalInitializerInfo")
      .def("__init__",
           [](ExternalInfo* self, std::string path, int64_t offset, size_t bytes) {
             new (self) ExternalInfo{std::move(path), offset, bytes};
           })
      .def_ro("filepath", &ExternalInfo::path)
      .def_ro("file_offset", &ExternalInfo::offset)
      .def_ro("byte_size", &ExternalInfo::bytes);
  nb::class_<ModelCompiler>(m, "ModelCompiler")
      .def(nb::init<nb::object, nb::object, bool, bool, const std::string&, size_t, uint32_t, GraphOptimizationLevel,
                    nb::object>(),
           nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg().none())
      .def("compile_to_file", &ModelCompiler::to_file)
      .def("compile_to_bytes", &ModelCompiler::to_bytes)
      .def("compile_to_stream", &ModelCompiler::to_stream);
}

}  // namespace sardonyx::python
