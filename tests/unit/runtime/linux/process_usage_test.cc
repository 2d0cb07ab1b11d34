#include "runtime/linux/process_usage.h"

#include <gtest/gtest.h>

#include "runtime/disk.h"
#include "runtime/linux/posix_file.h"

namespace godwit::runtime {
namespace {

TEST(ProcessUsage, KnowsThisProcess) {
  ProcessUsage usage = process_usage();
  EXPECT_GT(usage.resident_bytes, 100'000u);
  EXPECT_GE(usage.cpu_s, 0.0);
  EXPECT_GE(usage.descriptors_open, 3u);
  EXPECT_GT(usage.descriptors_max, usage.descriptors_open);
}

TEST(ProcessUsage, TheDescriptorLimitIsRaisedToWhatIsAllowed) {
  uint64_t limit = raise_descriptor_limit();
  EXPECT_EQ(limit, process_usage().descriptors_max);
}

}  // namespace
}  // namespace godwit::runtime
