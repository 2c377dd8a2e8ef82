// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

package func environment(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

/// The long forms of the tests (`make soak`).
package let isSoak = environment("CINDERBLOCK_SOAK") == "1"

package let isRoot = geteuid() == 0

/// Whether the machine has a command.
package func hasCommand(_ name: String) -> Bool { (try? Shell.run("sh", "-c", "command -v \(name)")) != nil }
