// Ctrl-C while the library computes: the signal asks the library to stop, and Python then raises what its handler
// raises.
#pragma once
#include <csignal>
#include <functional>

#include "ort.h"

namespace sardonyx::python {

// Runs `work` without the GIL. On the main thread, SIGINT meanwhile calls `stop(target)`, which must be safe in a
// signal handler. True if that happened; the caller then owes Python a PyErr_CheckSignals. Throws what Python's handler
// raises for a signal that came before.
bool run_interruptible(const std::function<void()>& work, void (*stop)(void*), void* target);
// Remembers which thread is the main one. Called when the module is imported.
void note_main_thread();

}  // namespace sardonyx::python
