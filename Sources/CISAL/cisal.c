// SPDX-License-Identifier: Apache-2.0
#include "cisal.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>

struct cisal_deflater {
    struct isal_zstream stream;
    uint8_t level_buffer[ISAL_DEF_LVL1_DEFAULT];
};

cisal_deflater *cisal_deflater_new(void)
{
    return calloc(1, sizeof(cisal_deflater));
}

void cisal_deflater_free(cisal_deflater *deflater)
{
    free(deflater);
}

static void start_stream(cisal_deflater *deflater)
{
    struct isal_zstream *stream = &deflater->stream;

    // Initialised anew, not reset: a match history left from the last input would make the bytes depend on it.
    isal_deflate_init(stream);
    stream->level = 1;
    stream->level_buf = deflater->level_buffer;
    stream->level_buf_size = sizeof deflater->level_buffer;
    stream->gzip_flag = IGZIP_ZLIB;
    stream->flush = NO_FLUSH;
    stream->end_of_stream = 1;
}

int64_t cisal_deflate_zlib(cisal_deflater *deflater, const uint8_t *input, uint32_t input_length, uint8_t *output,
                           uint32_t output_length)
{
    struct isal_zstream *stream = &deflater->stream;

    start_stream(deflater);
    stream->next_in = (uint8_t *)input; // Not written to; the library has no const.
    stream->avail_in = input_length;
    stream->next_out = output;
    stream->avail_out = output_length;

    while (stream->internal_state.state != ZSTATE_END) {
        uint32_t input_left = stream->avail_in, output_left = stream->avail_out;
        if (output_left == 0)
            return CISAL_DOES_NOT_FIT;
        if (isal_deflate(stream) != COMP_OK)
            return CISAL_FAILED;
        if (stream->internal_state.state != ZSTATE_END && stream->avail_in == input_left &&
            stream->avail_out == output_left)
            return CISAL_FAILED;
    }
    return output_length - stream->avail_out;
}

struct cisal_inflater {
    struct inflate_state state;
};

cisal_inflater *cisal_inflater_new(void)
{
    cisal_inflater *inflater = calloc(1, sizeof(cisal_inflater));
    if (inflater)
        cisal_inflater_reset(inflater);
    return inflater;
}

void cisal_inflater_free(cisal_inflater *inflater)
{
    free(inflater);
}

void cisal_inflater_reset(cisal_inflater *inflater)
{
    isal_inflate_init(&inflater->state);
    inflater->state.crc_flag = ISAL_ZLIB;
}

enum cisal_inflate_status cisal_inflate_zlib(cisal_inflater *inflater, const uint8_t *input, uint32_t *input_length,
                                             uint8_t *output, uint32_t *output_length)
{
    struct inflate_state *state = &inflater->state;

    state->next_in = (uint8_t *)input; // Not written to; the library has no const.
    state->avail_in = *input_length;
    state->next_out = output;
    state->avail_out = *output_length;
    int status = isal_inflate(state);
    // Only whether the distance of a match reaches behind the start depends on it, and it has 32 bits.
    if (state->total_out > 1u << 31)
        state->total_out -= 1u << 30;
    int is_finished = state->block_state == ISAL_BLOCK_FINISH;
    if (status >= 0) { // After an error it has lost count.
        // At the end the library gives back what it has read too much, be it of an earlier piece: nobody wants it.
        *input_length = is_finished ? 0 : state->avail_in;
        *output_length = state->avail_out;
    }

    switch (status) {
    case ISAL_DECOMP_OK:
    case ISAL_END_INPUT:
    case ISAL_OUT_OVERFLOW:
        return is_finished ? CISAL_INFLATED : CISAL_INFLATING;
    case ISAL_INVALID_WRAPPER:
    case ISAL_UNSUPPORTED_METHOD:
        return CISAL_BAD_HEADER;
    case ISAL_INCORRECT_CHECKSUM:
        return CISAL_BAD_CHECKSUM;
    case ISAL_NEED_DICT:
        return CISAL_NEEDS_DICTIONARY;
    default:
        return CISAL_BAD_DATA;
    }
}
