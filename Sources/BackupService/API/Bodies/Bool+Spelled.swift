// SPDX-License-Identifier: Apache-2.0

extension Bool {
    /// The spellings of Cinder's schema (oslo.utils' strings), in any case.
    static let spellings: [(text: String, value: Bool)] = [
        ("1", true), ("t", true), ("true", true), ("on", true), ("y", true), ("yes", true),
        ("0", false), ("f", false), ("false", false), ("off", false), ("n", false), ("no", false),
    ]

    init?(spelled text: String) {
        let text = text.lowercased()
        guard let spelling = Self.spellings.first(where: { $0.text == text }) else { return nil }
        self = spelling.value
    }
}
