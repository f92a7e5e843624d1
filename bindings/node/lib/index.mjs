// The same objects as require('sardonyx') gives: onnxruntime-common must not be loaded a second time as a module.
import ort from './index.js';

export default ort;
export const { InferenceSession, Tensor, env, registerBackend, listSupportedBackends } = ort;
export const { TRACE, TRACE_FUNC_BEGIN, TRACE_FUNC_END, TRACE_EVENT_BEGIN, TRACE_EVENT_END } = ort;
