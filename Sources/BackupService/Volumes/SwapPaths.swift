// SPDX-License-Identifier: Apache-2.0

/// The devices and files in the text of /proc/swaps, by their paths.
func swapPaths(in text: String) -> [String] {
    kernelTable(text).dropFirst().compactMap(\.first).map(unescapingOctal)
}
