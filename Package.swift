// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// The modules and the arrows between them are drawn in docs/architecture.md;
// Tests/BackupModelTests/ModuleArrowsTests.swift checks the imports against that picture.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .enableUpcomingFeature("MemberImportVisibility")]

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

// libFuzzer brings the `main` of these ("make fuzz"): they are built with its instrumentation, or not at all.
let fuzzing: [SwiftSetting] = strict + [.unsafeFlags(["-parse-as-library"])]
let fuzzTargets: [Target] = [
    .executableTarget(
        name: "FuzzRequests", dependencies: ["HTTPServer"], path: "Fuzz/FuzzRequests", swiftSettings: fuzzing),
    .executableTarget(
        name: "FuzzBodies", dependencies: ["BackupModel", "BackupService", "HTTPServer", "Posix", httpTypes],
        path: "Fuzz/FuzzBodies", swiftSettings: fuzzing),
]

let package = Package(
    name: "cinderblock",
    products: [.executable(name: "cinderblockd", targets: ["cinderblockd"])],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // C: what Swift cannot call, and the system's libraries.
        .target(name: "CPosix"),
        // Their loops are written for an optimiser; without one the tests would take minutes longer.
        .target(name: "CMD5", cSettings: [.unsafeFlags(["-O2"])]),
        .target(name: "CSHA256", cSettings: [.unsafeFlags(["-O2"])]),
        .target(name: "CISAL", linkerSettings: [.linkedLibrary("isal")]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CBzip2"),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),

        // 0
        .target(name: "BackupModel", swiftSettings: strict),
        .target(name: "Posix", dependencies: ["CPosix", system], swiftSettings: strict),
        // 1
        .target(
            name: "Codecs",
            dependencies: ["BackupModel", "CISAL", "CMD5", "CSHA256", "CZlib", "CBzip2", "CZstd", "CCrypto"],
            swiftSettings: strict),
        .target(name: "ObjectStorage", dependencies: ["Posix", system], swiftSettings: strict),
        // 2
        .target(
            name: "BackupEngine", dependencies: ["BackupModel", "Codecs", "ObjectStorage", "Posix"],
            swiftSettings: strict),
        .target(
            name: "BackupCatalog",
            dependencies: ["BackupModel", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .target(name: "HTTPServer", dependencies: ["Posix", system, httpTypes], swiftSettings: strict),
        // 3
        .target(
            name: "BackupService",
            dependencies: [
                "BackupModel", "BackupEngine", "BackupCatalog", "HTTPServer", "ObjectStorage", "Posix", "Codecs",
                httpTypes, logging, .product(name: "Yams", package: "Yams"),
            ],
            // As bytes in the binary, without a bundle beside it: the daemon is one file.
            resources: [.embedInCode("Page/web")], swiftSettings: strict),
        // 4
        .executableTarget(
            name: "cinderblockd",
            dependencies: [
                "BackupService", "Posix", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),

        // Tests
        .target(
            name: "TestSupport",
            dependencies: ["BackupModel", "Codecs", "ObjectStorage", "BackupEngine", "Posix"],
            path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "BackupModelTests", dependencies: ["BackupModel", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "PosixTests", dependencies: ["Posix", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "CodecsTests", dependencies: ["Codecs", "CMD5", "CSHA256", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "ObjectStorageTests", dependencies: ["ObjectStorage", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "BackupEngineTests", dependencies: ["BackupEngine", "Codecs", "ObjectStorage", "TestSupport"],
            swiftSettings: strict),
        .testTarget(name: "BackupCatalogTests", dependencies: ["BackupCatalog", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "HTTPServerTests", dependencies: ["HTTPServer", "TestSupport", httpTypes],
            exclude: ["requests.jsonl"], swiftSettings: strict),
        .testTarget(
            name: "BackupServiceTests",
            dependencies: ["BackupModel", "BackupService", "Codecs", "Posix", system, "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "DaemonTests", dependencies: ["cinderblockd", "BackupModel", "Codecs", "Posix", "TestSupport"],
            swiftSettings: strict),
    ] + (Context.environment["CINDERBLOCK_FUZZ"] == nil ? [] : fuzzTargets),
    swiftLanguageModes: [.v6]
)
