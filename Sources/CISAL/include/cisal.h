// SPDX-License-Identifier: Apache-2.0
#ifndef CISAL_H
#define CISAL_H

#include <stdint.h>

// ISA-L's deflate, level 1, and inflate for Swift: their stream structures hold arrays of tens of KiB, which Swift
// imports as tuples and copies by value. Here they live on the C heap and are seen as pointers only.

/// A deflate context, reusable; not to be shared between threads.
typedef struct cisal_deflater cisal_deflater;

/// The packed bytes do not fit into the output.
#define CISAL_DOES_NOT_FIT ((int64_t)-1)
/// The library refused its arguments or stopped half-way: never expected.
#define CISAL_FAILED ((int64_t)-2)

/// NULL when there is no memory.
cisal_deflater *cisal_deflater_new(void);

/// NULL is fine.
void cisal_deflater_free(cisal_deflater *deflater);

/// Packs all of `input` as one zlib stream (RFC 1950) and returns its length, or one of the two values above. Never
/// writes past `output_length`. Neither pointer may be NULL, not even for a length of 0.
int64_t cisal_deflate_zlib(cisal_deflater *deflater, const uint8_t *input, uint32_t input_length, uint8_t *output,
                           uint32_t output_length);

/// An inflate context, reusable; not to be shared between threads.
typedef struct cisal_inflater cisal_inflater;

/// What one step of inflating has found.
enum cisal_inflate_status {
    CISAL_INFLATING,     // all went well; more input or more room is needed
    CISAL_INFLATED,      // the stream is complete and its checksum right
    CISAL_BAD_HEADER,    // not a zlib stream
    CISAL_BAD_DATA,      // a block, a symbol or a distance that cannot be
    CISAL_BAD_CHECKSUM,  // of the header or of the data
    CISAL_NEEDS_DICTIONARY
};

/// NULL when there is no memory.
cisal_inflater *cisal_inflater_new(void);

/// NULL is fine.
void cisal_inflater_free(cisal_inflater *inflater);

/// The next byte is the first of another stream.
void cisal_inflater_reset(cisal_inflater *inflater);

/// Unpacks some of a zlib stream (RFC 1950). `input_length` and `output_length` become what is left of both. Neither
/// pointer may be NULL. Not to be called again after an error or the end, before a reset.
enum cisal_inflate_status cisal_inflate_zlib(cisal_inflater *inflater, const uint8_t *input, uint32_t *input_length,
                                             uint8_t *output, uint32_t *output_length);

#endif
