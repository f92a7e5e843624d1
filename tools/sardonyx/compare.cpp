#include "common/compare.h"

#include <set>

#include "value_report.h"
#include "verbs.h"

namespace sardonyx {
namespace {

// Values that steps make and that have the name of a value of the model, in the order of the steps.
std::vector<std::string> kept_names(const Session& session, const std::set<std::string>& known) {
  std::set<std::string> seen;
  for (const Port& p : session.outputs()) seen.insert(p.name);
  std::vector<std::string> names;
  const Program& program = session.executor().program();
  for (const Step& step : program.steps)
    for (ValueId v : program.graph->node(step.node).outputs) {
      if (v == kNone) continue;
      const std::string& name = program.graph->value(v).name;
      if (known.contains(name) && seen.insert(name).second) names.push_back(name);
    }
  return names;
}

std::set<std::string> made_names(const Session& session) {
  std::set<std::string> names;
  const Program& program = session.executor().program();
  for (const Step& step : program.steps)
    for (ValueId v : program.graph->node(step.node).outputs)
      if (v != kNone) names.insert(program.graph->value(v).name);
  names.erase("");
  return names;
}

struct Pair {
  size_t made = 0;  // values that level none makes
  std::vector<std::string> names;
  std::vector<Value> got, want;
};

Result<Pair> run_both(const CompareArgs& args) {
  SessionArgs plain_args = args.session;
  plain_args.level = "none";
  SDX_TRY(std::unique_ptr<Session> plain, open_session(plain_args));
  SDX_TRY(std::unique_ptr<Session> tested, open_session(args.session));
  const std::set<std::string> made = made_names(*plain);
  SessionOptions more;
  more.extra_outputs = kept_names(args.all ? *plain : *tested, made);
  SDX_TRY(tested, open_session(args.session, more));
  SDX_TRY(plain, open_session(plain_args, more));
  SDX_TRY(const std::vector<Value> inputs, make_inputs(*tested, args.input, args.session.model));
  Pair p;
  p.made = made.size();
  p.names = more.extra_outputs;
  const size_t declared = tested->outputs().size() - p.names.size();
  for (size_t k = declared; k > 0; --k) p.names.push_back(tested->outputs()[declared - k].name);
  std::vector<Value> got(tested->outputs().size()), want(got.size());
  SDX_RETURN_IF_ERROR(tested->run(inputs, got));
  SDX_RETURN_IF_ERROR(plain->run(inputs, want));
  std::rotate(got.begin(), got.begin() + static_cast<std::ptrdiff_t>(declared), got.end());
  std::rotate(want.begin(), want.begin() + static_cast<std::ptrdiff_t>(declared), want.end());
  p.got = std::move(got), p.want = std::move(want);
  return p;
}

}  // namespace

Result<bool> compare_verb(const CompareArgs& args) {
  SDX_TRY(const Pair p, run_both(args));
  Table table({"value", ">max abs", ">relative", ""});
  size_t different = 0;
  std::string first;
  for (size_t i = 0; i < p.names.size(); ++i) {
    const Difference d = compare(p.got[i], p.want[i], {args.rtol, args.atol, true});
    if (!d.same && different++ == 0) first = cat(quoted(p.names[i]), " ", d.text);
    table.add({p.names[i], general(d.max_abs, 3), general(d.relative(), 3), d.same ? "" : d.text});
  }
  table.print(stdout);
  if (different == 0)
    std::printf("\n  %zu of %zu values compared, all agree with level none\n", p.names.size(), p.made);
  else
    std::printf("\n  %zu of %zu values differ from level none; the first is %s\n", different, p.names.size(),
                first.c_str());
  return different == 0;
}

}  // namespace sardonyx
