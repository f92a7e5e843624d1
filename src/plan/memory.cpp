#include "plan/memory.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <queue>
#include <vector>

#include "base/checked.h"
#include "tensor/buffer.h"

namespace sardonyx {

namespace {

// Free blocks of a growing arena by offset; neighbours are merged.
class FreeList {
 public:
  size_t take(size_t bytes) {
    auto best = free_.end();
    for (auto it = free_.begin(); it != free_.end(); ++it)
      if (it->second >= bytes && (best == free_.end() || it->second < best->second)) best = it;
    if (best != free_.end()) {
      const auto [offset, size] = *best;
      free_.erase(best);
      if (size > bytes) free_.emplace(offset + bytes, size - bytes);
      return offset;
    }
    // Grow, using the free block at the end if there is one.
    size_t offset = end_;
    if (!free_.empty() && free_.rbegin()->first + free_.rbegin()->second == end_) {
      offset = free_.rbegin()->first;
      free_.erase(std::prev(free_.end()));
    }
    end_ = offset + std::min(bytes, SIZE_MAX - offset);  // an arena of SIZE_MAX is refused when it is asked for
    return offset;
  }
  void give(size_t offset, size_t bytes) {
    auto it = free_.emplace(offset, bytes).first;
    if (const auto next = std::next(it); next != free_.end() && offset + bytes == next->first) {
      it->second += next->second;
      free_.erase(next);
    }
    if (it != free_.begin())
      if (const auto prev = std::prev(it); prev->first + prev->second == it->first) {
        prev->second += it->second;
        free_.erase(it);
      }
  }
  size_t end() const { return end_; }

 private:
  std::map<size_t, size_t> free_;
  size_t end_ = 0;
};

}  // namespace

size_t place(std::span<ArenaRequest> requests) {
  using Expiry = std::pair<int32_t, size_t>;  // last step, index
  std::priority_queue<Expiry, std::vector<Expiry>, std::greater<>> live;
  FreeList list;
  for (size_t i = 0; i < requests.size(); ++i) {
    ArenaRequest& r = requests[i];
    while (!live.empty() && live.top().first < r.first) {
      const ArenaRequest& dead = requests[live.top().second];
      list.give(dead.offset, round_up(std::max<size_t>(dead.bytes, 1), kAlignment));
      live.pop();
    }
    r.offset = list.take(round_up(std::max<size_t>(r.bytes, 1), kAlignment));
    live.emplace(r.last, i);
  }
  return list.end();
}

}  // namespace sardonyx
