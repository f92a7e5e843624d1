#include <algorithm>
#include <fstream>
#include <map>
#include <mutex>

#include "value_report.h"
#include "verbs.h"

namespace sardonyx {
namespace {

struct Event {
  const Program* program;
  int32_t step;
  int64_t begin, end, self;  // nanoseconds; self leaves out steps of bodies
};

// Steps of a body end before the step that owns it does, so a step's children are the latest unclaimed ones that began
// after it.
class Recorder : public StepObserver {
 public:
  void step(const Program& program, int32_t step, int64_t begin, int64_t end) override {
    const std::lock_guard lock(mutex_);
    int64_t inside = 0;
    for (; !unclaimed_.empty() && unclaimed_.back().begin >= begin; unclaimed_.pop_back())
      inside += unclaimed_.back().end - unclaimed_.back().begin;
    unclaimed_.push_back({&program, step, begin, end, 0});
    events_.push_back({&program, step, begin, end, end - begin - inside});
  }
  void start_run() {
    last_run_ = events_.size();
    unclaimed_.clear();
  }
  const std::vector<Event>& events() const { return events_; }
  std::span<const Event> last_run() const { return std::span(events_).subspan(last_run_); }

 private:
  std::mutex mutex_;
  std::vector<Event> events_, unclaimed_;
  size_t last_run_ = 0;
};

struct Sum {
  std::string name, op, run_by;
  int64_t calls = 0, self = 0;
};

const Node& node_of(const Event& e) {
  return e.program->graph->node(e.program->steps[static_cast<size_t>(e.step)].node);
}

std::string run_by(const Event& e) {
  const Step& s = e.program->steps[static_cast<size_t>(e.step)];
  return s.kernel ? cat(s.provider, " ", s.variant) : "view";
}

std::string name_of(const Event& e) {
  const Node& n = node_of(e);
  if (!n.name.empty()) return n.name;
  for (ValueId v : n.outputs)
    if (v != kNone && !e.program->graph->value(v).name.empty()) return e.program->graph->value(v).name;
  return cat("step ", e.step);
}

std::vector<Sum> sorted(std::vector<Sum> sums) {
  std::stable_sort(sums.begin(), sums.end(), [](const Sum& a, const Sum& b) { return a.self > b.self; });
  return sums;
}

std::vector<Sum> by_operator(const std::vector<Event>& events) {
  std::map<std::string, Sum> sums;
  for (const Event& e : events) {
    Sum& s = sums[cat(node_of(e).op->name, " ", run_by(e))];
    s.op = node_of(e).op->name, s.run_by = run_by(e);
    ++s.calls, s.self += e.self;
  }
  std::vector<Sum> list;
  for (auto& [key, s] : sums) list.push_back(std::move(s));
  return sorted(std::move(list));
}

std::vector<Sum> by_node(const std::vector<Event>& events) {
  std::map<std::pair<const Program*, int32_t>, Sum> sums;
  for (const Event& e : events) {
    Sum& s = sums[{e.program, e.step}];
    if (s.calls++ == 0) s.name = name_of(e), s.op = node_of(e).op->name, s.run_by = run_by(e);
    s.self += e.self;
  }
  std::vector<Sum> list;
  for (auto& [key, s] : sums) list.push_back(std::move(s));
  return sorted(std::move(list));
}

void print_sums(const std::vector<Sum>& sums, int runs, size_t rows, bool names) {
  int64_t total = 0;
  for (const Sum& s : sums) total += s.self;
  std::vector<std::string> titles = {"operator", "run by", ">calls", ">ms", ">share"};
  if (names) titles.insert(titles.begin(), "node");
  Table table(titles);
  for (size_t i = 0; i < std::min(rows, sums.size()); ++i) {
    const Sum& s = sums[i];
    std::vector<std::string> row = {
        s.op, s.run_by, cat(s.calls / runs), fixed(static_cast<double>(s.self) / 1e6 / runs, 4),
        fixed(100.0 * static_cast<double>(s.self) / static_cast<double>(std::max<int64_t>(total, 1)), 1) + " %"};
    if (names) row.insert(row.begin(), s.name);
    table.add(std::move(row));
  }
  table.print(stdout);
  if (sums.size() > rows) std::printf("  … %zu more\n", sums.size() - rows);
}

nlohmann::json sums_json(const std::vector<Sum>& sums, int runs, bool names) {
  nlohmann::json list = nlohmann::json::array();
  for (const Sum& s : sums) {
    list.push_back({{"operator", s.op},
                    {"run_by", s.run_by},
                    {"calls", static_cast<double>(s.calls) / runs},
                    {"ms", static_cast<double>(s.self) / 1e6 / runs}});
    if (names) list.back()["node"] = s.name;
  }
  return list;
}

Status write_trace(const std::string& path, std::span<const Event> events) {
  nlohmann::json list = nlohmann::json::array();
  int64_t origin = events.empty() ? 0 : events[0].begin;
  for (const Event& e : events) origin = std::min(origin, e.begin);
  for (const Event& e : events)
    list.push_back(
        {{"name", name_of(e)},
         {"cat", std::string(node_of(e).op->name)},
         {"ph", "X"},
         {"pid", 1},
         {"tid", 1},
         {"ts", static_cast<double>(e.begin - origin) / 1e3},
         {"dur", static_cast<double>(e.end - e.begin) / 1e3},
         {"args", {{"operator", std::string(node_of(e).op->name)}, {"run_by", run_by(e)}, {"step", e.step}}}});
  std::ofstream file(path);
  file << nlohmann::json({{"traceEvents", list}, {"displayTimeUnit", "ms"}})
              .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return file.flush() ? Status() : fail(Code::kFile, quoted(path), " could not be written");
}

}  // namespace

Result<bool> profile_verb(const ProfileArgs& args) {
  if (args.runs < 1) return fail(Code::kOption, "--runs must be at least 1");
  if (args.rows < 1) return fail(Code::kOption, "--rows must be at least 1");
  SDX_TRY(const std::unique_ptr<Session> session, open_session(args.session));
  SDX_TRY(const std::vector<Value> inputs, make_inputs(*session, args.input, args.session.model));
  std::vector<Value> outputs(session->outputs().size());
  SDX_RETURN_IF_ERROR(session->run(inputs, outputs));  // plans
  Recorder recorder;
  for (int i = 0; i < args.runs; ++i) {
    recorder.start_run();
    std::fill(outputs.begin(), outputs.end(), Value());
    SDX_RETURN_IF_ERROR(session->run(inputs, outputs, {.observer = &recorder}));
  }
  int64_t total = 0;
  for (const Event& e : recorder.events()) total += e.self;
  const std::vector<Sum> operators = by_operator(recorder.events()), nodes = by_node(recorder.events());
  if (!args.trace.empty()) SDX_RETURN_IF_ERROR(write_trace(args.trace, recorder.last_run()));
  if (args.json) {
    print_json({{"model", args.session.model},
                {"runs", args.runs},
                {"ms", static_cast<double>(total) / 1e6 / args.runs},
                {"operators", sums_json(operators, args.runs, false)},
                {"nodes", sums_json(nodes, args.runs, true)}});
    return true;
  }
  std::printf("  mean of %d runs: %.3f ms in steps\n\n", args.runs, static_cast<double>(total) / 1e6 / args.runs);
  print_sums(operators, args.runs, static_cast<size_t>(args.rows), false);
  std::printf("\n");
  print_sums(nodes, args.runs, static_cast<size_t>(args.rows), true);
  if (!args.trace.empty()) std::printf("\n  trace of the last run: %s\n", args.trace.c_str());
  return true;
}

}  // namespace sardonyx
