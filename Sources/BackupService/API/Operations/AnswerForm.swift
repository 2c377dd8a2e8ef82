// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// One way in which an operation succeeds, for the description.
struct AnswerForm: Sendable, Equatable {
    struct Content: Sendable, Equatable {
        var mediaType: String
        var schema: Schema
    }

    var status: Int
    var details: String
    /// The forms that a client can choose from; empty where there is nothing to tell.
    var contents: [Content] = []
    /// What was created; `Location` says where it is.
    var created: ResourceKind?
}

extension AnswerForm {
    static func json(_ status: Int, _ schema: Schema, _ details: String) -> AnswerForm {
        AnswerForm(status: status, details: details, contents: [Content(mediaType: "application/json", schema: schema)])
    }

    /// What has the shape of `example`, whatever its strings and numbers are.
    static func like(_ example: Answer, _ details: String) -> AnswerForm {
        json(example.status, Schema(like: example.json ?? .null), details)
    }

    /// The new resource, and where it is.
    static func created(_ status: Int, _ kind: ResourceKind, _ details: String) -> AnswerForm {
        var form = json(status, kind.answer, details)
        form.created = kind
        return form
    }

    static func empty(_ status: Int, _ details: String) -> AnswerForm { AnswerForm(status: status, details: details) }

    /// What is no JSON: `text/plain`, `text/html`, `text/event-stream`.
    static func text(_ status: Int, _ mediaType: String, _ details: String) -> AnswerForm {
        AnswerForm(status: status, details: details, contents: [Content(mediaType: mediaType, schema: .string)])
    }

    /// The same, or a text of this type where the client prefers that.
    func or(_ mediaType: String) -> AnswerForm {
        var form = self
        form.contents.append(Content(mediaType: mediaType, schema: .string))
        return form
    }
}
