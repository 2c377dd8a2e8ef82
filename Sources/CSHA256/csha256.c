// SPDX-License-Identifier: Apache-2.0
#include "csha256.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

// The processor has instructions for two steps at a time, but each of them waits for the one before it. A second
// message fills that time. There are no registers for a third.
enum { PAIR = 2, BLOCK = 64, LENGTH_BYTES = 8, DIGEST_BYTES = 32 };

#define SHA __attribute__((target("sha,sse4.1")))
#define UNROLL _Pragma("clang loop unroll(full)")

// FIPS 180-4, section 4.2.2.
static const uint32_t constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

// A message under way: its words a to h, in the order that the instructions want them, the first of each name highest.
struct state {
    __m128i abef, cdgh;
};

// Section 5.3.3.
SHA static struct state initial(void) {
    return (struct state){
        _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c),
        _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19),
    };
}

// The digest has a first, and each word's highest byte first.
SHA static void write_digest(struct state state, uint8_t digest[DIGEST_BYTES]) {
    const __m128i reversed = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m128i abcd = _mm_unpackhi_epi64(state.cdgh, state.abef);
    const __m128i efgh = _mm_unpacklo_epi64(state.cdgh, state.abef);
    _mm_storeu_si128((__m128i *)digest, _mm_shuffle_epi8(abcd, reversed));
    _mm_storeu_si128((__m128i *)(digest + 16), _mm_shuffle_epi8(efgh, reversed));
}

// Takes both messages forward over `blocks` blocks of 64 bytes.
SHA static void update(struct state states[PAIR], const uint8_t *const bytes[PAIR], size_t blocks) {
    const __m128i big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    __m128i abef[PAIR], cdgh[PAIR];
    for (int i = 0; i < PAIR; i++) abef[i] = states[i].abef, cdgh[i] = states[i].cdgh;

    for (size_t block = 0; block < blocks; block++) {
        __m128i abef0[PAIR], cdgh0[PAIR];
        __m128i schedule[PAIR][4];  // the last sixteen words, four in each
        for (int i = 0; i < PAIR; i++) abef0[i] = abef[i], cdgh0[i] = cdgh[i];

        // Four of the 64 steps at a time.
        UNROLL for (int four = 0; four < 16; four++) {
            const __m128i constant = _mm_load_si128((const __m128i *)(constants + 4 * four));
            UNROLL for (int i = 0; i < PAIR; i++) {
                __m128i *const w = schedule[i];
                __m128i *const words = w + four % 4;
                if (four < 4) {
                    const uint8_t *const source = bytes[i] + block * BLOCK + 16 * four;
                    *words = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)source), big_endian);
                } else {
                    const __m128i last = w[(four + 3) % 4];
                    const __m128i seven_before = _mm_alignr_epi8(last, w[(four + 2) % 4], 4);
                    const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(*words, w[(four + 1) % 4]), seven_before);
                    *words = _mm_sha256msg2_epu32(sum, last);
                }
                const __m128i input = _mm_add_epi32(*words, constant);
                cdgh[i] = _mm_sha256rnds2_epu32(cdgh[i], abef[i], input);
                abef[i] = _mm_sha256rnds2_epu32(abef[i], cdgh[i], _mm_shuffle_epi32(input, 0x0e));
            }
        }
        for (int i = 0; i < PAIR; i++) {
            abef[i] = _mm_add_epi32(abef[i], abef0[i]);
            cdgh[i] = _mm_add_epi32(cdgh[i], cdgh0[i]);
        }
    }
    for (int i = 0; i < PAIR; i++) states[i] = (struct state){abef[i], cdgh[i]};
}

void csha256_pair(const uint8_t *first, const uint8_t *second, size_t length, uint8_t digests[64]) {
    struct state states[PAIR] = {initial(), initial()};
    const size_t whole = length / BLOCK, rest = length % BLOCK;
    const uint8_t *const messages[PAIR] = {first, second};
    update(states, messages, whole);

    // Section 5.1.1: a bit, zeros, and the length in bits fill the last block.
    const size_t blocks = rest + 1 + LENGTH_BYTES <= BLOCK ? 1 : 2;
    uint8_t ends[PAIR][2 * BLOCK] = {{0}};
    const uint64_t bits = __builtin_bswap64((uint64_t)length * 8);
    for (int i = 0; i < PAIR; i++) {
        memcpy(ends[i], messages[i] + whole * BLOCK, rest);
        ends[i][rest] = 0x80;
        memcpy(ends[i] + blocks * BLOCK - LENGTH_BYTES, &bits, sizeof bits);
    }
    update(states, (const uint8_t *const[PAIR]){ends[0], ends[1]}, blocks);
    for (int i = 0; i < PAIR; i++) write_digest(states[i], digests + i * DIGEST_BYTES);
}

int csha256_is_supported(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

#else

int csha256_is_supported(void) { return 0; }

void csha256_pair(const uint8_t *first, const uint8_t *second, size_t length, uint8_t digests[64]) {
    (void)first, (void)second, (void)length, (void)digests;
    __builtin_trap();
}

#endif
