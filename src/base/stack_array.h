// StackArray<T, N>: an array whose length is set when it is made; on the stack up to N elements, else on the heap.
#pragma once
#include <cstddef>
#include <memory>
#include <new>
#include <span>

namespace sardonyx {

template <class T, size_t N>
class StackArray {
 public:
  explicit StackArray(size_t count) : count_(count), first_(count <= N ? place() : new T[count]) {
    if (count <= N) std::uninitialized_value_construct_n(first_, count);
  }
  ~StackArray() {
    if (count_ > N)
      delete[] first_;
    else
      std::destroy_n(first_, count_);
  }
  StackArray(const StackArray&) = delete;
  StackArray& operator=(const StackArray&) = delete;

  size_t size() const { return count_; }
  T& operator[](size_t i) { return first_[i]; }
  T* begin() { return first_; }
  T* end() { return first_ + count_; }
  std::span<T> all() { return {first_, count_}; }

 private:
  T* place() { return std::launder(reinterpret_cast<T*>(store_)); }

  alignas(T) std::byte store_[N * sizeof(T)];
  size_t count_;
  T* first_;
};

}  // namespace sardonyx
