// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Looks at `condition` until it holds; false when it still does not after `deadline`.
package func eventually(within deadline: Duration = .seconds(20), _ condition: () throws -> Bool) rethrows -> Bool {
    let end = ContinuousClock.now + deadline
    while ContinuousClock.now < end {
        if try condition() { return true }
        usleep(1000)
    }
    return try condition()
}
