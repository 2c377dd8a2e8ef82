// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import ObjectStorage

/// Unpacks one object as a stream and checks it as a whole: exactly the length and the MD5 that the metadata
/// give, however much the stored bytes would unpack to. The MD5 is computed elsewhere, for several objects at once.
///
/// Until Liberty Cinder gave the MD5 of the stored bytes, and nothing tells one from the other. It is computed where the
/// usual one does not fit, from a second reading: then alone it is worth its time.
struct ObjectStream {
    private let object: StoredObject
    private let reader: any ObjectReader
    private let reopen: () throws -> any ObjectReader
    private let decompressor: any Decompressor
    private let inputMemory: UnsafeMutableRawBufferPointer
    private var input = UnsafeRawBufferPointer(start: nil, count: 0)
    private var inputEnded = false
    private var unpackedBytes: Int64 = 0

    /// - Parameters:
    ///   - reopen: Opens the object once more.
    ///   - inputMemory: Room for stored bytes.
    ///   - readBytes: How many of them have been read into it already.
    init(
        _ object: StoredObject, from reader: any ObjectReader, reopen: @escaping () throws -> any ObjectReader,
        inputMemory: UnsafeMutableRawBufferPointer, readBytes: Int, _ bench: Workbench
    ) throws {
        self.object = object
        self.reader = reader
        self.reopen = reopen
        self.inputMemory = inputMemory
        decompressor = try bench.decompressor(object.compression.algorithm)
        input = UnsafeRawBufferPointer(rebasing: inputMemory[..<readBytes])
        if object.compression.algorithm == .none, reader.length != object.length {
            throw damaged("it is \(reader.length) bytes long instead of \(object.length)")
        }
    }

    /// Fills `output` with the next bytes of the object.
    mutating func read(into output: UnsafeMutableRawBufferPointer) throws {
        var done = 0
        while done < output.count {
            let count = try unpack(into: UnsafeMutableRawBufferPointer(rebasing: output[done...]))
            if count == 0, input.isEmpty, inputEnded {
                throw damaged("it unpacks to \(unpackedBytes + Int64(done)) bytes instead of \(object.length)")
            }
            done += count
        }
        unpackedBytes += Int64(done)
    }

    /// To be called when all bytes have been read: nothing more may come, and their MD5, `digest`, must be right, or that of
    /// the stored bytes.
    mutating func finish(_ digest: MD5Digest) throws {
        try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { extra in
            while !decompressor.isFinished || !(input.isEmpty && inputEnded) {
                if try unpack(into: extra) > 0 { throw damaged("it unpacks to more than \(object.length) bytes") }
                if input.isEmpty, inputEnded { break }
            }
        }
        do {
            try decompressor.finish()
        } catch {
            throw damaged("\(error)")
        }
        guard try digest == object.md5 || storedDigest() == object.md5 else {
            throw damaged("its MD5 is \(digest), the metadata say \(object.md5)")
        }
    }

    /// nil where nothing is packed: there it is the one that does not fit.
    private func storedDigest() throws -> MD5Digest? {
        guard object.compression.algorithm != .none else { return nil }
        let (reader, hasher) = (try reopen(), try MD5Hasher())
        while true {
            let count = try reader.read(into: inputMemory)
            hasher.update(UnsafeRawBufferPointer(rebasing: inputMemory[..<count]))
            if count < inputMemory.count { return hasher.finish() }
        }
    }

    private mutating func unpack(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        if input.isEmpty, !inputEnded {
            let count = try reader.read(into: inputMemory)
            inputEnded = count < inputMemory.count
            input = UnsafeRawBufferPointer(rebasing: inputMemory[..<count])
        }
        do {
            return try decompressor.decompress(&input, into: output)
        } catch {
            throw damaged("\(error)")
        }
    }

    private func damaged(_ reason: String) -> EngineError {
        .corruptObject(name: object.name, reason: reason)
    }
}
