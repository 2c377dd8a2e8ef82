// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4) of two messages side by side.
#ifndef CSHA256_H
#define CSHA256_H

#include <stddef.h>
#include <stdint.h>

// Whether this processor has the instructions for it: x86's SHA extensions.
int csha256_is_supported(void);

// Writes the digests, 32 bytes each, of two messages of `length` bytes at any addresses. Only where it is supported.
void csha256_pair(const uint8_t *first, const uint8_t *second, size_t length, uint8_t digests[64]);

#endif
