// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BackupService
import Foundation

/// The command line of the daemon (cinderblockd(8)).
@main
struct Cinderblockd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cinderblockd",
        abstract: "Backs up block volumes in chunks, full and incremental, in the format of OpenStack Cinder.",
        version: "cinderblockd \(daemonVersion)", subcommands: [TokenCommand.self])

    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config = ServiceHost.defaultConfigurationPath

    @Flag(help: "Check the configuration and say what is wrong with it, then exit.")
    var checkConfig = false

    @Flag(help: "Print the configuration in force, every key, then exit.")
    var printConfig = false

    func run() throws {
        let settings = try loadConfiguration()
        if printConfig { return print(settings.yamlText, terminator: "") }
        if checkConfig { return print("\(config): the configuration is valid") }
        do {
            try Daemon(configuration: settings, from: config).run()
        } catch let error as ServiceHostError {
            // Another daemon runs, and may end.
            throw Failure(error, status: 75)  // EX_TEMPFAIL, sysexits.h
        } catch {
            throw Failure(error)
        }
    }
}

extension Cinderblockd {
    func loadConfiguration() throws -> Configuration {
        do {
            return try Configuration.load(config)
        } catch {
            throw Failure(error)
        }
    }
}

/// Says on stderr why the daemon does not run, and ends it.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ error: any Error, status: Int32 = EXIT_FAILURE) {
        description = "\(error)"
        StandardError.writer.append(LogLine("cinderblockd: \(error)").bytes + [UInt8(ascii: "\n")])
        StandardError.writer.flush(within: .seconds(1))
        Foundation.exit(status)
    }
}
