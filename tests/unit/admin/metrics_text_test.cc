#include "admin/metrics_text.h"

#include <gtest/gtest.h>

namespace godwit::admin {
namespace {

TEST(MetricsText, OneHeadForASeries) {
  std::vector<Metric> metrics{{"connections", "Connections open", false, 2, label("protocol", "amqp")},
                              {"connections", "Connections open", false, 3, label("protocol", "kafka")},
                              {"messages_total", "Messages", true, 10'000'000}};
  EXPECT_EQ(metrics_text(metrics),
            "# HELP godwit_connections Connections open\n# TYPE godwit_connections gauge\n"
            "godwit_connections{protocol=\"amqp\"} 2\ngodwit_connections{protocol=\"kafka\"} 3\n"
            "# HELP godwit_messages_total Messages\n# TYPE godwit_messages_total counter\n"
            "godwit_messages_total 10000000\n");
}

TEST(MetricsText, LabelsAreEscaped) { EXPECT_EQ(label("queue", "a\"b\\c\nd"), "queue=\"a\\\"b\\\\c\\nd\""); }

TEST(MetricsText, FractionsStay) {
  EXPECT_EQ(metrics_text({{"cpu", "x", true, 1.25}}),
            "# HELP godwit_cpu x\n# TYPE godwit_cpu counter\ngodwit_cpu 1.25\n");
}

}  // namespace
}  // namespace godwit::admin
