// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// A data object in a spool: a `StoredObject` without its name, which its number gives, as plain bytes.
struct ObjectEntry: BitwiseCopyable, Sendable {
    var number: Int64
    var offset: Int64
    var length: Int64
    var md5: MD5Digest
    /// Bytes of the object itself; -1 where nobody has said.
    private var storedLengthOrNone: Int64
    /// Index into `Compression.known`.
    var compressionCode: UInt8

    init(
        number: Int64, offset: Int64, length: Int64, md5: MD5Digest, compression: Compression,
        storedLength: Int64? = nil
    ) {
        self.number = number
        self.offset = offset
        self.length = length
        self.md5 = md5
        storedLengthOrNone = storedLength ?? -1
        compressionCode = UInt8(clamping: Compression.known.firstIndex(of: compression) ?? 0)
    }

    var end: Int64 { offset + length }
    var storedLength: Int64? { storedLengthOrNone < 0 ? nil : storedLengthOrNone }
    var compression: Compression { Compression.known[Int(compressionCode)] }

    func stored(_ names: ObjectNames) -> StoredObject {
        StoredObject(
            name: names.data(number), offset: offset, length: length, compression: compression, md5: md5,
            storedLength: storedLength)
    }
}

extension Compression {
    /// Every name an object's compression can have.
    static let known: [Compression] = ["none", "zlib", "gzip", "bz2", "bzip2", "zstd"].compactMap(
        Compression.init(named:))
}
