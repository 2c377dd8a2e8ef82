// SPDX-License-Identifier: Apache-2.0

import Yams

/// The keys of one mapping, all of them known.
struct ConfigurationSection {
    /// The mapping itself.
    let setting: ConfigurationSetting
    private var settings: [String: ConfigurationSetting] = [:]

    /// Throws unless the node is a mapping (or empty: a section whose keys are all commented out) of `known` keys.
    init(_ setting: ConfigurationSetting, known: [String]) throws(ConfigurationError) {
        self.setting = setting
        guard !setting.isNull else { return }
        guard let mapping = setting.node.mapping else { throw setting.error(.wrongType(expected: "a mapping")) }
        for (key, value) in mapping {
            let entry = setting.entry(key, value)
            guard let name = key.scalar?.string, known.contains(name) else {
                throw entry.error(.unknownKey(known: known))
            }
            settings[name] = entry
        }
    }

    subscript(key: String) -> ConfigurationSetting? { settings[key] }

    /// An error about `key`, at the line of the first of `candidates` that is in the file.
    func error(
        _ key: String, _ problem: ConfigurationError.Problem, lineOf candidates: [String]
    ) -> ConfigurationError {
        let line = candidates.lazy.compactMap { settings[$0]?.line }.first ?? setting.line
        return .invalidValue(file: setting.file, line: line, key: setting.dotted(key), problem: problem)
    }
}
