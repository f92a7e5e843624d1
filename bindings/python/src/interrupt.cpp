#include "interrupt.h"

#include <pthread.h>

#include <atomic>

namespace sardonyx::python {
namespace {

// Only the main thread writes these, and the handler runs on whatever thread the kernel picks, so they are atomic.
std::atomic<void (*)(void*)> g_stop{nullptr};
std::atomic<void*> g_target{nullptr};
std::atomic<bool> g_interrupted{false};
struct sigaction g_previous;
unsigned long g_main_thread = 0;

void on_interrupt(int number, siginfo_t* info, void* context) {
  g_interrupted.store(true);
  if (auto stop = g_stop.load()) stop(g_target.load());
  if (g_previous.sa_flags & SA_SIGINFO)
    g_previous.sa_sigaction(number, info, context);
  else if (g_previous.sa_handler != SIG_IGN && g_previous.sa_handler != SIG_DFL)
    g_previous.sa_handler(number);
}

// Python's handler is installed: neither the default action nor "ignore", which both stay in force.
bool python_handles(const struct sigaction& a) {
  return (a.sa_flags & SA_SIGINFO) || (a.sa_handler != SIG_DFL && a.sa_handler != SIG_IGN);
}

}  // namespace

void note_main_thread() {
  const nb::object ident = nb::module_::import_("threading").attr("main_thread")().attr("ident");
  g_main_thread = nb::cast<unsigned long>(ident);
}

bool run_interruptible(const std::function<void()>& work, void (*stop)(void*), void* target) {
  const bool watched = static_cast<unsigned long>(pthread_self()) == g_main_thread && !g_stop.load();
  struct sigaction current {};
  if (!watched || sigaction(SIGINT, nullptr, &current) != 0 || !python_handles(current)) {
    const nb::gil_scoped_release released;
    work();
    return false;
  }
  g_previous = current;
  g_target = target;
  g_interrupted = false;
  g_stop = stop;
  struct sigaction ours = current;
  ours.sa_flags = (current.sa_flags | SA_SIGINFO) & ~SA_RESETHAND;
  ours.sa_sigaction = on_interrupt;
  sigaction(SIGINT, &ours, nullptr);
  const auto unwatch = [&] {
    sigaction(SIGINT, &current, nullptr);
    g_stop = nullptr;
  };
  // A signal that came before the handler was ours has set no flag; its turn is now.
  if (PyErr_CheckSignals() != 0) {
    unwatch();
    throw nb::python_error();
  }
  const nb::gil_scoped_release released;
  work();
  unwatch();
  return g_interrupted.load();
}

}  // namespace sardonyx::python
