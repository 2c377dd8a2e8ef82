// SPDX-License-Identifier: Apache-2.0

/// What the configuration says of who may do what.
package struct AccessRules: Sendable {
    /// What each listener gives, in their order.
    let listeners: [Access]
    let browsers: BrowserRules

    /// Every listener gives everything, and pages come from the daemon itself.
    init() {
        listeners = []
        browsers = BrowserRules()
    }

    package init(_ configuration: Configuration) {
        listeners = configuration.listen.map(\.access)
        browsers = BrowserRules(
            hosts: Set(configuration.api.allowedHosts.compactMap { Authority($0)?.host }),
            origins: Set(configuration.api.allowedOrigins.compactMap { Origin($0) }))
    }
}
