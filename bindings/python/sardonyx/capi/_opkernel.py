"""What onnxruntime_pybind11_state.opkernel is: descriptions of kernels."""

from __future__ import annotations

from sardonyx.capi._operators import operators

_NEWEST = 2**31 - 1


class KernelDef:
    """An operator that the CPU runs: which versions of it, and for which types. Made by get_all_opkernel_def only."""

    domain: str
    op_name: str
    provider: str
    type_constraints: dict[str, list[str]]
    version_range: tuple[int, int]

    def __init__(self) -> None:
        raise TypeError("KernelDef: no constructor")

    @staticmethod
    def _from(operator: dict) -> KernelDef:
        out = object.__new__(KernelDef)
        out.domain = operator["domain"]
        out.op_name = operator["name"]
        out.provider = "CPUExecutionProvider"
        out.type_constraints = {t["name"]: t["types"] for t in operator["types"] if t["types"]}
        out.version_range = (operator["first"], _NEWEST)
        return out


def get_all_opkernel_def() -> list[KernelDef]:
    """Every operator with a kernel, one entry each. Older versions are brought up to the newest when a model is loaded, so a
    kernel serves every version since the first; the types are all that the operator has."""
    return [KernelDef._from(o) for o in operators() if o["kernels"] or o["view"] or o["body"]]
