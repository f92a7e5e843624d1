#include "abi/every_slot.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <map>
#include <string_view>
#include <type_traits>

namespace abi_test {

namespace {

constexpr size_t kRegion = 4096;
constexpr int kMostParameters = 16;

// Zeros that functions may read and write: a region per parameter.
Word scratch(int parameter) {
  alignas(64) static char regions[kMostParameters][kRegion];
  return reinterpret_cast<Word>(regions[parameter]);
}

std::map<const void*, std::vector<void*>>& objects() {
  static auto& all = *new std::map<const void*, std::vector<void*>>;  // the objects live until the process ends
  return all;
}

void* nothing() { return nullptr; }  // stands for callbacks of every type

Word two_texts(int) {
  static const char* const texts[] = {"x", "x"};
  return reinterpret_cast<Word>(texts);
}

template <class T>
Word ones() {
  static const auto values = [] {
    std::array<T, 16> v;
    for (T& x : v) x = static_cast<T>(1);
    return v;
  }();
  return reinterpret_cast<Word>(values.data());
}

// What the type of a parameter tells; plain data, because there are some two thousand of them.
struct TypeFacts {
  Kind kind = Kind::kNumber;
  int bytes = 0;
  bool is_signed = false;
  const void* key = nullptr;
  Word (*valid)(int index) = nullptr;
};

template <class A>
constexpr TypeFacts facts() {
  using T = std::remove_pointer_t<A>;
  using U = std::remove_cv_t<T>;
  if constexpr (!std::is_pointer_v<A>) {
    return {Kind::kNumber, sizeof(A), A(-1) < A(0), nullptr, [](int) -> Word { return 1; }};
  } else if constexpr (std::is_function_v<T>) {
    return {Kind::kPointer, 0, false, nullptr, [](int) { return reinterpret_cast<Word>(&nothing); }};
  } else if constexpr (std::is_pointer_v<U> && std::is_const_v<T>) {
    using Element = std::remove_cv_t<std::remove_pointer_t<U>>;
    if constexpr (std::is_same_v<Element, char>) return {Kind::kPointerArray, 0, false, nullptr, two_texts};
    return {Kind::kPointerArray, 0, false, &kTypeKey<Element>, nullptr};
  } else if constexpr (std::is_class_v<U>) {
    return {Kind::kObject, 0, false, &kTypeKey<U>, nullptr};
  } else if constexpr (std::is_same_v<T, const char>) {
    return {Kind::kPointer, 0, false, nullptr, [](int) { return reinterpret_cast<Word>("x"); }};
  } else if constexpr (std::is_const_v<T> && (std::is_arithmetic_v<U> || std::is_enum_v<U>)) {
    return {Kind::kPointer, 0, false, nullptr, [](int) { return ones<U>(); }};
  } else {
    return {Kind::kPointer, 0, false, nullptr, scratch};
  }
}

template <class A>
A from_word(Word w) {
  if constexpr (std::is_pointer_v<A>)
    return reinterpret_cast<A>(w);
  else
    return static_cast<A>(w);
}

template <class F>
struct Glue;
template <class R, class... A>
struct Glue<R(ORT_API_CALL*)(A...)> {
  static constexpr bool kStatus = std::is_same_v<R, OrtStatus*>;
  static constexpr size_t kCount = sizeof...(A);
  static constexpr TypeFacts kFacts[kCount + 1] = {facts<A>()...};
  static OrtStatus* call(void* function, const Word* words) {
    return call(function, words, std::index_sequence_for<A...>());
  }

 private:
  template <size_t... I>
  static OrtStatus* call(void* function, [[maybe_unused]] const Word* words, std::index_sequence<I...>) {
    const auto f = reinterpret_cast<R(ORT_API_CALL*)(A...)>(function);
    if constexpr (kStatus) return f(from_word<A>(words[I])...);
    f(from_word<A>(words[I])...);
    return nullptr;
  }
};

struct Row {
  const char *table, *name;
  bool returns_status;
  size_t count;
  const TypeFacts* facts;
  OrtStatus* (*call)(void* function, const Word* words);
  uint32_t needed;
  uint64_t arrays;
  const char* names;
};
using Table_api = OrtApi;
using Table_model_editor = OrtModelEditorApi;
using Table_compile = OrtCompileApi;
using Table_interop = OrtInteropApi;
using Table_ep = OrtEpApi;
#define SDX_SLOT(ns, Name, Returns, Parameters, needed, arrays, names) \
  {#ns,                                                                \
   #Name,                                                              \
   Glue<decltype(Table_##ns::Name)>::kStatus,                          \
   Glue<decltype(Table_##ns::Name)>::kCount,                           \
   Glue<decltype(Table_##ns::Name)>::kFacts,                           \
   Glue<decltype(Table_##ns::Name)>::call,                             \
   needed,                                                             \
   arrays,                                                             \
   names},
constexpr Row kRows[] = {
#include "capi/slots.inc"
};
#undef SDX_SLOT

Slot slot_of(const Row& row, void* function) {
  Slot s;
  s.table = row.table, s.name = row.name, s.function = function;
  s.returns_status = row.returns_status, s.call_words = row.call;
  std::string_view names = row.names;
  for (size_t i = 0; i < row.count; ++i) {
    const TypeFacts& f = row.facts[i];
    const size_t end = std::min(names.find(','), names.size());
    Parameter p{std::string(names.substr(0, end)), f.kind, f.bytes, f.is_signed};
    p.needed = (row.needed >> i & 1) != 0, p.key = f.key;
    if (f.valid != nullptr) p.valid = f.valid(static_cast<int>(i));
    s.parameters.push_back(std::move(p));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  for (uint64_t arrays = row.arrays; arrays != 0; arrays >>= 8) {
    s.parameters[arrays >> 4 & 15].length = static_cast<int>(arrays & 15);
    s.parameters[arrays & 15].counts = true;
  }
  return s;
}

void* const* functions_of(std::string_view table) {
  const void* functions = &api();
  if (table == "model_editor") functions = api().GetModelEditorApi();
  if (table == "compile") functions = api().GetCompileApi();
  if (table == "interop") functions = api().GetInteropApi();
  if (table == "ep") functions = api().GetEpApi();
  return static_cast<void* const*>(functions);
}

// What a child tells its parent.
struct Report {
  bool returned;
  int code;
  char text[512];
};
Report* shared_report() {
  static Report* const report =
      static_cast<Report*>(mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  return report;
}

}  // namespace

std::vector<Slot> every_slot() {
  std::vector<Slot> all;
  size_t entry = 0;
  std::string_view table;
  for (const Row& row : kRows) {
    if (row.table != table) table = row.table, entry = 0;
    all.push_back(slot_of(row, functions_of(table)[entry++]));
  }
  return all;
}

std::vector<Word> Slot::arguments() const {
  std::vector<Word> words;
  for (const Parameter& p : parameters) {
    Word w = p.valid;
    if (p.key != nullptr) {
      if (provided_objects(p.key).empty()) return {};
      void* object = provided_objects(p.key)[0];
      w = reinterpret_cast<Word>(object);
      if (p.kind == Kind::kPointerArray) {
        void** array = reinterpret_cast<void**>(scratch(static_cast<int>(&p - parameters.data())));
        array[0] = object;
        w = reinterpret_cast<Word>(array);
      }
    }
    words.push_back(w);
  }
  if (words.empty()) words.push_back(0);  // a function without parameters
  return words;
}
std::vector<std::string> Slot::missing() const {
  std::vector<std::string> names;
  for (const Parameter& p : parameters)
    if (p.key != nullptr && provided_objects(p.key).empty()) names.push_back(p.name);
  return names;
}

void provide_object(const void* key, void* object) {
  if (object != nullptr) objects()[key].push_back(object);
}
void forget_objects(const void* key) { objects()[key].clear(); }
const std::vector<void*>& provided_objects(const void* key) { return objects()[key]; }

Outcome call_in_child(const Slot& slot, const std::vector<Word>& words) {
  Report& report = *shared_report();
  report.returned = false;
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    const Error e = slot.call(words);
    report.code = e.code;
    std::snprintf(report.text, sizeof report.text, "%s", e.text.c_str());
    report.returned = true;
    _exit(0);
  }
  int state = 0;
  Outcome o;
  if (child < 0 || waitpid(child, &state, 0) != child) return {true, "no child process", {}};
  o.crashed = !WIFEXITED(state) || WEXITSTATUS(state) != 0 || !report.returned;
  if (WIFSIGNALED(state)) o.how = "signal " + std::to_string(WTERMSIG(state));
  if (WIFEXITED(state)) o.how = "exit code " + std::to_string(WEXITSTATUS(state));
  if (!o.crashed) o.error = {static_cast<OrtErrorCode>(report.code), report.text};
  return o;
}

}  // namespace abi_test
