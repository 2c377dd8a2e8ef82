// SPDX-License-Identifier: Apache-2.0
// MD5 (RFC 1321) of several messages side by side.
#ifndef CMD5_H
#define CMD5_H

#include <stddef.h>
#include <stdint.h>

// One message under way.
struct cmd5_lane {
    uint32_t state[4];     // A, B, C, D
    const uint8_t *bytes;  // the next block of 64 bytes, at any address; not read when there is none
    size_t blocks;         // how many follow, without padding
};

// The state before the first block.
void cmd5_begin(uint32_t state[4]);

// Takes `count` messages forward over all their blocks, up to sixteen at a time: `bytes` then point behind the last
// block, and `blocks` are 0.
void cmd5_update(struct cmd5_lane *lanes, size_t count);

// What the code may be compiled for; any processor runs the first.
enum cmd5_processor { CMD5_ANY, CMD5_AVX2, CMD5_AVX512 };

// The same, for tests, as on such a processor. 0 when this one is none.
int cmd5_update_as(enum cmd5_processor processor, struct cmd5_lane *lanes, size_t count);

#endif
