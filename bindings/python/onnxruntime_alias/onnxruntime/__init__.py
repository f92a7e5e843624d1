"""The name onnxruntime for the package sardonyx: every module of it is found under both names, and is one module."""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys

import sardonyx as _sardonyx

_HERE, _THERE = "onnxruntime", "sardonyx"


class _Loader(importlib.abc.Loader):
    def __init__(self, name):
        self.name = name

    def create_module(self, spec):
        module = importlib.import_module(_THERE + self.name[len(_HERE) :])
        self.spec = module.__spec__
        return module

    def exec_module(self, module):
        module.__spec__ = self.spec


class _Finder(importlib.abc.MetaPathFinder):
    """onnxruntime.x.y is sardonyx.x.y."""

    def find_spec(self, fullname, path=None, target=None):
        if not fullname.startswith(_HERE + "."):
            return None
        if importlib.util.find_spec(_THERE + fullname[len(_HERE) :]) is None:
            return None
        return importlib.machinery.ModuleSpec(fullname, _Loader(fullname), is_package=True)


sys.meta_path.insert(0, _Finder())
globals().update({name: value for name, value in vars(_sardonyx).items() if not name.startswith("__")})
__version__ = _sardonyx.__version__
__all__ = list(_sardonyx.__all__)


def __getattr__(name):
    return getattr(_sardonyx, name)
