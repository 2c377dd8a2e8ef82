// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import BackupService

struct DictionaryLiteralTests {
    @Test(arguments: [
        ("{}", [:]), (" { } ", [:]), ("{'k': 'v'}", ["k": "v"]), (#"{"k": "v"}"#, ["k": "v"]),
        ("{u'k':u'v'}", ["k": "v"]),
        ("{'a': 'b', 'c': \"d'e\"}", ["a": "b", "c": "d'e"]), (#"{'it\'s': 'a\\b\n'}"#, ["it's": "a\\b\n"]),
        (#"{'\xe9': '\u20ac\U0001f600'}"#, ["é": "€😀"]), ("{'é': ''}", ["é": ""]), ("{'k': '1', 'k': '2'}", ["k": "2"]),
    ])
    func `reads what Python and JSON write`(text: String, members: [String: String]) {
        #expect(DictionaryLiteral(text)?.members == members)
    }

    @Test(arguments: [
        "", "k=v", "{", "}", "{'k'}", "{'k': }", "{'k': 'v'", "{'k': 'v',}", "{'k': 'v' 'w'}", "{'k': 5}",
        "{'k': None}", "[]",
        "{'k': 'v'}x", "{'k': 'v}", #"{'k': '\'}"#, #"{'k': '\u12'}"#, #"{'k': '\x+1'}"#, #"{'k': '\ud800'}"#, "{k: v}",
    ])
    func `refuses everything else`(text: String) {
        #expect(DictionaryLiteral(text)?.members == nil)
    }
}
