/* From the picture of a part to the image that the camera delivers. */
#include "image.h"

#include <stdlib.h>
#include <string.h>

#define PADDING_BYTE 0xA5

/* Brightness of 8-bit values: of grey, and of the three colours with their balance. */
typedef struct {
    uint8_t grey[256], colour[3][256];
} Tables;

static void brightness_table(uint8_t table[256], double factor) {
    int value;
    for (value = 0; value < 256; value++) {
        double bright = value * factor + 0.5;
        table[value] = bright > 255 ? 255 : (uint8_t)bright;
    }
}

static void fill_tables(Tables *tables, const View *view) {
    int channel;
    brightness_table(tables->grey, view->brightness);
    for (channel = 0; channel < 3; channel++)
        brightness_table(tables->colour[channel], view->brightness * view->balance[channel]);
}

size_t view_row_bytes(const View *view) {
    return layout_row_bytes(view->layout, view->width) + view->padding;
}

size_t view_bytes(const View *view) { return view_row_bytes(view) * view->height; }

void padding_write(uint8_t *target, const View *view) {
    memset(target + layout_row_bytes(view->layout, view->width), PADDING_BYTE, view->padding);
}

/* 8 bits become 16: below them low bits that differ from pixel to pixel, so that a decoder that
 * shifts wrongly is noticed. Black and white stay the ends of the scale. */
static uint16_t deepened(uint8_t value, uint32_t x, uint32_t y) {
    if (value == 0 || value == 255) return (uint16_t)(value * 257);
    return (uint16_t)(value << 8 | ((x * 37 + y * 101) & 255));
}

static uint32_t scaled(uint32_t at, uint32_t from, uint32_t to) {
    return from == to ? at : (uint32_t)((uint64_t)at * to / from);
}

/* One row of the view as RGB8; points into the picture where nothing is stretched. */
static const uint8_t *source_row(const Picture *picture, const View *view, uint32_t y,
                                 uint8_t *scratch) {
    uint32_t line = scaled(view->y + y, picture->sensor_height, picture->height), x;
    const uint8_t *row = picture->pixels + (size_t)line * picture->width * 3;
    if (picture->sensor_width == picture->width) return row + (size_t)view->x * 3;
    for (x = 0; x < view->width; x++) {
        uint32_t at = scaled(view->x + x, picture->sensor_width, picture->width);
        memcpy(scratch + (size_t)x * 3, row + (size_t)at * 3, 3);
    }
    return scratch;
}

static void sample_row(const View *view, const Tables *tables, const uint8_t *row, uint32_t y,
                       uint16_t *samples) {
    const uint8_t *colours = view->layout->colours + y % 2 * 2;
    uint32_t x;
    for (x = 0; x < view->width; x++, row += 3) {
        uint8_t value;
        if (view->layout->family == MONO) {
            value = tables->grey[luma(row)];
        } else {
            unsigned channel = colours[x % 2];
            value = tables->colour[channel][row[channel]];
        }
        samples[x] = deepened(value, x, y);
    }
}

static void colour_row(const View *view, const Tables *tables, const uint8_t *row, uint8_t *rgb) {
    uint32_t x;
    int channel;
    for (x = 0; x < view->width; x++)
        for (channel = 0; channel < 3; channel++, row++) *rgb++ = tables->colour[channel][*row];
}

static int is_plain(const View *view) {
    return view->brightness == 1.0 && view->balance[0] == 1.0 && view->balance[1] == 1.0 &&
           view->balance[2] == 1.0;
}

int image_write(uint8_t *target, const Picture *picture, const View *view) {
    size_t pixels = view->width, stride = view_row_bytes(view);
    uint8_t *scratch = malloc(pixels * 8); /* a row of RGB8 twice, or one with its samples */
    uint8_t *rgb = scratch + pixels * 3;
    uint16_t *samples = (uint16_t *)(scratch + (pixels * 3 + 1) / 2 * 2);
    int plain = is_plain(view);
    Tables tables;
    uint32_t y;
    if (!scratch) return -1;
    fill_tables(&tables, view);
    for (y = 0; y < view->height; y++, target += stride) {
        const uint8_t *row = source_row(picture, view, y, scratch);
        if (layout_has_samples(view->layout)) {
            sample_row(view, &tables, row, y, samples);
            layout_pack_samples(view->layout, samples, view->width, target);
        } else {
            if (!plain) colour_row(view, &tables, row, rgb);
            layout_pack_colours(view->layout, plain ? row : rgb, view->width, target);
        }
        padding_write(target, view);
    }
    free(scratch);
    return 0;
}

#define MEAN_STEP 16u /* every so many pixels and rows */

double image_mean(const Picture *picture, const View *view) {
    uint64_t sum = 0, count = 0;
    uint32_t x, y;
    Tables tables;
    fill_tables(&tables, view);
    for (y = 0; y < view->height; y += MEAN_STEP) {
        uint32_t line = scaled(view->y + y, picture->sensor_height, picture->height);
        const uint8_t *row = picture->pixels + (size_t)line * picture->width * 3;
        for (x = 0; x < view->width; x += MEAN_STEP, count++) {
            uint32_t at = scaled(view->x + x, picture->sensor_width, picture->width);
            sum += tables.grey[luma(row + (size_t)at * 3)];
        }
    }
    return count ? (double)sum / (double)count : 0;
}
