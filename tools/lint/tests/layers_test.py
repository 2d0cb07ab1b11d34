import unittest

from checks import layers
from planted import PlantedTest


class LayersTest(PlantedTest):
    own = (layers.TABLE,)

    def test_includes_that_the_table_allows(self):
        self.assert_found(layers, {
            "src/base/result.h": "#pragma once\n#include <fmt/format.h>\n#include <expected>\n",
            "src/broker/api.h": "#pragma once\n",
            "src/engine/queue.cc": '#include "base/result.h"\n#include "engine/queue.h"\n',
            "src/engine/queue.h": "#pragma once\n",
            "src/protocol/frame.h": "#pragma once\n",
            "src/protocol/kafka/session.cc": '#include "broker/api.h"\n#include "protocol/frame.h"\n',
            "src/runtime/files.cc": "#include <unistd.h>\n#include <sys/stat.h>\n#include <boost/asio.hpp>\n",
            "src/server/main.cc": '#include "engine/queue.h"\n#include <boost/asio.hpp>\n#include <signal.h>\n',
        })

    def test_an_include_against_the_direction(self):
        self.assert_found(layers, {
            "src/engine/queue.h": "#pragma once\n",
            "src/base/result.h": '#pragma once\n\n#include "engine/queue.h"\n',
        }, "src/base/result.h:3")

    def test_an_engine_that_reaches_for_the_runtime(self):
        self.assert_found(layers, {
            "src/runtime/clock.h": "#pragma once\n",
            "src/engine/queue.cc": '#include "runtime/clock.h"\n',
        }, "src/engine/queue.cc:1")

    def test_a_closed_header_of_a_module_with_open_ones(self):
        self.assert_found(layers, {
            "src/broker/machine.h": "#pragma once\n",
            "src/protocol/kafka/session.cc": '#include "broker/machine.h"\n',
        }, "src/protocol/kafka/session.cc:1")

    def test_a_translator_that_reaches_another(self):
        self.assert_found(layers, {
            "src/protocol/kafka/varint.h": "#pragma once\n",
            "src/protocol/amqp091/codec.cc": '#include "protocol/kafka/varint.h"\n',
        }, "src/protocol/amqp091/codec.cc:1")

    def test_the_system_outside_the_runtime(self):
        self.assert_found(layers, {"src/storage/journal.cc": "#include <fcntl.h>\n#include <sys/mman.h>\n"},
                          "src/storage/journal.cc:1", "src/storage/journal.cc:2")

    def test_a_library_that_is_not_the_modules(self):
        self.assert_found(layers, {"src/engine/queue.cc": "#include <zstd.h>\n#include <boost/json.hpp>\n"},
                          "src/engine/queue.cc:1", "src/engine/queue.cc:2")

    def test_asio_in_a_header(self):
        self.assert_found(layers, {"src/runtime/loop.h": "#pragma once\n#include <boost/asio.hpp>\n"}, "src/runtime/loop.h:2")

    def test_a_module_without_a_rule(self):
        self.assert_found(layers, {"src/misc/x.cc": "int x;\n"}, "src/misc/x.cc:1")

    def test_includes_that_lead_nowhere(self):
        self.assert_found(layers, {"src/base/x.cc": '#include "x.h"\n#include "../base/x.h"\n'},
                          "src/base/x.cc:1", "src/base/x.cc:2")

    def test_a_cycle_in_the_table(self):
        self.assert_found(layers, {layers.TABLE: '[module.base]\nmodules = ["model"]\n[module.model]\nmodules = ["base"]\n'},
                          f"{layers.TABLE}:1")


if __name__ == "__main__":
    unittest.main()
