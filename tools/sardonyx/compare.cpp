#include "common/compare.h"

#include <set>

#include "common/data_set.h"
#include "ops/table.h"
#include "value_report.h"
#include "verbs.h"

namespace sardonyx {
namespace {

// Values that steps make and whose names are in both sets, in the order of the steps.
std::vector<std::string> kept_names(const Session& session, const std::set<std::string>& known,
                                    const std::set<std::string>& written) {
  std::set<std::string> seen;
  for (const Port& p : session.outputs()) seen.insert(p.name);
  std::vector<std::string> names;
  const Program& program = session.executor().program();
  for (const Step& step : program.steps)
    for (ValueId v : program.graph->node(step.node).outputs) {
      if (v == kNone) continue;
      const std::string& name = program.graph->value(v).name;
      if (known.contains(name) && written.contains(name) && seen.insert(name).second) names.push_back(name);
    }
  return names;
}

// Names of the values of the model as it is written.
Result<std::set<std::string>> names_of(const SessionArgs& args) {
  SDX_TRY(const Model model, load_model(args.model, ops()));
  std::set<std::string> names;
  for (ValueId v = 0; v < static_cast<ValueId>(model.graph->value_count()); ++v)
    names.insert(model.graph->value(v).name);
  names.erase("");
  return names;
}

// Values that the session's steps make, of those.
std::set<std::string> made_names(const Session& session, const std::set<std::string>& written) {
  std::set<std::string> names;
  const Program& program = session.executor().program();
  for (const Step& step : program.steps)
    for (ValueId v : program.graph->node(step.node).outputs)
      if (v != kNone && written.contains(program.graph->value(v).name)) names.insert(program.graph->value(v).name);
  return names;
}

struct Pair {
  size_t made = 0;  // values that the other side makes
  std::vector<std::string> names;
  std::vector<Value> got, want;
};

// The side to compare with: another model, or the same one as it is written.
SessionArgs other_side(const CompareArgs& args) {
  SessionArgs other = args.session;
  if (args.other.empty())
    other.level = "none";
  else
    other.model = args.other;
  return other;
}

// Values of both sides in the order of the steps, then the outputs.
Result<Pair> run_both(const CompareArgs& args) {
  const SessionArgs other_args = other_side(args);
  SDX_TRY(std::unique_ptr<Session> other, open_session(other_args));
  SDX_TRY(std::unique_ptr<Session> tested, open_session(args.session));
  if (other->outputs().size() != tested->outputs().size())
    return fail(Code::kInputName, "the models have ", tested->outputs().size(), " and ", other->outputs().size(),
                " outputs");
  SDX_TRY(const std::set<std::string> written, names_of(args.session));
  SDX_TRY(const std::set<std::string> written_there, names_of(other_args));
  const std::set<std::string> made = made_names(*other, written_there);
  SessionOptions more;
  more.extra_outputs = kept_names(args.all && args.other.empty() ? *other : *tested, made, written);
  SDX_TRY(tested, open_session(args.session, more));
  SDX_TRY(other, open_session(other_args, more));
  SDX_TRY(const std::vector<Value> inputs, make_inputs(*tested, args.input, args.session.model));
  Pair p;
  p.made = made.size();
  p.names = more.extra_outputs;
  const size_t declared = tested->outputs().size() - p.names.size();
  for (size_t k = 0; k < declared; ++k) p.names.push_back(tested->outputs()[k].name);
  std::vector<Value> got(tested->outputs().size()), want(got.size());
  SDX_RETURN_IF_ERROR(tested->run(inputs, got));
  SDX_RETURN_IF_ERROR(other->run(inputs, want));
  std::rotate(got.begin(), got.begin() + static_cast<std::ptrdiff_t>(declared), got.end());
  std::rotate(want.begin(), want.begin() + static_cast<std::ptrdiff_t>(declared), want.end());
  if (!args.input.data.empty()) {
    SDX_TRY(const DataSet data, read_data_set(data_folder(args.input.data, args.session.model), *tested));
    const size_t first = got.size() - declared;
    for (size_t k = 0; k < std::min(declared, data.outputs.size()); ++k) {
      p.names.push_back(cat("reference ", tested->outputs()[k].name));
      const Value mine = got[first + k];
      got.push_back(mine);
      want.push_back(data.outputs[k]);
    }
  }
  p.got = std::move(got), p.want = std::move(want);
  return p;
}

}  // namespace

Result<bool> compare_verb(const CompareArgs& args) {
  SDX_TRY(const Pair p, run_both(args));
  const std::string other = args.other.empty() ? "level none" : args.other;
  Table table({"value", ">max abs", ">relative", ""});
  nlohmann::json values = nlohmann::json::array();
  size_t different = 0;
  std::string first;
  for (size_t i = 0; i < p.names.size(); ++i) {
    const Difference d = compare(p.got[i], p.want[i], {args.rtol, args.atol, true});
    if (!d.same && different++ == 0) first = cat(quoted(p.names[i]), " ", d.text);
    table.add({p.names[i], general(d.max_abs, 3), general(d.relative(), 3), d.same ? "" : d.text});
    values.push_back(
        {{"name", p.names[i]}, {"same", d.same}, {"max_abs", d.max_abs}, {"relative", d.relative()}, {"text", d.text}});
  }
  if (args.json) {
    print_json({{"model", args.session.model}, {"other", other}, {"different", different}, {"values", values}});
    return different == 0;
  }
  table.print(stdout);
  if (different == 0)
    std::printf("\n  %zu values compared, all agree; %s makes %zu\n", p.names.size(), other.c_str(), p.made);
  else
    std::printf("\n  %zu of %zu values differ from %s; the first is %s\n", different, p.names.size(), other.c_str(),
                first.c_str());
  return different == 0;
}

}  // namespace sardonyx
