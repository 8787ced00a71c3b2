/* From the picture of a part, or a test pattern, to the image that the camera delivers. */
#pragma once

#include "layouts.h"

/* An RGB8 picture and the size that the sensor stretches it to. */
typedef struct {
    const uint8_t *pixels;
    uint32_t width, height, sensor_width, sensor_height;
} Picture;

typedef struct {
    uint32_t x, y, width, height; /* lies within the sensor */
    const PixelLayout *layout;
    uint32_t padding;  /* bytes after each row */
    double brightness; /* 1: as drawn */
    double balance[3]; /* factors of red, green and blue */
} View;

size_t view_row_bytes(const View *view); /* with padding */
size_t view_bytes(const View *view);
/* Writes the view of a picture; 0 if it worked, else memory is out. */
int image_write(uint8_t *target, const Picture *picture, const View *view);
/* Writes a test pattern (TestPattern of SFNC), which knows no exposure; 0 if it worked. */
int pattern_write(uint8_t *target, uint32_t pattern, uint64_t frame, const View *view);
/* Writes what lies behind a row, so that nobody takes it for pixels. */
void padding_write(uint8_t *target, const View *view);
/* Draws moving colour bars above a diagonal ramp: clearly a test picture. */
void image_pattern(uint8_t *picture, uint32_t width, uint32_t height, uint64_t frame);
/* Colours of the bars. */
#define BARS 8u
extern const uint8_t bar_colours[BARS][3];
/* Mean grey value of the view, from some of its pixels. */
double image_mean(const Picture *picture, const View *view);
