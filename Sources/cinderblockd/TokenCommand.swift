// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BackupService

/// `cinderblockd token rotate [read|full]`
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Change the tokens that clients on TCP show.", subcommands: [Rotate.self])

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace a token by a new one.",
            discussion: "The daemon goes on with the old one until SIGHUP (systemctl reload cinderblock).")

        @ParentCommand var command: TokenCommand

        @Argument(help: "Which one: full, for everything, or read.")
        var kind = TokenKind.full

        func run() throws {
            let state = try command.daemon.loadConfiguration().stateDirectory
            let file = TokenFile(in: state, kind)
            do {
                try file.rotate()
            } catch {
                throw Failure(error)
            }
            print("\(file.path): a new token. Send the daemon SIGHUP, and give it to its clients.")
        }
    }

    @ParentCommand var daemon: Cinderblockd
}

extension TokenKind: ExpressibleByArgument {}
