// Declarations of every slot of every table: a function named after it, in sardonyx::capi for OrtApi and in a namespace
// below it for each sub-table. A slot is built by defining its function in the .cpp file of its group; stubs.cpp holds
// a weak definition of each, so nothing is listed twice. The table calls them through a guard (table.cpp) that has
// already checked pointers for null as abi.tsv says, and that turns exceptions into statuses.
#pragma once
#include "onnxruntime/onnxruntime_c_api.h"

#define SDX_NS_api extern "C++"  // a block without a namespace of its own
#define SDX_NS_model_editor namespace model_editor
#define SDX_NS_compile namespace compile
#define SDX_NS_interop namespace interop
#define SDX_NS_ep namespace ep

namespace sardonyx::capi {

#define SDX_SLOT(ns, Name, Returns, Parameters, needed, arrays, names) \
  SDX_NS_##ns { Returns Name Parameters; }
#include "capi/slots.inc"
#undef SDX_SLOT

// The tables themselves (table.cpp).
const OrtApi* api_table();
const OrtModelEditorApi* model_editor_table();
const OrtCompileApi* compile_table();
const OrtInteropApi* interop_table();
const OrtEpApi* ep_table();

}  // namespace sardonyx::capi
