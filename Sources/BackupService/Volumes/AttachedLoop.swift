// SPDX-License-Identifier: Apache-2.0
import Posix

/// A loop device that is attached.
struct AttachedLoop {
    /// `loop0`
    let name: String
    /// `7:0`
    let device: String
    let backing: VolumeIdentity

    /// The kernel gives the path of what is behind it, as it is called now. `/x (deleted)` leads nowhere, also when
    /// there is a new `/x`, and neither does a path in another mount namespace; then the device itself is asked.
    static func all(in sys: KernelTree) -> [AttachedLoop] {
        sys.names(in: "block").filter { $0.hasPrefix("loop") }.compactMap { name in
            guard let path = sys.text("block/\(name)/loop/backing_file"), let device = sys.text("block/\(name)/dev"),
                let backing = VolumeIdentity(at: path) ?? VolumeIdentity(behind: "/dev/\(name)", device)
            else { return nil }
            return AttachedLoop(name: name, device: device, backing: backing)
        }
    }
}
