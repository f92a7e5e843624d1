#include "parallel/cpu_count.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace sardonyx {
namespace {

namespace fs = std::filesystem;

// A folder that looks like a cgroup mount.
class QuotaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "sardonyx_cgroup_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    mount_ = name;
  }
  void TearDown() override { fs::remove_all(mount_); }
  void put(const std::string& file, const std::string& text) {
    fs::create_directories((mount_ / file).parent_path());
    std::ofstream(mount_ / file) << text;
  }
  int quota(const std::string& membership) { return quota_cpus(membership, mount_.string()); }

  fs::path mount_;
};

TEST_F(QuotaTest, NoFilesMeansNoQuota) {
  EXPECT_EQ(quota(""), 0);
  EXPECT_EQ(quota("0::/\n"), 0);
  EXPECT_EQ(quota("0::/user.slice/a\n4:cpu,cpuacct:/b\n"), 0);
  EXPECT_EQ(quota("nonsense\n:\n0:\n"), 0);
}

TEST_F(QuotaTest, Version2RoundsUpAndTakesTheSmallestOnThePath) {
  put("cpu.max", "max 100000\n");
  EXPECT_EQ(quota("0::/\n"), 0);
  put("pod/cpu.max", "350000 100000\n");
  EXPECT_EQ(quota("0::/pod\n"), 4);
  put("pod/box/cpu.max", "800000 100000\n");
  EXPECT_EQ(quota("0::/pod/box\n"), 4);
  put("pod/box/cpu.max", "50000 100000\n");
  EXPECT_EQ(quota("0::/pod/box\n"), 1);
  EXPECT_EQ(quota("0::/pod/box/missing/deeper"), 1);
  put("cpu.max", "200000 100000");
  EXPECT_EQ(quota("0::/seen/only/by/the/host\n"), 2);
}

TEST_F(QuotaTest, Version1ReadsTheCpuController) {
  put("cpu,cpuacct/box/cpu.cfs_quota_us", "250000\n");
  put("cpu,cpuacct/box/cpu.cfs_period_us", "100000\n");
  put("cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  put("cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota("7:memory:/box\n4:cpu,cpuacct:/box\n"), 3);
  EXPECT_EQ(quota("4:cpu,cpuacct:/\n"), 0);
  EXPECT_EQ(quota("4:cpuset,memory:/box\n"), 0);
  put("cpu/box/cpu.cfs_quota_us", "100000\n");
  put("cpu/box/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota("4:cpuacct,cpu:/box\n"), 1);
}

TEST_F(QuotaTest, UnusableNumbersAreNoQuota) {
  for (const char* text : {"", "max", "0 100000", "-1 100000", "100000 0", "x y", "100000"}) {
    put("cpu.max", text);
    EXPECT_EQ(quota("0::/\n"), 0) << text;
  }
}

TEST(CpuCount, IsWithinTheAffinityMask) {
  EXPECT_GE(count_cpus(), 1);
  EXPECT_LE(count_cpus(), affinity_cpus());
}

}  // namespace
}  // namespace sardonyx
