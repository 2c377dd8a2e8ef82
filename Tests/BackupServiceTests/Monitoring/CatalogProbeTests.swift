// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import TestSupport
import Testing

@testable import BackupService

struct CatalogProbeTests {
    private let directory: TemporaryDirectory
    private let catalog: BackupCatalog

    init() throws {
        directory = try TemporaryDirectory()
        catalog = try BackupCatalog(directory: directory.path) { Timestamp(microseconds: 0) }
    }

    @Test func `a catalog that cannot be written says why`() throws {
        let probe = CatalogProbe(catalog, lifetime: .zero)
        try probe.check()
        try catalog.close()
        #expect {
            try probe.check()
        } throws: {
            guard case .catalog? = $0 as? ReadinessError else { return false }
            return true
        }
    }

    @Test func `an answer holds for a while: strangers do not make the disk busy`() throws {
        let probe = CatalogProbe(catalog, lifetime: .seconds(3600))
        try probe.check()
        try catalog.close()
        try probe.check()
    }
}
