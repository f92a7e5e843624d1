"""A prepared model."""

from __future__ import annotations

from sardonyx import RunOptions

try:
    from onnx.backend.base import BackendRep
except ImportError:  # the interface is usable without the onnx package
    BackendRep = object

_RUN_OPTIONS = frozenset({"log_severity_level", "log_verbosity_level", "only_execute_path_to_fetches", "logid"})


class SardonyxBackendRep(BackendRep):
    """Holds a session; run(inputs) gives its outputs."""

    def __init__(self, session):
        self._session = session

    def run(self, inputs, **kwargs):
        """inputs: a list in the model's order, or one array for a model of one input. kwargs: fields of RunOptions."""
        options = RunOptions()
        for name, value in kwargs.items():
            if name not in _RUN_OPTIONS:
                raise RuntimeError(f"'{name}' is not an option of a run; they are {', '.join(sorted(_RUN_OPTIONS))}")
            setattr(options, name, value)
        names = [port.name for port in self._session.get_inputs()]
        if isinstance(inputs, list):
            if len(inputs) > len(names):
                raise RuntimeError(f"the model has {len(names)} inputs, {len(inputs)} were given")
            return self._session.run(None, dict(zip(names, inputs)), options)
        if len(names) != 1:
            raise RuntimeError(f"Model expect {len(names)} inputs")
        return self._session.run(None, {names[0]: inputs}, options)
