// SPDX-License-Identifier: Apache-2.0

/// The product's version, as `--version`, the API and the logs give it.
package let cinderblockVersion = "0.1.0"

/// Whole GiB that hold `bytes`, at least 1: Cinder knows no smaller volume.
package func gibibytes(_ bytes: Int64) -> Int {
    let gibibyte: Int64 = 1 << 30
    return Int(max(1, bytes / gibibyte + (bytes % gibibyte == 0 ? 0 : 1)))
}
