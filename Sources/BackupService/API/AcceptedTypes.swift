// SPDX-License-Identifier: Apache-2.0

/// What an `Accept` header says (RFC 9110 §12.5.1).
struct AcceptedTypes: Hashable {
    private struct Range: Hashable {
        var type: Substring
        var quality: Double
    }

    private let ranges: [Range]

    /// - Parameter header: nil when there is none: everything is welcome. Ranges that are none are left out.
    init(_ header: String?) {
        ranges = (header ?? "*/*").lowercased().split(separator: ",").compactMap(Self.range)
    }

    /// From 0, which is not accepted, to 1: what the most specific range says that `type` is in.
    func quality(of type: String) -> Double {
        let family = type.prefix { $0 != "/" }
        for candidate in [type, "\(family)/*", "*/*"] {
            if let range = ranges.first(where: { $0.type == candidate }) { return range.quality }
        }
        return 0
    }

    /// `text/html;charset=utf-8;q=0.7`: with parameters or without, what is wanted is the type.
    private static func range(_ text: Substring) -> Range? {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(\.trimmed)
        guard let type = parts.first, type.contains("/") else { return nil }
        var quality = 1.0
        for parameter in parts.dropFirst() where parameter.hasPrefix("q=") {
            guard let value = Double(parameter.dropFirst(2)), (0...1).contains(value) else { return nil }
            quality = value
        }
        return Range(type: type, quality: quality)
    }
}

extension Substring {
    /// Without the blanks around it.
    fileprivate var trimmed: Substring {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let last = lastIndex(where: { !isBlank($0) }) else { return "" }
        return self[...last].drop(while: isBlank)
    }
}
