/* Exposures and frames: the thread of a camera whose data stream is open. */
#include "image.h"
#include "simcam.h"

#include <math.h>
#include <stdlib.h>

#define IDLE_NS (50u * NS_PER_MS)
#define PART_WAIT_NS (1u * NS_PER_MS)
#define NS_PER_US 1000.0
#define NEUTRAL_EXPOSURE_US 2000.0 /* the default of ExposureTime */

static uint64_t exposure_ns(const Device *d) {
    return (uint64_t)(register_f64(d, REG_ExposureTime) * NS_PER_US);
}

static uint64_t period_ns(const Device *d) {
    uint64_t exposure = exposure_ns(d), period = 0;
    if (register_u32(d, REG_AcquisitionFrameRateEnable))
        period = (uint64_t)(NS_PER_S / register_f64(d, REG_AcquisitionFrameRate));
    return period > exposure ? period : exposure;
}

/* True once an exposure has ended; else *until says when to look again. */
static int exposed(Device *d, uint64_t now, uint64_t *until) {
    *until = now + IDLE_NS;
    if (d->lost || !d->grabbing || !d->acquiring || !d->frames_left || !d->stream_left) return 0;
    if (register_u32(d, REG_TriggerMode)) {
        if (!d->triggers) return 0;
        if (!d->due) d->due = now + exposure_ns(d);
    } else if (!d->due) {
        d->due = now + period_ns(d);
    }
    if (now >= d->due) return 1;
    if (d->due < *until) *until = d->due;
    return 0;
}

static void begin_next(Device *d, uint64_t now) {
    if (register_u32(d, REG_TriggerMode)) {
        d->triggers--;
        d->due = 0;
        return;
    }
    /* Late because no part was there: go on from now, without a burst to catch up. */
    d->due += period_ns(d);
    if (d->due < now) d->due = now;
}

static int chance(Device *d, unsigned permille_register) {
    d->random = d->random * 1664525u + 1013904223u; /* Numerical Recipes */
    return (d->random >> 8) % 1000 < register_u32(d, permille_register);
}

static View view_of(const Device *d) {
    View view;
    view.x = register_u32(d, REG_OffsetX);
    view.y = register_u32(d, REG_OffsetY);
    view.width = register_u32(d, REG_Width);
    view.height = register_u32(d, REG_Height);
    view.format = register_u32(d, REG_PixelFormat);
    view.brightness = register_f64(d, REG_ExposureTime) / NEUTRAL_EXPOSURE_US *
                      pow(10.0, register_f64(d, REG_Gain) / 20.0);
    return view;
}

/* The part in front of the camera, or the test picture; NULL if memory is out. */
static const uint8_t *picture_of(Device *d, uint32_t width) {
    uint32_t height = register_u32(d, REG_HeightMax);
    if (d->ring.header) return ring_pixels(&d->ring);
    if (!d->pattern) d->pattern = malloc((size_t)width * height * 3);
    if (d->pattern) image_pattern(d->pattern, width, height, d->frame_id);
    return d->pattern;
}

static void fill(Device *d, Buffer *buffer) {
    View view = view_of(d);
    uint32_t picture_width = register_u32(d, REG_WidthMax);
    size_t bytes = payload_size(d);
    const uint8_t *picture;
    buffer->x = view.x;
    buffer->y = view.y;
    buffer->width = view.width;
    buffer->height = view.height;
    buffer->format = view.format;
    buffer->filling = 1;
    lock_give(&library.lock);
    /* Only this thread releases slots, and geometry is locked while streaming. */
    picture = picture_of(d, picture_width);
    if (picture && bytes <= buffer->size) image_write(buffer->data, picture, picture_width, &view);
    lock_take(&library.lock);
    buffer->filling = 0;
    buffer->filled = picture && bytes <= buffer->size ? bytes : 0;
    buffer->incomplete = !buffer->filled;
}

/* One exposure has ended: the part in front of the camera becomes a frame, or is missed. */
static void take_frame(Device *d, uint64_t now) {
    int dropped = chance(d, REG_SimDropPermille);
    int damaged = chance(d, REG_SimIncompletePermille);
    uint64_t frame = ++d->frame_id;
    Buffer *buffer = dropped ? NULL : queue_take(&d->input);
    PartTag part = {0};
    if (d->ring.header) part = ring_take(&d->ring);
    d->started++;
    if (!dropped && !buffer) d->lost_frames++;
    if (buffer) {
        buffer->queued = 0;
        buffer->frame = frame;
        buffer->time = now;
        fill(d, buffer);
        if (damaged) {
            buffer->incomplete = 1;
            buffer->filled /= 2;
        }
    }
    if (d->ring.header) {
        ring_release(&d->ring, frame, now);
        registers_show_part(d, &part);
    }
    if (!buffer) return;
    if (d->grabbing) {
        if (d->frames_left != GENTL_INFINITE) d->frames_left--;
        if (d->stream_left != GENTL_INFINITE) d->stream_left--;
        d->delivered++;
        buffer->fresh = 1;
        stream_deliver(d, buffer);
    } else { /* stopped meanwhile: the frame is dropped */
        buffer->queued = 1;
        queue_add(&d->input, buffer);
        condition_wake(&d->wake);
    }
}

void acquisition_thread(void *argument) {
    Device *d = argument;
    lock_take(&library.lock);
    while (!d->quit) {
        uint64_t now = clock_ns(), until;
        int part = !d->ring.header || ring_ready(&d->ring);
        if (now >= d->next_look) {
            d->next_look = now + IDLE_NS;
            if (device_unplugged(d)) device_lose(d);
        }
        if (!exposed(d, now, &until)) {
            condition_wait(&d->wake, &library.lock, until);
        } else if (!part) {
            condition_wait(&d->wake, &library.lock, now + PART_WAIT_NS);
        } else {
            begin_next(d, now);
            take_frame(d, now);
        }
    }
    lock_give(&library.lock);
}

void acquisition_start(Device *d) {
    switch (register_u32(d, REG_AcquisitionMode)) {
    case 0: d->frames_left = GENTL_INFINITE; break;
    case 1: d->frames_left = 1; break;
    default: d->frames_left = register_u32(d, REG_AcquisitionFrameCount);
    }
    d->due = 0;
    d->triggers = 0;
    d->acquiring = 1;
    ring_set_state(&d->ring, 1, (int)register_u32(d, REG_TriggerMode));
    condition_wake(&d->wake);
}

void acquisition_stop(Device *d) {
    d->acquiring = 0;
    ring_set_state(&d->ring, 0, (int)register_u32(d, REG_TriggerMode));
    condition_wake(&d->wake);
}
