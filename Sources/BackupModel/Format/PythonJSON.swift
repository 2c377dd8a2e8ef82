// SPDX-License-Identifier: Apache-2.0

/// Writes JSON byte for byte as Python's `json.dumps(value, sort_keys=True, indent=2)` does, as a stream:
/// members must come in the order of their keys.
package struct PythonJSON {
    package typealias Sink = (UnsafeRawBufferPointer) throws -> Void

    private let sink: Sink
    private var bytes: [UInt8] = []
    private var isFirstMember = true
    private let flushBytes = 64 << 10

    package init(sink: @escaping Sink) {
        self.sink = sink
        bytes.reserveCapacity(flushBytes + 4096)
        append("{")
    }

    package mutating func member(_ key: String, _ value: String?) {
        beginMember(key)
        appendString(value)
    }

    package mutating func member(_ key: String, _ value: Int64) {
        beginMember(key)
        append(String(value))
    }

    /// An object member whose values are texts; none when it is empty.
    package mutating func members(_ key: String, _ members: [(key: String, value: String)]) {
        guard !members.isEmpty else { return }
        beginMember(key)
        var separator = "{\n    "
        for member in members {
            append(separator)
            appendJSONString(member.key, to: &bytes)
            append(": ")
            appendJSONString(member.value, to: &bytes)
            separator = ",\n    "
        }
        append("\n  }")
    }

    /// An array member: its elements follow, one after the other, then `endArray`.
    package mutating func beginArray(_ key: String) {
        beginMember(key)
        append("[")
        isFirstMember = true
    }

    package mutating func endArray() {
        append(isFirstMember ? "]" : "\n  ]")
        isFirstMember = false
    }

    package mutating func element(_ body: (inout [UInt8]) -> Void) throws {
        append(isFirstMember ? "\n    " : ",\n    ")
        isFirstMember = false
        body(&bytes)
        if bytes.count >= flushBytes { try flush() }
    }

    /// Closes the object; no newline at the end, as Python leaves it.
    package mutating func finish() throws {
        append("\n}")
        try flush()
    }

    private mutating func beginMember(_ key: String) {
        append(isFirstMember ? "\n  " : ",\n  ")
        isFirstMember = false
        appendJSONString(key, to: &bytes)
        append(": ")
    }

    private mutating func appendString(_ value: String?) {
        guard let value else { return append("null") }
        appendJSONString(value, to: &bytes)
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func flush() throws {
        try bytes.withUnsafeBytes(sink)
        bytes.removeAll(keepingCapacity: true)
    }
}
