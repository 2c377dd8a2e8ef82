// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer
import HTTPTypes

/// The operations that a path stands for, one for each method.
///
/// Every resource is served at `/`, `/v3/` and `/v3/{project_id}/` alike: whether the segment after `v3` is a project
/// is told by whether it is the name of a resource.
struct Route {
    /// An operation, with the id that the path has named.
    struct Destination {
        let operation: Operation
        /// The backup or volume that the path names.
        let resource: (kind: ResourceKind, id: ResourceID)?
        let read: Operation.Reading
    }

    let destinations: [Destination]

    /// - Parameter path: as it was sent, percent-encoded.
    init(path: String) throws(APIError) {
        let segments = Array(try Self.segments(of: path))
        destinations = Operation.all.compactMap { Destination($0, segments) }
        guard destinations.isEmpty else { return }
        throw Self.unknownResource(segments) ?? .noSuchResource(path: path)
    }

    /// Whether who has no token may know what is here.
    var isPublic: Bool { destinations.allSatisfy { $0.operation.access == .nothing } }

    /// `/backups/{backup_id}`: the label of metrics, of which there must be few.
    var pathTemplate: String? { destinations.first?.operation.pathTemplate }

    /// HEAD asks for what GET asks for; the server leaves the body out.
    func destination(of method: HTTPRequest.Method) throws(APIError) -> Destination {
        let wanted = method == .head ? .get : method
        if let destination = destinations.first(where: { $0.operation.method == wanted }) { return destination }
        let allowed = destinations.map(\.operation.method).flatMap { $0 == .get ? [.get, .head] : [$0] }
        throw .methodNotAllowed(method.rawValue, allowed: allowed.map(\.rawValue))
    }

    private static let resources = Set(Operation.all.compactMap(\.firstSegment))

    /// The decoded segments from the resource's name on; none where versions are discovered.
    private static func segments(of path: String) throws(APIError) -> ArraySlice<String> {
        var segments = path.split(separator: "/", omittingEmptySubsequences: false).map { PercentEncoding.decoded($0) }[
            ...]
        guard path.hasPrefix("/"), segments.popFirst() == "" else { throw .noSuchResource(path: path) }
        // A slash at the end is forgiven.
        if segments.last == "" { segments.removeLast() }
        guard segments.first == "v3" else { return segments }
        segments.removeFirst()
        if let first = segments.first, !resources.contains(first) {
            segments.removeFirst()
            // A project by itself is nothing, and an empty one is none.
            if segments.isEmpty || first.isEmpty { throw .noSuchResource(path: path) }
        }
        return segments
    }

    /// The backup or volume whose id should be in this path and is none.
    private static func unknownResource(_ segments: [String]) -> APIError? {
        guard segments.count > 1, ResourceID(segments[1]) == nil else { return nil }
        return ResourceKind.allCases.first { $0.collection == segments[0] }?.notFound(named: segments[1])
    }
}

extension Route.Destination {
    /// nil when `segments` are the path of something else.
    fileprivate init?(_ operation: Operation, _ segments: [String]) {
        self.operation = operation
        switch operation.target {
        case .path(segments, let read):
            self.resource = nil
            self.read = read
        case .resource(let kind, let rest, let read):
            guard segments.first == kind.collection, segments.count > 1, let id = ResourceID(segments[1]),
                segments[2...].elementsEqual(rest)
            else { return nil }
            self.resource = (kind, id)
            self.read = read(id)
        case .item(let kind, let rest, _, let read):
            guard segments.first == kind.collection, segments.count > 2, let id = ResourceID(segments[1]),
                segments[2...].dropLast().elementsEqual(rest), let item = segments.last
            else { return nil }
            self.resource = (kind, id)
            self.read = read(id, item)
        case .path: return nil
        }
    }
}
