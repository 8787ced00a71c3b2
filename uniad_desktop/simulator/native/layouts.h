/* Pixel formats (PFNC 2.4): how samples lie in a buffer. */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef enum { MONO, BAYER, RGB, BGR, YUYV, UYVY } Family;
typedef enum { BYTES, WORDS, LSB_PACKED, GEV_PACKED } Packing;

typedef struct {
    uint32_t code; /* PFNC 32-bit value */
    Family family;
    Packing packing;
    unsigned bits;      /* meaningful bits of a sample */
    uint8_t colours[4]; /* Bayer: channels of the pixels (0, 0), (1, 0), (0, 1) and (1, 1) */
} PixelLayout;

/* The format with this code, or NULL. */
const PixelLayout *layout_of(uint32_t code);
/* Formats with one sample for each pixel, which is of 16 bits before it is packed. */
int layout_has_samples(const PixelLayout *layout);
/* Bytes of a row of pixels, without padding. */
size_t layout_row_bytes(const PixelLayout *layout, uint32_t width);
/* Whether a row of this width ends with a whole byte and a whole group of pixels. */
int layout_fits(const PixelLayout *layout, uint32_t width);
/* Writes a row of 16-bit samples, of which the format takes the highest bits. */
void layout_pack_samples(const PixelLayout *layout, const uint16_t *samples, uint32_t width,
                         uint8_t *target);
/* Writes a row of RGB8 pixels in a format of colours. */
void layout_pack_colours(const PixelLayout *layout, const uint8_t *rgb, uint32_t width,
                         uint8_t *target);
/* Luma of ITU-R BT.601 with weights in 1/256. */
uint8_t luma(const uint8_t *rgb);
