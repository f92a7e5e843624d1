"""What a package offers: every public name of its modules and classes, with the arguments that have names.

    python surface.py onnxruntime > onnxruntime_1.30.tsv

writes the table that test_surface.py compares with.
"""

import enum
import importlib
import inspect
import sys

MODULES = (
    "",
    "backend",
    "backend.backend",
    "backend.backend_rep",
    "capi.build_and_package_info",
    "capi.onnxruntime_inference_collection",
    "capi.onnxruntime_pybind11_state",
    "capi._pybind_state",
    "capi.onnxruntime_validation",
    "datasets",
)
# Special methods that programs use by calling a function or an operator.
SPECIAL = {"__array__", "__dlpack__", "__dlpack_device__", "__getitem__", "__iter__", "__len__"}


def signature(function):
    """The parameters as "name", "name=default", "*", "**"; "" where an extension module does not tell."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return ""
    return ", ".join(_parameter(p) for p in parameters)


def _parameter(p):
    prefix = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
    if p.default is p.empty:
        return prefix + p.name
    default = p.default
    if isinstance(default, enum.Enum) or type(default).__module__.startswith("onnxruntime"):
        default = getattr(default, "name", str(default)).rpartition(".")[2]
    elif not isinstance(default, (int, str, float, type(None), bool)):
        default = type(default).__name__
    else:
        default = repr(default)
    return f"{p.name}={default}"


def members(owner):
    for name in sorted(dir(owner)):
        if name.startswith("_") and name not in SPECIAL:
            continue
        if inspect.isclass(owner) and hasattr(owner, "__members__") and name in ("name", "value"):
            continue  # of enumerations, on whose classes not every library shows them
        if inspect.isclass(owner) and issubclass(owner, BaseException) and hasattr(BaseException, name):
            continue  # more of them in later versions of Python
        yield name, getattr(owner, name)


def rows(package, again=False):
    """(module, name, kind, signature or value), without what a module only imported. Classes are described where they come
    first, or everywhere if `again`."""
    seen = set()
    for module_name in MODULES:
        module = importlib.import_module(f"{package}.{module_name}" if module_name else package)
        for name, value in members(module):
            home = getattr(value, "__module__", None)
            if inspect.ismodule(value) or (isinstance(home, str) and not home.startswith((package, "pybind11"))):
                continue
            if inspect.isclass(value) and value in seen and not again:
                yield module_name, name, "enum" if hasattr(value, "__members__") else "class", ""
                continue
            if inspect.isclass(value):
                seen.add(value)
            yield from describe(module_name, name, value)


def describe(module, name, value):
    if inspect.isclass(value):
        if hasattr(value, "__members__"):
            yield module, name, "enum", ""
            for label, item in value.__members__.items():
                yield module, f"{name}.{label}", "value", str(int(getattr(item, "value", item)))
            return
        own = "__init__" in vars(value) and inspect.isfunction(vars(value)["__init__"])
        yield module, name, "class", signature(value) if own else ""
        for member, inner in members(value):
            yield from describe(module, f"{name}.{member}", inner)
    elif callable(value):
        yield module, name, "function", signature(value)
    else:
        yield module, name, "attribute", ""


if __name__ == "__main__":
    for row in rows(sys.argv[1]):
        print("\t".join(row))
