/* Exposures and frames: the thread of a camera whose data stream is open. */
#include "simcam.h"

#include <stdlib.h>

#define IDLE_NS (50u * NS_PER_MS)
#define PART_WAIT_NS (1u * NS_PER_MS)
#define NS_PER_US 1000.0

static uint64_t exposure_ns(const Device *d) {
    return (uint64_t)(register_f64(d, REG_ExposureTime) * NS_PER_US);
}

static uint64_t period_ns(const Device *d) {
    uint64_t exposure = exposure_ns(d), period = 0;
    if (register_u32(d, REG_AcquisitionFrameRateEnable))
        period = (uint64_t)(NS_PER_S / register_f64(d, REG_AcquisitionFrameRate));
    return period > exposure ? period : exposure;
}

static int may_expose(const Device *d, uint64_t now) {
    return !d->lost && d->grabbing && d->acquiring && d->frames_left && d->stream_left &&
           now >= d->silent_until;
}

/* Begins the next exposure if no trigger has to be waited for; sets `due`. */
static void begin_exposure(Device *d, uint64_t now, uint64_t *until) {
    int at_once = 0;
    if (trigger_on(d, TriggerSelector_FrameBurstStart) && !d->burst_left) {
        if (!trigger_ready(d, TriggerSelector_FrameBurstStart, now, until)) return;
        trigger_answered(d, TriggerSelector_FrameBurstStart);
        d->burst_left = register_u32(d, REG_AcquisitionBurstFrameCount);
        at_once = 1;
    }
    if (trigger_on(d, TriggerSelector_FrameStart)) {
        if (!trigger_ready(d, TriggerSelector_FrameStart, now, until)) return;
        at_once = 1;
    }
    d->due = now + (at_once ? exposure_ns(d) : period_ns(d));
    d->exposure_from = d->due - exposure_ns(d);
}

/* True once an exposure has ended; else *until says when to look again. */
static int exposed(Device *d, uint64_t now, uint64_t *until) {
    if (!may_expose(d, now)) {
        d->due = 0;
        return 0;
    }
    if (!d->due) begin_exposure(d, now, until);
    if (!d->due) return 0;
    if (now >= d->due) return 1;
    if (d->due < *until) *until = d->due;
    return 0;
}

/* The exposure that has ended is answered; what comes next depends on the triggers. */
static void begin_next(Device *d, uint64_t now) {
    int burst = trigger_on(d, TriggerSelector_FrameBurstStart);
    if (burst && d->burst_left) d->burst_left--;
    if (trigger_on(d, TriggerSelector_FrameStart)) {
        trigger_answered(d, TriggerSelector_FrameStart);
        d->due = 0;
    } else if (burst && !d->burst_left) {
        d->due = 0;
    } else {
        /* Late because no part was there: go on from now, without a burst to catch up. */
        d->due += period_ns(d);
        if (d->due < now) d->due = now;
        d->exposure_from = d->due - exposure_ns(d);
    }
}

static int chance(Device *d, unsigned permille_register) {
    d->random = d->random * 1664525u + 1013904223u; /* Numerical Recipes */
    return (d->random >> 8) % 1000 < register_u32(d, permille_register);
}

/* Parts pass the camera only while it looks at them. */
static int sees_parts(const Device *d) {
    return d->ring.header && register_u32(d, REG_TestPattern) == TestPattern_Off;
}

/* The part in front of the camera, or the test picture; without pixels if memory is out. */
static Picture picture_of(Device *d) {
    Picture picture = {0};
    sensor_size(d, &picture.sensor_width, &picture.sensor_height);
    if (d->ring.header) {
        picture.pixels = ring_pixels(&d->ring);
        picture.width = d->ring.header->width;
        picture.height = d->ring.header->height;
        return picture;
    }
    picture.width = picture.sensor_width;
    picture.height = picture.sensor_height;
    if (!d->pattern) d->pattern = malloc((size_t)picture.width * picture.height * 3);
    if (d->pattern) image_pattern(d->pattern, picture.width, picture.height, d->frame_id);
    picture.pixels = d->pattern;
    return picture;
}

/* Only the acquisition thread releases slots, and geometry is locked while streaming: the pixels
 * can be written without the lock. */
static void fill(Device *d, Buffer *buffer) {
    uint32_t pattern = register_u32(d, REG_TestPattern);
    size_t bytes = payload_size(d);
    int failed = bytes > buffer->size, adjust = auto_on(d) && !pattern;
    View view = view_of(d);
    Picture picture;
    double mean = 0;
    payload_describe(d, buffer);
    buffer->filling = 1;
    lock_give(&library.lock);
    if (pattern) {
        failed = failed || pattern_write(buffer->data, pattern, buffer->frame, &view);
    } else {
        picture = picture_of(d);
        failed = failed || !picture.pixels || image_write(buffer->data, &picture, &view);
        if (!failed && adjust) mean = image_mean(&picture, &view);
    }
    if (!failed) payload_finish(buffer);
    lock_take(&library.lock);
    buffer->filling = 0;
    buffer->filled = failed ? 0 : bytes;
    buffer->incomplete = failed;
    if (!failed && adjust) auto_adjust(d, mean);
}

static uint64_t next_id(Device *d) {
    d->frame_id += 1 + (uint64_t)register_u32(d, REG_SimSkipIds);
    register_set_u32(d, REG_SimSkipIds, 0);
    return d->frame_id;
}

/* One exposure has ended: the part in front of the camera becomes a frame, or is missed. */
static void take_frame(Device *d, uint64_t now) {
    int dropped = chance(d, REG_SimDropPermille);
    int damaged = chance(d, REG_SimIncompletePermille);
    int parts = sees_parts(d);
    uint64_t frame = next_id(d);
    Buffer *buffer = dropped ? NULL : queue_take(&d->input);
    PartTag part = {0};
    if (parts) part = ring_take(&d->ring);
    d->reading_out = 1;
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
    d->reading_out = 0;
    if (parts) {
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
        uint64_t now = clock_ns(), until = now + IDLE_NS;
        int part;
        if (now >= d->next_look) {
            d->next_look = now + IDLE_NS;
            if (device_unplugged(d)) device_lose(d);
        }
        lines_poll(d, now, &until);
        part = !sees_parts(d) || ring_ready(&d->ring);
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
    d->auto_frames = 0;
    triggers_reset(d);
    register_set_u32(d, REG_SimMissedTriggers, 0);
    d->acquiring = 1;
    ring_set_state(&d->ring, 1, trigger_on(d, 0) || trigger_on(d, 1));
    condition_wake(&d->wake);
}

void acquisition_stop(Device *d) {
    d->acquiring = 0;
    ring_set_state(&d->ring, 0, trigger_on(d, 0) || trigger_on(d, 1));
    condition_wake(&d->wake);
}
