// SPDX-License-Identifier: Apache-2.0

/// One metric with all its labels, as Prometheus' text format 0.0.4 has it
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
struct MetricFamily: Sendable, Equatable {
    enum Kind: String, Sendable { case counter, gauge, histogram }

    struct Label: Sendable, Equatable {
        let name: String
        let value: String

        init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    struct Sample: Sendable, Equatable {
        /// What follows the name of the metric: `_bucket`, `_sum` and `_count` in a histogram.
        var suffix = ""
        var labels: [Label]
        var value: Double
    }

    let name: String
    let kind: Kind
    let help: String
    var samples: [Sample] = []

    init(_ kind: Kind, _ name: String, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }

    /// With one sample without labels.
    init(_ kind: Kind, _ name: String, _ help: String, value: some BinaryInteger) {
        self.init(kind, name, help)
        add([], value)
    }

    mutating func add(_ labels: [Label], _ value: some BinaryInteger) { add(labels, Double(value)) }

    mutating func add(_ labels: [Label], _ value: Double) { samples.append(Sample(labels: labels, value: value)) }

    /// Nothing when there is no sample: a metric that cannot be told now is left out.
    func append(to text: inout String) {
        guard !samples.isEmpty else { return }
        text += "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            text += name + sample.suffix
            if !sample.labels.isEmpty {
                let pairs = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
                text += "{\(pairs.joined(separator: ","))}"
            }
            text += " \(Self.number(sample.value))\n"
        }
    }

    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// Whole numbers without a fraction: they are what people read most.
    private static func number(_ value: Double) -> String {
        if value == .infinity { return "+Inf" }
        return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}
