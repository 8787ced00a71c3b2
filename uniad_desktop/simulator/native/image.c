/* From the picture of a part to the image that the camera delivers. */
#include "image.h"

#include <string.h>

unsigned pixel_bytes(uint32_t format) { return format == PIXEL_MONO8 ? 1 : 3; }

static void brightness_table(uint8_t table[256], double factor) {
    int value;
    for (value = 0; value < 256; value++) {
        double bright = value * factor + 0.5;
        table[value] = bright > 255 ? 255 : (uint8_t)bright;
    }
}

/* Luma of ITU-R BT.601 with weights in 1/256. */
static uint8_t luma(const uint8_t *rgb) {
    return (uint8_t)((77u * rgb[0] + 150u * rgb[1] + 29u * rgb[2] + 128u) >> 8);
}

void image_write(uint8_t *target, const uint8_t *picture, uint32_t picture_width,
                 const View *view) {
    size_t row_bytes = (size_t)view->width * pixel_bytes(view->format), i;
    int plain = view->brightness == 1.0;
    uint8_t table[256];
    uint32_t y;
    brightness_table(table, view->brightness);
    for (y = 0; y < view->height; y++, target += row_bytes) {
        const uint8_t *row = picture + ((size_t)(view->y + y) * picture_width + view->x) * 3;
        if (view->format == PIXEL_MONO8) {
            for (i = 0; i < row_bytes; i++) target[i] = table[luma(row + i * 3)];
        } else if (plain) {
            memcpy(target, row, row_bytes);
        } else {
            for (i = 0; i < row_bytes; i++) target[i] = table[row[i]];
        }
    }
}

#define BARS 8u
#define STEP 4u /* pixels that the picture moves per frame */

void image_pattern(uint8_t *picture, uint32_t width, uint32_t height, uint64_t frame) {
    static const uint8_t bars[BARS][3] = {
        {235, 235, 235}, {235, 235, 16}, {16, 235, 235}, {16, 235, 16},
        {235, 16, 235},  {235, 16, 16},  {16, 16, 235},  {16, 16, 16},
    };
    uint32_t shift = (uint32_t)(frame * STEP % width), x, y, border = height * 2 / 3;
    for (y = 0; y < height; y++) {
        for (x = 0; x < width; x++, picture += 3) {
            if (y < border)
                memcpy(picture, bars[(x + shift) % width * BARS / width], 3);
            else
                memset(picture, (int)((x + y + shift) & 255), 3);
        }
    }
}
