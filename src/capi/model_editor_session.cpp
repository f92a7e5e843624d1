// Sessions over models that are built or changed in memory.
#include "capi/model_editor.h"
#include "capi/session.h"
#include "ir/opset.h"
#include "kernel/custom_op.h"
#include "ops/table.h"

namespace sardonyx::capi::model_editor {

namespace {

OrtStatus* need_graph(const OrtModel* model) {
  return model->graph ? nullptr : invalid("the model has no graph\nAddGraphToModel gives it one");
}

OrtStatus* begin_editing(OrtStatus* opened, OrtSession** out) {
  if (opened == nullptr) (*out)->editing = true;
  return opened;
}

}  // namespace

OrtStatus* CreateSessionFromModel(const OrtEnv* env, const OrtModel* model, const OrtSessionOptions* options,
                                  OrtSession** out) {
  SDX_CAPI_RETURN_IF(need_graph(model));
  ModelSource source;
  source.make = [draft = draft_of(*model)](const SessionOptions& o) {
    return build_model(draft, CustomOpLookup(ops(), o.custom_ops), o.load);
  };
  return open_session(env, std::move(source), options, nullptr, out);
}

OrtStatus* CreateModelEditorSession(const OrtEnv* env, const ORTCHAR_T* model_path, const OrtSessionOptions* options,
                                    OrtSession** out) {
  return begin_editing(CreateSession(env, model_path, options, out), out);
}
OrtStatus* CreateModelEditorSessionFromArray(const OrtEnv* env, const void* model_data, size_t model_data_length,
                                             const OrtSessionOptions* options, OrtSession** out) {
  return begin_editing(CreateSessionFromArray(env, model_data, model_data_length, options, out), out);
}

OrtStatus* SessionGetOpsetForDomain(const OrtSession* session, const char* domain, int* opset) {
  const auto& opsets = session->native->model().opsets;
  const auto it = opsets.find(canonical_domain(domain));
  if (it == opsets.end()) return invalid("Domain not used by model.\n", quoted(std::string_view(domain)));
  *opset = static_cast<int>(it->second);
  return nullptr;
}

// The changes are checked when the session is finalized.
OrtStatus* ApplyModelToModelEditorSession(OrtSession* session, OrtModel* model) {
  if (!session->editing)
    return invalid("Session was not created with CreateModelEditorSession, or it has been finalized.");
  SDX_CAPI_RETURN_IF(need_graph(model));
  ModelSource changed;
  changed.shown = session->source.shown;
  changed.make = [before = session->source, draft = draft_of(*model)](const SessionOptions& o) -> Result<Model> {
    SDX_TRY(Model m, load_source(before, o));
    SDX_RETURN_IF_ERROR(extend_model(m, draft, CustomOpLookup(ops(), o.custom_ops), o.load));
    return m;
  };
  session->source = std::move(changed);
  return nullptr;
}

OrtStatus* FinalizeModelEditorSession(OrtSession* session, const OrtSessionOptions* options,
                                      OrtPrepackedWeightsContainer* prepacked_weights_container) {
  if (!session->editing)
    return invalid("Session was not created with CreateModelEditorSession, or it has been finalized.");
  if (options != nullptr) session->options = *options;
  SDX_CAPI_RETURN_IF(open_in_place(*session, prepacked_weights_container));
  session->editing = false;
  return nullptr;
}

}  // namespace sardonyx::capi::model_editor
