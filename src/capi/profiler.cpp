#include "capi/profiler.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>

namespace sardonyx::capi {

namespace {

std::string file_name(const std::string& prefix) {
  const auto now = std::chrono::system_clock::now();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm tm{};
  localtime_r(&seconds, &tm);
  char text[40];
  std::strftime(text, sizeof text, "_%F_%H-%M-%S", &tm);
  return cat(prefix, text, "_", ms % 1000, ".json");
}

std::string json(std::string_view s) {
  std::string out = "\"";
  for (const char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", c);
      out += code;
    } else {
      out += c;
    }
  }
  return out += '"';
}

std::string node_name(const Graph& g, const Node& n) {
  if (!n.name.empty()) return n.name;
  for (ValueId v : n.outputs)
    if (v != kNone) return g.value(v).name;
  return "";
}

// [{"float":[2,3]}, …] of the tensors whose extents are known before the run; -1 where they depend on it.
std::string types(const Graph& g, std::span<const ValueId> values) {
  std::string out = "[";
  for (ValueId v : values) {
    if (v == kNone || !g.fact(v).type.is_tensor()) continue;
    const Fact& f = g.fact(v);
    out += cat(out.size() > 1 ? "," : "", "{", json(dtype_name(f.type.elem)), ":[");
    for (size_t i = 0; f.has_rank && i < f.shape.size(); ++i)
      out += cat(i ? "," : "", f.shape[i].known() ? f.shape[i].value() : int64_t{-1});
    out += "]}";
  }
  return out + "]";
}

std::string node_args(const Program& p, int32_t index) {
  const Graph& g = *p.graph;
  const Step& step = p.steps[static_cast<size_t>(index)];
  const Node& n = g.node(step.node);
  return cat("{\"op_name\" : ", json(n.op->name), ",\"provider\" : \"CPUExecutionProvider\",\"node_index\" : \"", index,
             "\",\"variant\" : ", json(step.variant), ",\"input_type_shape\" : ", types(g, n.inputs),
             ",\"output_type_shape\" : ", types(g, n.outputs), "}");
}

}  // namespace

Profiler::Profiler(std::string prefix)
    : path_(file_name(prefix)),
      start_ns_(now_ns()),
      wall_start_ns_(static_cast<uint64_t>(
          std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count())) {}

int64_t Profiler::now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void Profiler::step(const Program& program, int32_t step, int64_t begin_ns, int64_t end_ns) {
  std::lock_guard lock(mutex_);
  if (!finished_) events_.push_back({&program, step, ::syscall(SYS_gettid), begin_ns, end_ns, {}});
}

void Profiler::session_event(std::string_view name, int64_t begin_ns, int64_t end_ns) {
  std::lock_guard lock(mutex_);
  if (!finished_) events_.push_back({nullptr, 0, ::syscall(SYS_gettid), begin_ns, end_ns, std::string(name)});
}

std::string Profiler::render() const {
  std::string out = "[\n";
  for (const Event& e : events_) {
    const bool node = e.program != nullptr;
    const std::string name =
        node
            ? node_name(*e.program->graph, e.program->graph->node(e.program->steps[static_cast<size_t>(e.step)].node)) +
                  "_kernel_time"
            : e.name;
    out +=
        cat(out.size() > 2 ? ",\n" : "", "{\"cat\" : \"", node ? "Node" : "Session", "\",\"pid\" :", ::getpid(),
            ",\"tid\" :", e.thread, ",\"dur\" :", (e.end - e.begin) / 1000, ",\"ts\" :", (e.begin - start_ns_) / 1000,
            ",\"ph\" : \"X\",\"name\" :", json(name), ",\"args\" : ", node ? node_args(*e.program, e.step) : "{}", "}");
  }
  return out + "\n]\n";
}

Result<std::string> Profiler::finish() {
  std::lock_guard lock(mutex_);
  if (finished_) return std::string();
  finished_ = true;
  std::ofstream file(path_, std::ios::binary);
  file << render();
  file.close();
  events_.clear();
  if (!file) return fail(Code::kFile, "the profile ", quoted(path_), " could not be written");
  return path_;
}

}  // namespace sardonyx::capi
