// SPDX-License-Identifier: Apache-2.0

import BackupModel

/// What a request leaves behind when it has done something, so that the same request again does nothing.
package struct Receipt: Sendable, Equatable {
    /// Who has sent the request: under one key others have requests of their own.
    package let owner: String
    /// The client's name for the request (`Idempotency-Key`).
    package let key: String
    /// A digest of the request: under one key there is one request.
    package let request: String

    package init(owner: String = "", key: String, request: String) {
        self.owner = owner
        self.key = key
        self.request = request
    }

    /// What one receipt alone has.
    package struct Name: Sendable, Hashable {
        let owner: String
        let key: String
    }

    package var name: Name { Name(owner: owner, key: key) }
}

/// What is known of a request that was done.
package struct DoneRequest: Sendable, Equatable {
    /// What it made, or restores to; nil where it made nothing.
    package let made: ResourceID?
    /// nil when the daemon ended between the work and the answer.
    package let answer: KeptAnswer?
}

/// An answer as it is kept.
package struct KeptAnswer: Sendable, Equatable {
    package let status: Int
    package let location: String?
    /// JSON; nil for an empty answer.
    package let body: String?

    package init(status: Int, location: String?, body: String?) {
        self.status = status
        self.location = location
        self.body = body
    }
}
