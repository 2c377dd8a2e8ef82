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
