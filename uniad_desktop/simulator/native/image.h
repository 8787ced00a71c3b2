/* From the picture of a part to the image that the camera delivers. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define PIXEL_MONO8 0x01080001u
#define PIXEL_RGB8 0x02180014u

typedef struct {
    uint32_t x, y, width, height; /* lies within the picture */
    uint32_t format;
    double brightness; /* 1: as drawn */
} View;

unsigned pixel_bytes(uint32_t format);
/* Writes the view of an RGB8 picture `picture_width` pixels wide, without padding. */
void image_write(uint8_t *target, const uint8_t *picture, uint32_t picture_width, const View *view);
/* Draws moving colour bars above a diagonal ramp: clearly a test picture. */
void image_pattern(uint8_t *picture, uint32_t width, uint32_t height, uint64_t frame);
