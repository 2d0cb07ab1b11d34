#include "storage/damage.h"

#include <gtest/gtest.h>

namespace godwit::storage {
namespace {

TEST(Damage, SaysWhichFileAndThatOnlyACopyHelps) {
  Error error = unreadable("blobs/x", {ErrorCode::kCorrupt, "it fails its check"}).error();
  EXPECT_EQ(error.code, ErrorCode::kCorrupt);
  EXPECT_EQ(error.message,
            "blobs/x: it fails its check. Restore the data directory from a copy: --repair cannot mend this.");
}

TEST(Damage, OtherErrorsAreNone) {
  Error error = unreadable("journal", {ErrorCode::kUnsupported, "version 9"}).error();
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_EQ(error.message, "journal: version 9");
}

}  // namespace
}  // namespace godwit::storage
