#include "options.h"

#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

namespace sardonyx_node {
namespace {

[[noreturn]] void type_error(Napi::Env env, const std::string& text) { throw Napi::TypeError::New(env, text); }
[[noreturn]] void range_error(Napi::Env env, const std::string& text) { throw Napi::RangeError::New(env, text); }

// One options object; kind is its name in messages. An option that is absent or undefined has no value.
class Reader {
 public:
  Reader(Napi::Object js, std::string kind) : js_(js), kind_(std::move(kind)) {}

  std::optional<Napi::Value> get(const char* name) const {
    const Napi::Value value = js_.Get(name);
    if (value.IsUndefined() || value.IsNull()) return std::nullopt;
    return value;
  }
  std::optional<bool> boolean(const char* name) const {
    const auto value = get(name);
    if (!value) return std::nullopt;
    if (!value->IsBoolean()) wrong(name, "a boolean");
    return value->As<Napi::Boolean>().Value();
  }
  std::optional<std::string> string(const char* name) const {
    const auto value = get(name);
    if (!value) return std::nullopt;
    if (!value->IsString()) wrong(name, "a string");
    return value->As<Napi::String>().Utf8Value();
  }
  std::optional<int> integer(const char* name, int lowest, int highest) const {
    const auto value = get(name);
    if (!value) return std::nullopt;
    if (!value->IsNumber()) wrong(name, "a number");
    const double number = value->As<Napi::Number>().DoubleValue();
    if (!(number >= lowest && number <= highest) || number != std::floor(number)) {
      range_error(env(), "'" + std::string(name) + "' is invalid: " + value->ToString().Utf8Value());
    }
    return static_cast<int>(number);
  }
  std::optional<Napi::Object> object(const char* name) const {
    const auto value = get(name);
    if (!value) return std::nullopt;
    if (!value->IsObject()) wrong(name, "an object");
    return value->As<Napi::Object>();
  }
  // One of several words, as the number beside it.
  template <size_t N>
  std::optional<int> choice(const char* name, const std::array<std::pair<const char*, int>, N>& words) const {
    const auto text = string(name);
    if (!text) return std::nullopt;
    for (const auto& [word, number] : words) {
      if (*text == word) return number;
    }
    type_error(env(), "'" + std::string(name) + "' is not supported: " + *text);
  }
  [[noreturn]] void wrong(const char* name, const char* expected) const {
    type_error(env(), "Invalid argument: " + kind_ + "." + name + " must be " + expected + ".");
  }
  Napi::Env env() const { return js_.Env(); }

 private:
  Napi::Object js_;
  std::string kind_;
};

using Entry = std::function<void(const std::string& key, const std::string& value)>;

constexpr int kDeepestEntry = 16;

// {session: {intra_op: {allow_spinning: '0'}}} is the entry session.intra_op.allow_spinning = 0.
void entries(const Napi::Object& js, const std::string& prefix, const Reader& reader, const Entry& entry,
             int depth = 0) {
  if (depth > kDeepestEntry) range_error(reader.env(), "'extra' is nested too deeply: extra." + prefix);
  const Napi::Array names = js.GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); ++i) {
    const std::string name = names.Get(i).ToString().Utf8Value();
    const std::string key = prefix.empty() ? name : prefix + "." + name;
    const Napi::Value value = js.Get(name);
    if (value.IsString()) {
      entry(key, value.As<Napi::String>().Utf8Value());
    } else if (value.IsObject() && !value.IsArray()) {
      entries(value.As<Napi::Object>(), key, reader, entry, depth + 1);
    } else {
      reader.wrong(("extra." + key).c_str(), "a string");
    }
  }
}

void execution_providers(const Reader& reader, OrtSessionOptions* out) {
  const auto list = reader.get("executionProviders");
  if (!list) return;
  if (!list->IsArray()) reader.wrong("executionProviders", "an array");
  const auto array = list->As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value item = array.Get(i);
    const bool is_object = item.IsObject();
    const std::string name = (is_object ? item.As<Napi::Object>().Get("name") : item).ToString().Utf8Value();
    if (name != "cpu") throw Napi::Error::New(reader.env(), "execution provider '" + name + "' is not supported");
    if (!is_object) continue;
    if (const auto arena = Reader(item.As<Napi::Object>(), "cpu").boolean("useArena")) {
      check(*arena ? api().EnableCpuMemArena(out) : api().DisableCpuMemArena(out));
    }
  }
}

void performance(const Reader& reader, OrtSessionOptions* out) {
  constexpr std::array<std::pair<const char*, int>, 5> kLevels = {
      {{"disabled", 0}, {"basic", 1}, {"extended", 2}, {"layout", 3}, {"all", 99}}};
  constexpr std::array<std::pair<const char*, int>, 2> kModes = {{{"sequential", 0}, {"parallel", 1}}};
  constexpr int kMostThreads = 1 << 16;
  if (const auto n = reader.integer("intraOpNumThreads", 0, kMostThreads)) check(api().SetIntraOpNumThreads(out, *n));
  if (const auto n = reader.integer("interOpNumThreads", 0, kMostThreads)) check(api().SetInterOpNumThreads(out, *n));
  if (const auto level = reader.choice("graphOptimizationLevel", kLevels)) {
    check(api().SetSessionGraphOptimizationLevel(out, static_cast<GraphOptimizationLevel>(*level)));
  }
  if (const auto mode = reader.choice("executionMode", kModes)) {
    check(api().SetSessionExecutionMode(out, static_cast<ExecutionMode>(*mode)));
  }
  if (const auto on = reader.boolean("enableCpuMemArena")) {
    check(*on ? api().EnableCpuMemArena(out) : api().DisableCpuMemArena(out));
  }
  if (const auto on = reader.boolean("enableMemPattern")) {
    check(*on ? api().EnableMemPattern(out) : api().DisableMemPattern(out));
  }
}

void diagnostics(const Reader& reader, OrtSessionOptions* out) {
  if (const auto path = reader.string("optimizedModelFilePath"))
    check(api().SetOptimizedModelFilePath(out, path->c_str()));
  const std::string prefix = reader.string("profileFilePrefix").value_or("onnxruntime_profile_");
  if (reader.boolean("enableProfiling").value_or(false)) check(api().EnableProfiling(out, prefix.c_str()));
  if (const auto id = reader.string("logId")) check(api().SetSessionLogId(out, id->c_str()));
  if (const auto level = reader.integer("logSeverityLevel", 0, 4)) check(api().SetSessionLogSeverityLevel(out, *level));
  if (const auto level = reader.integer("logVerbosityLevel", 0, 1 << 30)) {
    check(api().SetSessionLogVerbosityLevel(out, *level));
  }
}

void free_dimensions(const Reader& reader, OrtSessionOptions* out) {
  const auto js = reader.object("freeDimensionOverrides");
  if (!js) return;
  const Reader sizes(*js, "sessionOptions.freeDimensionOverrides");
  const Napi::Array names = js->GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); ++i) {
    const std::string name = names.Get(i).ToString().Utf8Value();
    if (const auto size = sizes.integer(name.c_str(), 0, INT32_MAX)) {
      check(api().AddFreeDimensionOverrideByName(out, name.c_str(), *size));
    }
  }
}

void external_data(const Reader& reader, SessionOptions& out) {
  const auto list = reader.get("externalData");
  if (!list) return;
  if (!list->IsArray()) reader.wrong("externalData", "an array");
  const auto array = list->As<Napi::Array>();
  std::vector<std::string> paths;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const auto item = array.Get(i).As<Napi::Object>();
    const auto data = item.Get("data").As<Napi::Uint8Array>();
    paths.push_back(item.Get("path").ToString().Utf8Value());
    out.external_data.emplace_back(reinterpret_cast<const char*>(data.Data()), data.ByteLength());
  }
  std::vector<const char*> names;
  std::vector<char*> buffers;
  std::vector<size_t> lengths;
  for (size_t i = 0; i < paths.size(); ++i) {
    names.push_back(paths[i].c_str());
    buffers.push_back(out.external_data[i].data());
    lengths.push_back(out.external_data[i].size());
  }
  if (paths.empty()) return;
  check(api().AddExternalInitializersFromFilesInMemory(out.handle.get(), names.data(), buffers.data(), lengths.data(),
                                                       paths.size()));
}

// Whatever this backend cannot do is refused, not ignored.
void refuse_devices(const Reader& reader) {
  if (reader.boolean("enableGraphCapture").value_or(false)) {
    throw Napi::Error::New(reader.env(), "'enableGraphCapture' is not supported on the CPU");
  }
  const auto location = reader.get("preferredOutputLocation");
  if (!location) return;
  const auto on_cpu = [](const Napi::Value& value) {
    const std::string name = value.ToString().Utf8Value();
    return name == "cpu" || name == "cpu-pinned";
  };
  bool fine = location->IsString() && on_cpu(*location);
  if (location->IsObject()) {
    const auto each = location->As<Napi::Object>();
    const Napi::Array names = each.GetPropertyNames();
    fine = true;
    for (uint32_t i = 0; i < names.Length(); ++i) fine = fine && on_cpu(each.Get(names.Get(i)));
  }
  if (!fine) throw Napi::Error::New(reader.env(), "'preferredOutputLocation' is not supported: outputs are on the CPU");
}

}  // namespace

SessionOptions session_options(const Napi::Object& js) {
  SessionOptions out;
  OrtSessionOptions* handle = nullptr;
  check(api().CreateSessionOptions(&handle));
  out.handle.reset(handle);
  const Reader reader(js, "sessionOptions");
  execution_providers(reader, handle);
  performance(reader, handle);
  diagnostics(reader, handle);
  free_dimensions(reader, handle);
  refuse_devices(reader);
  external_data(reader, out);
  if (const auto extra = reader.object("extra")) {
    entries(*extra, "", reader, [&](const std::string& key, const std::string& value) {
      check(api().AddSessionConfigEntry(handle, key.c_str(), value.c_str()));
    });
  }
  return out;
}

Owned<OrtRunOptions> run_options(const Napi::Object& js) {
  OrtRunOptions* handle = nullptr;
  check(api().CreateRunOptions(&handle));
  Owned<OrtRunOptions> out(handle);
  const Reader reader(js, "runOptions");
  if (const auto tag = reader.string("tag")) check(api().RunOptionsSetRunTag(handle, tag->c_str()));
  if (const auto level = reader.integer("logSeverityLevel", 0, 4))
    check(api().RunOptionsSetRunLogSeverityLevel(handle, *level));
  if (const auto level = reader.integer("logVerbosityLevel", 0, 1 << 30)) {
    check(api().RunOptionsSetRunLogVerbosityLevel(handle, *level));
  }
  if (reader.boolean("terminate").value_or(false)) check(api().RunOptionsSetTerminate(handle));
  if (const auto extra = reader.object("extra")) {
    entries(*extra, "", reader, [&](const std::string& key, const std::string& value) {
      check(api().AddRunConfigEntry(handle, key.c_str(), value.c_str()));
    });
  }
  return out;
}

}  // namespace sardonyx_node
