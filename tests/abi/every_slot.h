// Every slot of every table as data: its parameters, and a way to call it with words in place of arguments. Made from
// src/capi/slots.inc, so a new slot is covered without a line here.
#pragma once
#include "abi/abi.h"

namespace abi_test {

using Word = uintptr_t;  // one argument: a pointer or a number

enum class Kind { kPointer, kObject, kPointerArray, kNumber };

struct Parameter {
  std::string name;
  Kind kind = Kind::kNumber;
  int bytes = 0;              // of a number
  bool is_signed = false;     // of a number
  bool needed = false;        // must not be null
  int length = -1;            // the parameter that counts the elements of this one, which may be null if that is 0
  bool counts = false;        // the length of another
  const void* key = nullptr;  // of an object's type
  Word valid = 0;             // an argument that can be used; objects have none yet
};

struct Slot {
  std::string table, name;
  bool returns_status = false;
  std::vector<Parameter> parameters;
  void* function = nullptr;
  OrtStatus* (*call_words)(void* function, const Word* words) = nullptr;

  Error call(const std::vector<Word>& words) const { return take(call_words(function, words.data())); }
  // Valid arguments; objects are looked up among those provided. Empty if one of them is missing.
  std::vector<Word> arguments() const;
  // The parameters whose objects nobody provided.
  std::vector<std::string> missing() const;
};

// Of the library under test.
std::vector<Slot> every_slot();

// Objects that calls are made with; the first of a type is the usual one.
template <class T>
inline char kTypeKey = 0;
void provide_object(const void* key, void* object);
void forget_objects(const void* key);
const std::vector<void*>& provided_objects(const void* key);
template <class T>
void provide(T* object) {
  provide_object(&kTypeKey<std::remove_const_t<T>>, const_cast<std::remove_const_t<T>*>(object));
}
// Forgets those given before, which are no more.
template <class T>
void provide_only(T* object) {
  forget_objects(&kTypeKey<std::remove_const_t<T>>);
  provide(object);
}

// What a call came to that a child process made.
struct Outcome {
  bool crashed = false;
  std::string how;  // the signal or exit code
  Error error;
};
Outcome call_in_child(const Slot& slot, const std::vector<Word>& words);

}  // namespace abi_test
