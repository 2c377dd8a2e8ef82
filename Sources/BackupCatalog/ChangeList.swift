// SPDX-License-Identifier: Apache-2.0

/// Collects what one transaction changes.
final class ChangeList {
    private(set) var changes: [CatalogChange] = []

    func add(_ change: CatalogChange) { changes.append(change) }
}
