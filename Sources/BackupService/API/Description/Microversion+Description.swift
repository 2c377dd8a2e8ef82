// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// The header of requests, for the description.
extension Microversion {
    static let parameter: JSONValue = [
        "name": .string(headerName), "in": "header", "required": false, "description": .string(details),
        "schema": [
            "type": "string", "pattern": .string(pattern),
            "examples": [.string("volume \(maximum)"), "volume latest"],
        ],
    ]

    private static let details = """
        The version of the API that is wanted, from \(minimum) to \(maximum); versions of other services may stand \
        beside it. Answers have one shape, whichever it is; it decides which parameters a list knows.
        """

    /// As `init(_:)` reads it: pairs of words between commas, of which nothing counts after that of `volume`.
    private static var pattern: String {
        let volume = "[vV][oO][lL][uU][mM][eE][ \\t]+"
        let version = #"([lL][aA][tT][eE][sS][tT]|3\.([0-9]|[1-6][0-9]|7[01]))"#
        let other = "[ \\t]*(?!\(volume))[^ \\t,]+[ \\t]+[^ \\t,]+[ \\t]*"
        return "^(\(other),)*([ \\t]*\(volume)\(version)[ \\t]*(,.*)?|\(other))$"
    }
}
