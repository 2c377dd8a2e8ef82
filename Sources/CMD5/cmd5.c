// SPDX-License-Identifier: Apache-2.0
#include "cmd5.h"

#include <string.h>

// MD5 is one chain of steps, each of which waits for the last: a core that could do six things at a time does one or
// two. The steps of four messages, taken in turn, fill the time that each of them waits. Of more messages, sixteen go
// forward in the lanes of vectors.
enum { FEW = 4, LANES = 16, WORTHWHILE = 8, BLOCK = 64 };

typedef uint32_t word;

#define INLINE static inline __attribute__((always_inline))

INLINE word message_word(const uint8_t *bytes, int k) {
    word value;
    memcpy(&value, bytes + 4 * k, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap32(value);
#endif
    return value;
}

// The functions of RFC 1321, section 3.4, for words and vectors alike. F and G choose bits.
#define F(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
#define G(b, c, d) ((c) ^ ((d) & ((b) ^ (c))))
#define H(b, c, d) ((b) ^ (c) ^ (d))
#define I(b, c, d) ((c) ^ ((b) | ~(d)))

// One step of each message: word `k` of the block, rotation `s`, constant `t`.
#define STEP_FEW(f, a, b, c, d, k, s, t)                            \
    _Pragma("clang loop unroll(full) vectorize(disable)")       \
    for (int i = 0; i < count; i++) {                           \
        word sum = a[i] + (message_word(bytes[i], k) + t);      \
        sum += f(b[i], c[i], d[i]);                             \
        a[i] = ((sum << s) | (sum >> (32 - s))) + b[i];         \
    }

#define STEP_LANES(f, a, b, c, d, k, s, t)      \
    a += x[k] + t;                              \
    a += f(b, c, d);                            \
    a = ((a << s) | (a >> (32 - s))) + b;

#define FOUR(STEP, f, k0, k1, k2, k3, s0, s1, s2, s3, t0, t1, t2, t3) \
    STEP(f, a, b, c, d, k0, s0, t0)                             \
    STEP(f, d, a, b, c, k1, s1, t1)                             \
    STEP(f, c, d, a, b, k2, s2, t2)                             \
    STEP(f, b, c, d, a, k3, s3, t3)

#define ROUNDS(STEP) \
    FOUR(STEP, F, 0, 1, 2, 3, 7, 12, 17, 22, 0xd76aa478u, 0xe8c7b756u, 0x242070dbu, 0xc1bdceeeu) \
    FOUR(STEP, F, 4, 5, 6, 7, 7, 12, 17, 22, 0xf57c0fafu, 0x4787c62au, 0xa8304613u, 0xfd469501u) \
    FOUR(STEP, F, 8, 9, 10, 11, 7, 12, 17, 22, 0x698098d8u, 0x8b44f7afu, 0xffff5bb1u, 0x895cd7beu) \
    FOUR(STEP, F, 12, 13, 14, 15, 7, 12, 17, 22, 0x6b901122u, 0xfd987193u, 0xa679438eu, 0x49b40821u) \
    FOUR(STEP, G, 1, 6, 11, 0, 5, 9, 14, 20, 0xf61e2562u, 0xc040b340u, 0x265e5a51u, 0xe9b6c7aau) \
    FOUR(STEP, G, 5, 10, 15, 4, 5, 9, 14, 20, 0xd62f105du, 0x02441453u, 0xd8a1e681u, 0xe7d3fbc8u) \
    FOUR(STEP, G, 9, 14, 3, 8, 5, 9, 14, 20, 0x21e1cde6u, 0xc33707d6u, 0xf4d50d87u, 0x455a14edu) \
    FOUR(STEP, G, 13, 2, 7, 12, 5, 9, 14, 20, 0xa9e3e905u, 0xfcefa3f8u, 0x676f02d9u, 0x8d2a4c8au) \
    FOUR(STEP, H, 5, 8, 11, 14, 4, 11, 16, 23, 0xfffa3942u, 0x8771f681u, 0x6d9d6122u, 0xfde5380cu) \
    FOUR(STEP, H, 1, 4, 7, 10, 4, 11, 16, 23, 0xa4beea44u, 0x4bdecfa9u, 0xf6bb4b60u, 0xbebfbc70u) \
    FOUR(STEP, H, 13, 0, 3, 6, 4, 11, 16, 23, 0x289b7ec6u, 0xeaa127fau, 0xd4ef3085u, 0x04881d05u) \
    FOUR(STEP, H, 9, 12, 15, 2, 4, 11, 16, 23, 0xd9d4d039u, 0xe6db99e5u, 0x1fa27cf8u, 0xc4ac5665u) \
    FOUR(STEP, I, 0, 7, 14, 5, 6, 10, 15, 21, 0xf4292244u, 0x432aff97u, 0xab9423a7u, 0xfc93a039u) \
    FOUR(STEP, I, 12, 3, 10, 1, 6, 10, 15, 21, 0x655b59c3u, 0x8f0ccc92u, 0xffeff47du, 0x85845dd1u) \
    FOUR(STEP, I, 8, 15, 6, 13, 6, 10, 15, 21, 0x6fa87e4fu, 0xfe2ce6e0u, 0xa3014314u, 0x4e0811a1u) \
    FOUR(STEP, I, 4, 11, 2, 9, 6, 10, 15, 21, 0xf7537e82u, 0xbd3af235u, 0x2ad7d2bbu, 0xeb86d391u)

// Takes the first `count` messages, a constant for the compiler, forward over `blocks` blocks.
INLINE void update_together(struct cmd5_lane *lanes[FEW], const int count, size_t blocks) {
    word a[FEW], b[FEW], c[FEW], d[FEW];
    const uint8_t *bytes[FEW];
    for (int i = 0; i < count; i++) {
        a[i] = lanes[i]->state[0], b[i] = lanes[i]->state[1], c[i] = lanes[i]->state[2], d[i] = lanes[i]->state[3];
        bytes[i] = lanes[i]->bytes;
    }
    for (size_t block = 0; block < blocks; block++) {
        word a0[FEW], b0[FEW], c0[FEW], d0[FEW];
        for (int i = 0; i < count; i++) a0[i] = a[i], b0[i] = b[i], c0[i] = c[i], d0[i] = d[i];

        ROUNDS(STEP_FEW)

        for (int i = 0; i < count; i++) {
            a[i] += a0[i], b[i] += b0[i], c[i] += c0[i], d[i] += d0[i];
            bytes[i] += BLOCK;
        }
    }
    for (int i = 0; i < count; i++) {
        lanes[i]->state[0] = a[i], lanes[i]->state[1] = b[i], lanes[i]->state[2] = c[i], lanes[i]->state[3] = d[i];
        lanes[i]->bytes = bytes[i];
        lanes[i]->blocks -= blocks;
    }
}

typedef word words __attribute__((vector_size(4 * LANES)));  // the same word of each message

// Turns sixteen words of each of sixteen messages into a word of all messages in each vector: interleaving the first
// half of the rows with the second, four times over, transposes them.
INLINE void transpose(words x[LANES]) {
    words y[LANES];
    for (int stage = 0; stage < 4; stage++) {
        for (int i = 0; i < LANES / 2; i++) {
            y[2 * i] = __builtin_shufflevector(
                x[i], x[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            y[2 * i + 1] = __builtin_shufflevector(
                x[i], x[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        memcpy(x, y, sizeof y);
    }
}

// Takes sixteen messages forward over `blocks` blocks. `stride` is 0 for a lane without a message.
INLINE void update_lanes(words state[4], const uint8_t *bytes[LANES], const size_t stride[LANES], size_t blocks) {
    words a = state[0], b = state[1], c = state[2], d = state[3];
    for (; blocks > 0; blocks--) {
        const words a0 = a, b0 = b, c0 = c, d0 = d;
        words x[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            memcpy(&x[lane], bytes[lane], BLOCK);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
            for (int k = 0; k < LANES; k++) x[lane][k] = __builtin_bswap32(x[lane][k]);
#endif
            bytes[lane] += stride[lane];
        }
        transpose(x);
        ROUNDS(STEP_LANES)
        a += a0, b += b0, c += c0, d += d0;
    }
    state[0] = a, state[1] = b, state[2] = c, state[3] = d;
}

typedef void update_function(words[4], const uint8_t *[LANES], const size_t[LANES], size_t);

static void update_any(words state[4], const uint8_t *bytes[LANES], const size_t stride[LANES], size_t blocks) {
    update_lanes(state, bytes, stride, blocks);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void update_avx2(
    words state[4], const uint8_t *bytes[LANES], const size_t stride[LANES], size_t blocks) {
    update_lanes(state, bytes, stride, blocks);
}

// With one instruction to rotate, and one to choose bits of three vectors.
__attribute__((target("avx512f"))) static void update_avx512(
    words state[4], const uint8_t *bytes[LANES], const size_t stride[LANES], size_t blocks) {
    update_lanes(state, bytes, stride, blocks);
}
#endif

// NULL where this processor cannot run it.
static update_function *function_for(enum cmd5_processor processor) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (processor == CMD5_AVX512) return __builtin_cpu_supports("avx512f") ? update_avx512 : NULL;
    if (processor == CMD5_AVX2) return __builtin_cpu_supports("avx2") ? update_avx2 : NULL;
#endif
    return processor == CMD5_ANY ? update_any : NULL;
}

static void update_many(update_function *function, struct cmd5_lane *active[LANES], int count, size_t blocks) {
    static const uint8_t nothing[BLOCK];
    words state[4] = {0};
    const uint8_t *bytes[LANES];
    size_t stride[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        bytes[lane] = lane < count ? active[lane]->bytes : nothing;
        stride[lane] = lane < count ? BLOCK : 0;
        for (int i = 0; lane < count && i < 4; i++) state[i][lane] = active[lane]->state[i];
    }
    function(state, bytes, stride, blocks);
    for (int lane = 0; lane < count; lane++) {
        for (int i = 0; i < 4; i++) active[lane]->state[i] = state[i][lane];
        active[lane]->bytes = bytes[lane];
        active[lane]->blocks -= blocks;
    }
}

void cmd5_begin(uint32_t state[4]) {
    state[0] = 0x67452301u, state[1] = 0xefcdab89u, state[2] = 0x98badcfeu, state[3] = 0x10325476u;
}

static void update(update_function *function, struct cmd5_lane *lanes, size_t count) {
    struct cmd5_lane *active[LANES];
    int activeCount = 0;
    size_t next = 0;
    while (1) {
        // Whoever is through makes room for the next one.
        int kept = 0;
        for (int i = 0; i < activeCount; i++)
            if (active[i]->blocks > 0) active[kept++] = active[i];
        for (; kept < LANES && next < count; next++)
            if (lanes[next].blocks > 0) active[kept++] = &lanes[next];
        activeCount = kept;

        // Few go forward by fours, in place of vectors that are mostly empty.
        int together = kept >= WORTHWHILE ? kept : kept < FEW ? kept : FEW;
        size_t blocks = SIZE_MAX;
        for (int i = 0; i < together; i++)
            if (active[i]->blocks < blocks) blocks = active[i]->blocks;
        switch (together) {
        case 0: return;
        case 1: update_together(active, 1, blocks); break;
        case 2: update_together(active, 2, blocks); break;
        case 3: update_together(active, 3, blocks); break;
        case FEW: update_together(active, FEW, blocks); break;
        default: update_many(function, active, together, blocks); break;
        }
    }
}

void cmd5_update(struct cmd5_lane *lanes, size_t count) {
    update_function *best = function_for(CMD5_AVX512);
    if (!best) best = function_for(CMD5_AVX2);
    update(best ? best : update_any, lanes, count);
}

int cmd5_update_as(enum cmd5_processor processor, struct cmd5_lane *lanes, size_t count) {
    update_function *function = function_for(processor);
    if (function) update(function, lanes, count);
    return function != NULL;
}
