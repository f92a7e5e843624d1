"""Runs on many threads, run_async, interruption, fork."""

import os
import signal
import subprocess
import sys
import threading
import time

import models
import numpy as np
import pytest

X = np.ones((2, 3), np.float32)
FEED = {"x": X, "y": np.ones(3, np.float32)}


def test_many_threads_share_a_session(ort):
    session = ort.InferenceSession(models.ADD)
    failures = []

    def work(k):
        feed = {"x": np.full((2, 3), k, np.float32), "y": np.ones(3, np.float32)}
        for _ in range(200):
            if not (session.run(None, feed)[0] == k + 1).all():
                failures.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert failures == []


def test_other_threads_go_on_during_a_run(ort):
    """The interpreter lock is free while the library computes."""
    session = ort.InferenceSession(models.slow(300))
    x = np.eye(256, dtype=np.float32)
    ticks, done = [], threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    start = time.perf_counter()
    session.run(None, {"x": x})
    end = time.perf_counter()
    done.set()
    thread.join()
    assert sum(start < t < end for t in ticks) > 3


def collect(ort, session, names, feed, user_data=None):
    seen, done = [], threading.Event()

    def callback(results, data, error):
        seen.append((results, data, error, threading.current_thread() is threading.main_thread()))
        done.set()

    session.run_async(names, feed, callback, user_data)
    assert done.wait(10)
    return seen[0]


def test_async(ort):
    session = ort.InferenceSession(models.ADD)
    marker = object()
    results, data, error, on_main = collect(ort, session, None, FEED, marker)
    np.testing.assert_array_equal(results[0], X + 1)
    assert data is marker and error == "" and not on_main


def test_async_errors(ort):
    session = ort.InferenceSession(models.ADD)
    results, _, error, _ = collect(ort, session, None, {**FEED, "x": X.astype(np.float64)})
    assert results == [] and "Unexpected input data type" in error
    with pytest.raises(TypeError):
        session.run_async(None, FEED, "not callable", None)
    with pytest.raises(ValueError, match="are missing from input feed"):
        session.run_async(None, {}, print, None)


def test_async_many(ort):
    session = ort.InferenceSession(models.ADD)
    count, lock, done = [0], threading.Lock(), threading.Event()

    def callback(results, k, error):
        with lock:
            count[0] += int((results[0] == k + 1).all())
            if count[0] == 50:
                done.set()

    for k in range(50):
        session.run_async(None, {"x": np.full((2, 3), k, np.float32), "y": FEED["y"]}, callback, k)
    assert done.wait(20)


def test_async_outlives_its_session(ort):
    session = ort.InferenceSession(models.ADD)
    done = threading.Event()
    session.run_async(None, {k: v.copy() for k, v in FEED.items()}, lambda *_: done.set(), None)
    del session
    assert done.wait(10)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_async_callback_that_raises(ort):
    session = ort.InferenceSession(models.ADD)
    raised, called = [], threading.Event()
    previous = sys.unraisablehook

    def callback(*_):
        called.set()
        raise ValueError("from the callback")

    try:
        sys.unraisablehook = lambda info: raised.append(info.exc_value)
        session.run_async(None, FEED, callback, None)
        assert called.wait(10)
        deadline = time.time() + 5
        while not raised and time.time() < deadline:
            time.sleep(0.01)
    finally:
        sys.unraisablehook = previous
    assert isinstance(raised[0], ValueError)
    np.testing.assert_array_equal(session.run(None, FEED)[0], X + 1)


def test_terminate_from_another_thread(ort, state):
    session = ort.InferenceSession(models.slow(100000))
    options = ort.RunOptions()
    threading.Timer(0.2, lambda: setattr(options, "terminate", True)).start()
    start = time.perf_counter()
    with pytest.raises(state.Fail, match="terminate flag"):
        session.run(None, {"x": np.zeros((256, 256), np.float32)}, options)
    assert time.perf_counter() - start < 5


INTERRUPTED = """
import os, signal, sys, threading, time
sys.path.insert(0, {folder!r})
import numpy as np, models, {package} as ort
session = ort.InferenceSession(models.slow(100000))
calls = []
if {handler}:
    signal.signal(signal.SIGINT, lambda *_: calls.append(1))
x = np.zeros((256, 256), np.float32)
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
start = time.perf_counter()
try:
    if {handler}:
        session = ort.InferenceSession(models.slow(1500))
        while not calls and time.perf_counter() - start < 20:
            session.run(None, {{"x": x}})
    else:
        session.run(None, {{"x": x}})
    print("finished", len(calls))
except KeyboardInterrupt:
    print("interrupted", time.perf_counter() - start < 5)
session = ort.InferenceSession(models.ADD)
print(session.run(None, {{"x": np.ones((1, 3), np.float32), "y": np.ones(3, np.float32)}})[0].tolist())
"""


def run_script(text, package, **fields):
    code = text.format(folder=os.path.dirname(os.path.abspath(__file__)), package=package, **fields)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.ours
def test_ctrl_c_stops_a_run(package):
    assert run_script(INTERRUPTED, package, handler=False) == "interrupted True\n[[2.0, 2.0, 2.0]]\n"


@pytest.mark.ours
def test_a_handler_that_does_not_raise_lets_the_run_finish(package):
    assert run_script(INTERRUPTED, package, handler=True) == "finished 1\n[[2.0, 2.0, 2.0]]\n"


FORKED = """
import os, sys
sys.path.insert(0, {folder!r})
import numpy as np, models, {package} as ort
options = ort.SessionOptions()
options.intra_op_num_threads = {threads}
session = ort.InferenceSession(models.MATMUL, options)
a = np.random.rand(512, 512).astype(np.float32)
want = session.run(None, {{"a": a, "b": a}})[0]
child = os.fork()
if child == 0:
    same = (session.run(None, {{"a": a, "b": a}})[0] == want).all()
    other = ort.InferenceSession(models.MATMUL).run(None, {{"a": a, "b": a}})[0]
    os._exit(0 if same and np.allclose(other, want) else 3)
status = os.waitpid(child, 0)[1]
print(os.waitstatus_to_exitcode(status), (session.run(None, {{"a": a, "b": a}})[0] == want).all())
"""


@pytest.mark.ours
@pytest.mark.parametrize("threads", [0, 1, 2])
def test_fork(package, threads):
    assert run_script(FORKED, package, threads=threads) == "0 True\n"


@pytest.mark.ours
def test_spawned_processes_get_the_session(package):
    text = """
import multiprocessing, sys
sys.path.insert(0, {folder!r})
import numpy as np, models, {package} as ort
if __name__ == "__main__":
    session = ort.InferenceSession(models.ADD)
    import pickle, subprocess
    code = "import pickle, sys, numpy as np; s = pickle.load(sys.stdin.buffer); print(s.run(None, {{'x': np.ones((1, 3), np.float32), 'y': np.ones(3, np.float32)}})[0].tolist())"
    print(subprocess.run([sys.executable, "-c", code], input=pickle.dumps(session), capture_output=True, check=True).stdout.decode(), end="")
"""
    assert run_script(text, package) == "[[2.0, 2.0, 2.0]]\n"


@pytest.mark.differs("ONNX Runtime can crash at exit while callbacks are still to come")
def test_exit_with_live_sessions(package):
    text = """
import sys
sys.path.insert(0, {folder!r})
import numpy as np, models, {package} as ort
session = ort.InferenceSession(models.ADD)
out = session.run(None, {{"x": np.ones((1, 3), np.float32), "y": np.ones(3, np.float32)}})
for _ in range(20):
    session.run_async(None, {{"x": np.ones((1, 3), np.float32), "y": np.ones(3, np.float32)}}, lambda *a: None, None)
print("done")
"""
    assert run_script(text, package) == "done\n"
