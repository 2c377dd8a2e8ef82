// SPDX-License-Identifier: Apache-2.0
#ifndef CISAL_H
#define CISAL_H

#include <stdint.h>

// ISA-L's deflate, level 1, for Swift: its stream structure holds arrays of tens of KiB, which Swift imports as
// tuples and copies by value. Here it lives on the C heap and is seen as a pointer only.

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

#endif
