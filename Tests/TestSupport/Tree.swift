// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Every name below a directory, in order.
package func tree(_ directory: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: directory).sorted()
}
