/* Pixel formats (PFNC 2.4): how samples lie in a buffer. */
#define WITH_LAYOUTS
#include "layouts.h"

#include "generated.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

const PixelLayout *layout_of(uint32_t code) {
    size_t i;
    for (i = 0; i < COUNT(layouts); i++)
        if (layouts[i].code == code) return &layouts[i];
    return NULL;
}

int layout_has_samples(const PixelLayout *layout) {
    return layout->family == MONO || layout->family == BAYER;
}

static unsigned bits_per_pixel(const PixelLayout *layout) {
    if (!layout_has_samples(layout))
        return layout->family == RGB || layout->family == BGR ? 24 : 16;
    switch (layout->packing) {
    case BYTES: return 8;
    case WORDS: return 16;
    case GEV_PACKED: return 12;
    default: return layout->bits;
    }
}

size_t layout_row_bytes(const PixelLayout *layout, uint32_t width) {
    return (size_t)width * bits_per_pixel(layout) / 8;
}

int layout_fits(const PixelLayout *layout, uint32_t width) {
    int pairs = layout->family == YUYV || layout->family == UYVY || layout->packing == GEV_PACKED;
    return (uint64_t)width * bits_per_pixel(layout) % 8 == 0 && (!pairs || width % 2 == 0);
}

static void pack_bits(const uint16_t *samples, uint32_t width, unsigned bits, uint8_t *target) {
    uint32_t kept = 0, x;
    unsigned have = 0;
    for (x = 0; x < width; x++) {
        kept |= (uint32_t)(samples[x] >> (16 - bits)) << have;
        for (have += bits; have >= 8; have -= 8, kept >>= 8) *target++ = (uint8_t)kept;
    }
}

/* GigE Vision: the high bytes of two pixels, between them their low bits in half a byte each. */
static void pack_pairs(const uint16_t *samples, uint32_t width, unsigned bits, uint8_t *target) {
    unsigned low = bits - 8, mask = (1u << low) - 1;
    uint32_t x;
    for (x = 0; x + 1 < width; x += 2, target += 3) {
        unsigned first = samples[x] >> (16 - bits), second = samples[x + 1] >> (16 - bits);
        target[0] = (uint8_t)(first >> low);
        target[1] = (uint8_t)((first & mask) | (second & mask) << 4);
        target[2] = (uint8_t)(second >> low);
    }
}

void layout_pack_samples(const PixelLayout *layout, const uint16_t *samples, uint32_t width,
                         uint8_t *target) {
    uint32_t x;
    switch (layout->packing) {
    case BYTES:
        for (x = 0; x < width; x++) target[x] = (uint8_t)(samples[x] >> 8);
        break;
    case WORDS:
        for (x = 0; x < width; x++) {
            unsigned value = samples[x] >> (16 - layout->bits);
            target[2 * x] = (uint8_t)value;
            target[2 * x + 1] = (uint8_t)(value >> 8);
        }
        break;
    case LSB_PACKED: pack_bits(samples, width, layout->bits, target); break;
    case GEV_PACKED: pack_pairs(samples, width, layout->bits, target); break;
    }
}

uint8_t luma(const uint8_t *rgb) {
    return (uint8_t)((77u * rgb[0] + 150u * rgb[1] + 29u * rgb[2] + 128u) >> 8);
}

static uint8_t byte_of(int scaled) {
    int value = (scaled + (128 << 8) + 128) >> 8;
    return value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value;
}

/* Two pixels share their colour: full-range U and V of ITU-R BT.601, as in JPEG. */
static void pack_yuv(const PixelLayout *layout, const uint8_t *rgb, uint32_t width,
                     uint8_t *target) {
    unsigned grey = layout->family == YUYV ? 0 : 1;
    uint32_t x;
    for (x = 0; x + 1 < width; x += 2, rgb += 6, target += 4) {
        int red = (rgb[0] + rgb[3] + 1) / 2, green = (rgb[1] + rgb[4] + 1) / 2;
        int blue = (rgb[2] + rgb[5] + 1) / 2;
        target[grey] = luma(rgb);
        target[grey + 2] = luma(rgb + 3);
        target[1 - grey] = byte_of(-43 * red - 85 * green + 128 * blue);
        target[3 - grey] = byte_of(128 * red - 107 * green - 21 * blue);
    }
}

void layout_pack_colours(const PixelLayout *layout, const uint8_t *rgb, uint32_t width,
                         uint8_t *target) {
    uint32_t x;
    switch (layout->family) {
    case RGB: memcpy(target, rgb, (size_t)width * 3); break;
    case BGR:
        for (x = 0; x < width; x++, rgb += 3, target += 3) {
            target[0] = rgb[2];
            target[1] = rgb[1];
            target[2] = rgb[0];
        }
        break;
    default: pack_yuv(layout, rgb, width, target);
    }
}
