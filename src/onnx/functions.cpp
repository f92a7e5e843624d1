// Importer: the model's functions, written out where they are called.
#include "ir/opset.h"
#include "onnx/importer.h"

namespace sardonyx {

using namespace proto;

namespace {

std::string function_key(View domain, View name, View overload) {
  return cat(canonical_domain(domain), View("\0", 1), name, View("\0", 1), overload);
}

}  // namespace

Status Importer::add_functions(const Views& messages) {
  for (View message : messages) {
    FunctionMsg f = read_function_msg(message);
    for (Opset& o : f.opsets) o.domain = canonical_domain(o.domain);
    const std::string key = function_key(f.domain, f.name, f.overload);
    const View name = f.name;
    if (!functions_.try_emplace(key, Function{std::move(f)}).second)
      return fail(Code::kProto, "the function ", quoted(name), " is defined twice");
  }
  return {};
}

Importer::Function* Importer::find_function(const NodeMsg& n) {
  if (functions_.empty()) return nullptr;
  const auto it = functions_.find(function_key(n.domain, n.op, n.overload));
  return it == functions_.end() ? nullptr : &it->second;
}

// Writes the function's nodes into the caller's graph, its names standing for the call's values.
Status Importer::call_function(Scope& s, const NodeMsg& n, Function& f) {
  const FunctionMsg& msg = f.msg;
  if (f.open) return fail(Code::kProto, "the function ", quoted(msg.name), " calls itself");
  Nested nested(*this);
  SDX_RETURN_IF_ERROR(nested.status());
  if (n.inputs.size() > msg.inputs.size() || n.outputs.size() > msg.outputs.size())
    return fail(Code::kProto, "the call has ", n.inputs.size(), " inputs and ", n.outputs.size(),
                " outputs, the function ", quoted(msg.name), " has ", msg.inputs.size(), " and ", msg.outputs.size());

  // Defaults are written in the function: they refer to nothing.
  Scope callee;
  std::vector<AttrBinding> bindings;
  for (View d : msg.defaults) bindings.push_back({attr_msg_name(d), d, &callee});
  for (View call_attr : n.attrs) {
    const AttrMsg given = read_attr_msg(call_attr);
    if (given.ref.empty()) {
      bindings.push_back({given.name, call_attr, &s});
      continue;
    }
    for (size_t i = s.attrs->size(); i-- > 0;) {
      const AttrBinding& b = (*s.attrs)[i];
      if (b.name != given.ref) continue;
      bindings.push_back({given.name, b.message, b.written_in});
      break;
    }
  }
  callee.level = s.level;
  callee.opsets = &msg.opsets;
  callee.attrs = &bindings;
  const View instance = !n.name.empty() ? n.name : n.outputs.empty() ? n.op : n.outputs[0];
  callee.prefix = cat(s.prefix, instance, "/");
  for (size_t i = 0; i < msg.inputs.size(); ++i) {
    ValueId v = kNone;
    if (i < n.inputs.size()) {
      SDX_TRY(v, resolve(s, n.inputs[i]));
    }
    SDX_RETURN_IF_ERROR(callee.define(msg.inputs[i], v));
  }
  for (size_t i = 0; i < n.outputs.size(); ++i)
    if (!n.outputs[i].empty()) callee.public_names.emplace(msg.outputs[i], s.shown_name(n.outputs[i]));

  f.open = true;
  ++open_calls_;
  Status done = callee.add_nodes(msg.nodes);
  if (done.ok()) done = import_nodes(callee);
  f.open = false;
  --open_calls_;
  SDX_RETURN_IF_ERROR(std::move(done));
  for (size_t i = 0; i < n.outputs.size(); ++i) {
    if (n.outputs[i].empty()) continue;
    SDX_TRY(const ValueId v, resolve(callee, msg.outputs[i]));
    SDX_RETURN_IF_ERROR(s.define(n.outputs[i], v));
  }
  return {};
}

}  // namespace sardonyx
