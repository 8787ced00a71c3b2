/* Test patterns (SFNC TestPattern), and the picture that is shown where there are no parts. */
#include "generated.h"
#include "image.h"

#include <stdlib.h>
#include <string.h>

#define FULL 65535u
#define STEP 4u      /* pixels that a picture moves per frame */
#define CODE_SIDE 8u /* FrameCounter: side of the square that shows one bit */
#define CODE_BITS 32u
#define CODE_REST 0x8000u

const uint8_t bar_colours[BARS][3] = {
    {235, 235, 235}, {235, 235, 16}, {16, 235, 235}, {16, 235, 16},
    {235, 16, 235},  {235, 16, 16},  {16, 16, 235},  {16, 16, 16},
};

void image_pattern(uint8_t *picture, uint32_t width, uint32_t height, uint64_t frame) {
    uint32_t shift = (uint32_t)(frame * STEP % width), x, y, border = height * 2 / 3;
    for (y = 0; y < height; y++) {
        for (x = 0; x < width; x++, picture += 3) {
            if (y < border)
                memcpy(picture, bar_colours[(x + shift) % width * BARS / width], 3);
            else
                memset(picture, (int)((x + y + shift) & 255), 3);
        }
    }
}

static uint16_t ramp(uint64_t at, uint32_t size) {
    return size > 1 ? (uint16_t)(at % size * FULL / (size - 1)) : 0;
}

static uint16_t code(uint32_t x, uint32_t y, uint64_t frame) {
    uint32_t bit = x / CODE_SIDE;
    if (y >= CODE_SIDE || bit >= CODE_BITS) return CODE_REST;
    return frame >> bit & 1 ? FULL : 0;
}

static uint16_t grey_at(uint32_t pattern, uint32_t x, uint32_t y, uint64_t frame,
                        const View *view) {
    uint64_t moved = frame * STEP;
    switch (pattern) {
    case TestPattern_White: return FULL;
    case TestPattern_GreyHorizontalRamp: return ramp(x, view->width);
    case TestPattern_GreyVerticalRamp: return ramp(y, view->height);
    case TestPattern_GreyHorizontalRampMoving: return ramp(x + moved, view->width);
    case TestPattern_GreyVerticalRampMoving: return ramp(y + moved, view->height);
    case TestPattern_HorizontalLineMoving: return moved % view->height == y ? FULL : 0;
    case TestPattern_VerticalLineMoving: return moved % view->width == x ? FULL : 0;
    case TestPattern_FrameCounter: return code(x, y, frame);
    default: return 0;
    }
}

static uint16_t value_at(uint32_t pattern, uint32_t x, uint32_t y, unsigned channel, uint64_t frame,
                         const View *view) {
    if (pattern != TestPattern_ColorBar) return grey_at(pattern, x, y, frame, view);
    return (uint16_t)(bar_colours[(uint64_t)x * BARS / view->width][channel] * 257);
}

/* Rows with the same key, and both even or both odd, are the same: they are copied. */
static uint32_t key_of(uint32_t pattern, uint32_t y, uint64_t frame, const View *view) {
    unsigned bits = layout_has_samples(view->layout) ? view->layout->bits : 8;
    switch (pattern) {
    case TestPattern_GreyVerticalRamp:
    case TestPattern_GreyVerticalRampMoving:
    case TestPattern_HorizontalLineMoving:
        return (uint32_t)grey_at(pattern, 0, y, frame, view) >> (16 - bits);
    case TestPattern_FrameCounter: return y < CODE_SIDE;
    default: return 0;
    }
}

static int rows_are_even(uint32_t pattern) {
    return pattern == TestPattern_GreyVerticalRamp ||
           pattern == TestPattern_GreyVerticalRampMoving ||
           pattern == TestPattern_HorizontalLineMoving || pattern == TestPattern_Black ||
           pattern == TestPattern_White;
}

/* One sample for each pixel. */
static void sample_row(uint32_t pattern, uint64_t frame, uint32_t y, const View *view,
                       uint16_t *samples) {
    const PixelLayout *layout = view->layout;
    uint16_t even = value_at(pattern, 0, y, 0, frame, view);
    uint32_t x;
    for (x = 0; x < view->width; x++) {
        unsigned channel = layout->colours[y % 2 * 2 + x % 2];
        if (rows_are_even(pattern))
            samples[x] = even;
        else if (layout->family == MONO && pattern == TestPattern_ColorBar)
            samples[x] = (uint16_t)(luma(bar_colours[(uint64_t)x * BARS / view->width]) * 257);
        else
            samples[x] = value_at(pattern, x, y, channel, frame, view);
    }
}

static void colour_row(uint32_t pattern, uint64_t frame, uint32_t y, const View *view,
                       uint8_t *rgb) {
    unsigned channel;
    uint32_t x;
    if (rows_are_even(pattern)) {
        memset(rgb, value_at(pattern, 0, y, 0, frame, view) >> 8, (size_t)view->width * 3);
        return;
    }
    for (x = 0; x < view->width; x++)
        for (channel = 0; channel < 3; channel++)
            *rgb++ = (uint8_t)(value_at(pattern, x, y, channel, frame, view) >> 8);
}

static void write_row(uint8_t *target, uint32_t pattern, uint64_t frame, uint32_t y,
                      const View *view, uint16_t *scratch) {
    if (layout_has_samples(view->layout)) {
        sample_row(pattern, frame, y, view, scratch);
        layout_pack_samples(view->layout, scratch, view->width, target);
    } else {
        colour_row(pattern, frame, y, view, (uint8_t *)scratch);
        layout_pack_colours(view->layout, (uint8_t *)scratch, view->width, target);
    }
    padding_write(target, view);
}

int pattern_write(uint8_t *target, uint32_t pattern, uint64_t frame, const View *view) {
    size_t stride = view_row_bytes(view);
    uint16_t *scratch = malloc((size_t)view->width * 4); /* 16-bit samples, or RGB8 */
    uint32_t before[2] = {0, 0}, y;
    if (!scratch) return -1;
    for (y = 0; y < view->height; y++, target += stride) {
        uint32_t key = key_of(pattern, y, frame, view);
        if (y >= 2 && key == before[y % 2])
            memcpy(target, target - 2 * stride, stride);
        else
            write_row(target, pattern, frame, y, view, scratch);
        before[y % 2] = key;
    }
    free(scratch);
    return 0;
}
