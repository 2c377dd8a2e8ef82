// SPDX-License-Identifier: Apache-2.0

import BackupModel

/// How a time is to compare with a given one, as Cinder's lists spell it.
package struct TimeComparison: Sendable, Equatable {
    package enum Relation: String, Sendable, CaseIterable { case gt, gte, eq, neq, lt, lte }

    package let relation: Relation
    package let time: Timestamp

    package init(_ relation: Relation, _ time: Timestamp) {
        self.relation = relation
        self.time = time
    }

    func condition(on column: String) -> SQLCondition {
        let sign =
            switch relation {
            case .gt: ">"
            case .gte: ">="
            case .eq: "="
            case .neq: "<>"
            case .lt: "<"
            case .lte: "<="
            }
        return SQLCondition("\(column) \(sign) ?", time)
    }
}
