// SPDX-License-Identifier: Apache-2.0
import Testing

/// The real daemon, spoken to over HTTP. One test at a time: each of them keeps all processors busy.
@Suite(.serialized, .compactMapIssues(DaemonLogs.attach))
enum DaemonTests {}
