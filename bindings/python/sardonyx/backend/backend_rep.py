"""A prepared model."""

from __future__ import annotations

from sardonyx import RunOptions

try:
    from onnx.backend.base import BackendRep
except ImportError:  # the interface is usable without the onnx package
    BackendRep = object

_RUN_OPTIONS = frozenset({"log_severity_level", "log_verbosity_level", "only_execute_path_to_fetches", "logid"})


def set_allowed(options, name, value, allowed):
    """Sets a field that callers of the backend may set; names of no field are passed over."""
    if name in allowed:
        setattr(options, name, value)
    elif hasattr(options, name):
        raise RuntimeError(
            f"{type(options).__name__} attribute '{name}' is not permitted via the backend API."
            f" Allowed attributes: {', '.join(sorted(allowed))}"
        )


class SardonyxBackendRep(BackendRep):
    """Holds a session; run(inputs) gives its outputs."""

    def __init__(self, session):
        self._session = session

    def run(self, inputs, **kwargs):
        """inputs: a list in the model's order, or one array for a model of one input. kwargs: fields of RunOptions."""
        options = RunOptions()
        for name, value in kwargs.items():
            set_allowed(options, name, value, _RUN_OPTIONS)
        names = [port.name for port in self._session.get_inputs()]
        if isinstance(inputs, list):
            if len(inputs) > len(names):
                raise RuntimeError(f"the model has {len(names)} inputs, {len(inputs)} were given")
            return self._session.run(None, dict(zip(names, inputs)), options)
        if len(names) != 1:
            raise RuntimeError(f"Model expect {len(names)} inputs")
        return self._session.run(None, {names[0]: inputs}, options)


OnnxRuntimeBackendRep = SardonyxBackendRep  # as programs know it
