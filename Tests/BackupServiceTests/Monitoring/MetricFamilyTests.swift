// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import BackupService

struct MetricFamilyTests {
    private func text(_ family: MetricFamily) -> String {
        var text = ""
        family.append(to: &text)
        return text
    }

    @Test func `a family is its help, its type and its samples`() {
        var family = MetricFamily(.gauge, "things", "How many things.")
        family.add([.init("kind", "a"), .init("state", "b")], 3)
        family.add([], 1.5)
        #expect(
            text(family) == """
                # HELP things How many things.
                # TYPE things gauge
                things{kind="a",state="b"} 3
                things 1.5

                """)
    }

    @Test func `a family without samples is left out`() {
        #expect(text(MetricFamily(.counter, "things_total", "Things.")) == "")
    }

    @Test func `what would end a label or a line is escaped`() {
        var family = MetricFamily(.gauge, "things", "a\\b\nc \"d\"")
        family.add([.init("name", "a\\b\nc \"d\" é {},=#")], 1)
        #expect(
            text(family) == """
                # HELP things a\\\\b\\nc "d"
                # TYPE things gauge
                things{name="a\\\\b\\nc \\"d\\" é {},=#"} 1

                """)
    }

    @Test(arguments: [
        (0, "0"), (-1, "-1"), (0.25, "0.25"), (1_763_971_234.123456, "1763971234.123456"), (.infinity, "+Inf"),
        (Double(Int64.max), "9.223372036854776e+18"),
    ])
    func `numbers are what Prometheus reads`(value: Double, expected: String) {
        var family = MetricFamily(.gauge, "thing", "A thing.")
        family.add([], value)
        #expect(text(family).hasSuffix("\nthing \(expected)\n"))
    }
}
