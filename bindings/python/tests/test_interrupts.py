"""Ctrl-C during runs and while models load. Nothing here waits for a time: what is interrupted would take minutes, and the
signal is sent by a thread that waits for the interpreter's lock, which the main thread gives up only when the library has
begun. The time limit of the subprocess is what fails if an interruption has no effect."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.ours

PRELUDE = """
import os, signal, sys, threading
sys.path.insert(0, {folder!r})
import numpy as np, models, {package} as ort
sys.setswitchinterval(1000)

class Signal:
    '''Sends SIGINT as soon as the main thread gives the interpreter up.'''
    def __enter__(self):
        self.gate = threading.Lock()
        self.gate.acquire()
        self.thread = threading.Thread(target=self.send)
        self.thread.start()
        self.gate.release()
    def send(self):
        self.gate.acquire()
        os.kill(os.getpid(), signal.SIGINT)
    def __exit__(self, *_):
        self.thread.join()

def interrupted(call, *arguments):
    try:
        with Signal():
            call(*arguments)
    except KeyboardInterrupt:
        return True
    return False

ADD = dict(x=np.ones((1, 3), np.float32), y=np.ones(3, np.float32))
def works():
    return ort.InferenceSession(models.ADD).run(None, ADD)[0].tolist() == [[2, 2, 2]]

def resident():
    import gc
    gc.collect()
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
"""


def run_script(text, package):
    code = PRELUDE.format(folder=os.path.dirname(os.path.abspath(__file__)), package=package) + text
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_runs(package):
    text = """
session = ort.InferenceSession(models.slow(10**9))
x = np.zeros((256, 256), np.float32)
value = ort.OrtValue.ortvalue_from_numpy(x)
binding = session.io_binding()
binding.bind_cpu_input("x", x)
binding.bind_output("y")
print(interrupted(session.run, None, {"x": x}))
print(interrupted(session.run, None, {"x": x}, ort.RunOptions()))
print(interrupted(session.run_with_ort_values, None, {"x": value}))
print(interrupted(session.run_with_iobinding, binding))
print(works())
"""
    assert run_script(text, package) == ["True"] * 5


@pytest.mark.parametrize("source", ["bytes", "file"])
def test_loading(package, source, tmp_path):
    text = f"""
model = models.slow_to_fold(100000)
if {source == "file"}:
    with open({str(tmp_path / "model.onnx")!r}, "wb") as file:
        file.write(model)
    model = {str(tmp_path / "model.onnx")!r}
print(interrupted(ort.InferenceSession, model))
print(interrupted(ort.InferenceSession, model))
print(works())
"""
    assert run_script(text, package) == ["True"] * 3


def test_nothing_is_left_behind(package):
    text = """
model = models.slow_to_fold(20000)
session = ort.InferenceSession(models.slow(10**9))
x = np.zeros((256, 256), np.float32)
sizes = []
for _ in range(12):
    assert interrupted(ort.InferenceSession, model)
    assert interrupted(session.run, None, {"x": x})
    sizes.append(resident())
print(sizes[-1] - sizes[3])
"""
    assert int(run_script(text, package)[0]) < 40  # a model that stays is 16 MB, and there are eight


def test_a_handler_that_does_not_raise(package):
    """Loading and running go on after it."""
    text = """
seen = []
signal.signal(signal.SIGINT, lambda *_: seen.append(1))
with Signal():
    session = ort.InferenceSession(models.slow_to_fold(200))
print(len(seen), session.run(None, {})[0].shape == (1, 2048))
session = ort.InferenceSession(models.slow(1500))
with Signal():
    print(session.run(None, {"x": np.zeros((256, 256), np.float32)})[0].any())
print(len(seen))
"""
    assert run_script(text, package) == ["1", "True", "False", "2"]


def test_a_signal_that_came_before(package):
    """A signal that Python has noted but not handled yet stops the call that follows in the same bytecode."""
    text = """
import ctypes
session = ort.InferenceSession(models.slow(10**9))
x = np.zeros((256, 256), np.float32)
class Feed(dict):
    def keys(self):
        ctypes.pythonapi.raise_(signal.SIGINT)  # the handler in C only notes it
        return super().keys()
print(interrupted(lambda: session.run(None, Feed(x=x))))
"""
    assert run_script(text, package) == ["True"]
