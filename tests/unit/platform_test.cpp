#include "base/platform.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace sardonyx::platform {
namespace {

class TempFile {
 public:
  explicit TempFile(const std::string& text) {
    char name[] = "/tmp/sardonyx_platform_XXXXXX";
    file_ = mkstemp(name);
    unlink(name);
    if (file_ >= 0 && write(file_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) ADD_FAILURE();
  }
  ~TempFile() { close(file_); }
  int get() const { return file_; }

 private:
  int file_;
};

TEST(Platform, FilesAreMapped) {
  std::string text(100000, 'x');
  text.back() = 'y';
  const TempFile file(text);
  ASSERT_GE(file.get(), 0);
  const void* p = map_file(file.get(), text.size());
  ASSERT_NE(p, nullptr);
  EXPECT_EQ(std::memcmp(p, text.data(), text.size()), 0);
  unmap_file(p, text.size());
}

TEST(Platform, WhatCannotBeMappedSaysWhy) {
  errno = 0;
  EXPECT_EQ(map_file(-1, 10), nullptr);
  EXPECT_EQ(errno, EBADF);
}

TEST(Platform, MemoryAndPages) {
  EXPECT_GE(memory_bytes(), size_t{1} << 24);
  EXPECT_TRUE(std::has_single_bit(page_bytes()));
  EXPECT_GE(page_bytes(), 4096u);
}

TEST(Platform, CpuMask) {
  CpuMask m;
  EXPECT_TRUE(m.none());
  m.set(0);
  m.set(CpuMask::kMost - 1);
  m.set(CpuMask::kMost);  // beyond what is counted: ignored
  m.reset(0);
  EXPECT_FALSE(m.none());
  m.reset(CpuMask::kMost - 1);
  EXPECT_TRUE(m.none());
}

TEST(Platform, Cpus) {
  EXPECT_GE(count_allowed_cpus(), 1);
  const CpuMask allowed = allowed_cpus();
  int n = 0;
  for (const uint64_t word : allowed.words) n += std::popcount(word);
  if (n > 0) {
    EXPECT_EQ(n, count_allowed_cpus());
  }
}

TEST(Platform, ThreadsWaitAndAreWoken) {
  struct Shared {
    std::atomic<uint32_t> word{0};
    std::atomic<uint32_t> answer{0};
  } shared;
  const auto work = [](void* p) -> void* {
    Shared& s = *static_cast<Shared*>(p);
    while (s.word.load() == 0) wait_while(s.word, 0);
    s.answer.store(s.word.load() + 1);
    return nullptr;
  };
  ThreadHandle handle = 0;
  bool started = false;
  with_signals_blocked([&] { started = start_thread(handle, work, &shared); });
  if (!started) GTEST_SKIP() << "this system has no threads";
  keep_thread_on(handle, allowed_cpus());
  usleep(1000);
  shared.word.store(41);
  wake(shared.word, 1);
  join_thread(handle);
  EXPECT_EQ(shared.answer.load(), 42u);
}

}  // namespace
}  // namespace sardonyx::platform
