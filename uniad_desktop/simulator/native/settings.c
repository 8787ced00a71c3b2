/* What the camera's features mean to each other, and what writing one does beyond keeping it. */
#include "simcam.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEUTRAL_EXPOSURE_US 2000.0 /* the default of ExposureTime */

void sensor_size(const Device *d, uint32_t *width, uint32_t *height) {
    const RingHeader *h = d->ring.header;
    int large = register_u32(d, REG_SimSensor) == SimSensor_FiveMegapixel;
    *width = large ? LARGE_WIDTH : h ? h->width : SENSOR_WIDTH;
    *height = large ? LARGE_HEIGHT : h ? h->height : SENSOR_HEIGHT;
}

static int region_fits(const Device *d, unsigned offset, unsigned size, uint32_t max) {
    return register_u32(d, size) && register_u32(d, size) <= max &&
           register_u32(d, offset) <= max - register_u32(d, size);
}

static void whole_sensor(Device *d) {
    register_set_u32(d, REG_Width, register_u32(d, REG_WidthMax));
    register_set_u32(d, REG_Height, register_u32(d, REG_HeightMax));
    register_set_u32(d, REG_OffsetX, 0);
    register_set_u32(d, REG_OffsetY, 0);
    if (!layout_fits(layout_of(register_u32(d, REG_PixelFormat)), register_u32(d, REG_Width)))
        register_set_u32(d, REG_PixelFormat, PixelFormat_RGB8);
}

/* Takes over the size of the sensor; a region of interest is kept if `keep` is set and it fits. */
static void sensor_take(Device *d, int keep) {
    uint32_t width, height;
    sensor_size(d, &width, &height);
    if (width != register_u32(d, REG_WidthMax) || height != register_u32(d, REG_HeightMax)) {
        /* The picture for a camera without parts has the size of the sensor. */
        free(d->pattern);
        d->pattern = NULL;
    }
    register_set_u32(d, REG_WidthMax, width);
    register_set_u32(d, REG_HeightMax, height);
    if (!keep || !region_fits(d, REG_OffsetX, REG_Width, width) ||
        !region_fits(d, REG_OffsetY, REG_Height, height))
        whole_sensor(d);
}

/* Another sensor: the image is the whole of it. */
void sensor_follow(Device *d) {
    uint32_t width, height;
    sensor_size(d, &width, &height);
    if (width != register_u32(d, REG_WidthMax) || height != register_u32(d, REG_HeightMax))
        sensor_take(d, 0);
}

View view_of(const Device *d) {
    View view;
    int colour;
    view.x = register_u32(d, REG_OffsetX);
    view.y = register_u32(d, REG_OffsetY);
    view.width = register_u32(d, REG_Width);
    view.height = register_u32(d, REG_Height);
    view.layout = layout_of(register_u32(d, REG_PixelFormat));
    view.padding = register_u32(d, REG_SimPaddingX);
    view.brightness = register_f64(d, REG_ExposureTime) / NEUTRAL_EXPOSURE_US *
                      pow(10.0, register_f64(d, REG_Gain) / 20.0);
    for (colour = 0; colour < 3; colour++)
        view.balance[colour] =
            register_f64(d, REG_BalanceRatio + (unsigned)colour * STRIDE_BalanceRatio);
    return view;
}

static int locked_while_streaming(uint64_t address) {
    switch (address) {
    case REG_SimSensor:
    case REG_Width:
    case REG_Height:
    case REG_PixelFormat:
    case REG_SimPaddingX:
    case REG_SimMultiPart:
    case REG_ChunkModeActive:
    case REG_UserSetLoad: return 1;
    }
    return address >= REG_ChunkEnable &&
           address < REG_ChunkEnable + CHUNK_COUNT * STRIDE_ChunkEnable;
}

static GC_ERROR check_format(uint32_t code, uint32_t width) {
    const PixelLayout *layout = layout_of(code);
    CHECK(layout, GC_ERR_INVALID_VALUE, "no PixelFormat 0x%08X", code);
    CHECK(layout_fits(layout, width), GC_ERR_INVALID_VALUE,
          "this PixelFormat needs a Width that is a multiple of 4, not %u", width);
    return GC_ERR_SUCCESS;
}

GC_ERROR setting_check(Device *d, uint64_t address, uint32_t value) {
    uint32_t width_max = register_u32(d, REG_WidthMax), height_max = register_u32(d, REG_HeightMax);
    uint32_t width = register_u32(d, REG_Width), height = register_u32(d, REG_Height);
    GC_ERROR result;
    CHECK(!locked_while_streaming(address) || !d->grabbing, GC_ERR_BUSY,
          "the image size is locked while streaming");
    switch (address) {
    case REG_Width:
        CHECK(value && value <= width_max, GC_ERR_INVALID_VALUE, "Width is at most WidthMax");
        result = check_format(register_u32(d, REG_PixelFormat), value);
        if (result) return result;
        if (register_u32(d, REG_OffsetX) > width_max - value)
            register_set_u32(d, REG_OffsetX, width_max - value);
        break;
    case REG_Height:
        CHECK(value && value <= height_max, GC_ERR_INVALID_VALUE, "Height is at most HeightMax");
        if (register_u32(d, REG_OffsetY) > height_max - value)
            register_set_u32(d, REG_OffsetY, height_max - value);
        break;
    case REG_OffsetX:
        CHECK(value <= width_max - width, GC_ERR_INVALID_VALUE, "OffsetX + Width is too large");
        break;
    case REG_OffsetY:
        CHECK(value <= height_max - height, GC_ERR_INVALID_VALUE, "OffsetY + Height is too large");
        break;
    case REG_PixelFormat: return check_format(value, width);
    case REG_UserSetSave:
        CHECK(register_u32(d, REG_UserSetSelector) != UserSetSelector_Default, GC_ERR_ACCESS_DENIED,
              "the user set Default cannot be overwritten");
        break;
    case REG_UserSetLoad:
        CHECK(register_u32(d, REG_UserSetSelector) == UserSetSelector_Default || d->user_set_saved,
              GC_ERR_ACCESS_DENIED, "nothing was saved to the user set UserSet0");
        break;
    }
    return GC_ERR_SUCCESS;
}

static void line_of_parts_follow(Device *d, int restart) {
    ring_set(&d->ring, register_u32(d, REG_SimProduct), register_f64(d, REG_SimDefectRate),
             register_f64(d, REG_SimLightingDrift), register_u32(d, REG_SimSeed), restart);
}

/* An exposure that has begun starts anew. */
static void expose_anew(Device *d) {
    d->due = 0;
    condition_wake(&d->wake);
}

static void user_set_load(Device *d) {
    uint8_t defaults[REG_END];
    if (register_u32(d, REG_UserSetSelector) == UserSetSelector_Default) {
        registers_default(defaults);
        registers_keep(d->registers, defaults);
    } else {
        registers_keep(d->registers, d->user_set);
    }
    sensor_take(d, register_u32(d, REG_UserSetSelector) != UserSetSelector_Default);
    line_of_parts_follow(d, 0);
    triggers_reset(d);
    expose_anew(d);
}

static void user_set_save(Device *d) {
    registers_keep(d->user_set, d->registers);
    d->user_set_saved = 1;
}

/* For ever, or for so long, nothing in this producer goes on: the lock is not given back. */
static void hang(double seconds) {
    uint64_t end = clock_ns() + (uint64_t)(seconds > 0 ? seconds * NS_PER_S : 0);
    while (seconds < 0 || clock_ns() < end) sleep_us(10000);
}

/* What has happened is over: whoever opens the camera again and writes what it read must not have it
 * happen again. */
static GC_ERROR act_on_fault(Device *d, uint64_t address) {
    double seconds;
    switch (address) {
    case REG_SimDisconnect: device_lose(d); break;
    case REG_SimCrash: abort();
    case REG_SimHang:
        seconds = register_f64(d, REG_SimHang);
        register_set_f64(d, REG_SimHang, 0);
        hang(seconds);
        break;
    case REG_SimVanish:
        if (register_f64(d, REG_SimVanish) > 0) device_vanish(d, register_f64(d, REG_SimVanish));
        register_set_f64(d, REG_SimVanish, 0);
        break;
    case REG_SimStopAnswering:
        d->silent_until = clock_ns() + (uint64_t)(register_f64(d, REG_SimStopAnswering) * NS_PER_S);
        register_set_f64(d, REG_SimStopAnswering, 0);
        break;
    }
    return GC_ERR_SUCCESS;
}

static GC_ERROR act_on_lines(Device *d, uint64_t address, uint32_t lines_before) {
    switch (address) {
    case REG_SimLine0: line_drive(d, 0, (int)register_u32(d, REG_SimLine0)); break;
    case REG_SimLine1: line_drive(d, 1, (int)register_u32(d, REG_SimLine1)); break;
    case REG_SimLine1PulseRate:
        d->next_pulse = 0;
        condition_wake(&d->wake);
        break;
    default: lines_changed(d, lines_before); /* LineInverter and what an output shows */
    }
    return GC_ERR_SUCCESS;
}

static int in_banks(uint64_t address, unsigned first, unsigned stride, unsigned banks) {
    return address >= first && address < first + stride * banks;
}

#define IN_BANKS(name, count) in_banks(address, REG_##name, STRIDE_##name, count)

GC_ERROR setting_act(Device *d, uint64_t address, uint32_t lines_before) {
    if (IN_BANKS(TriggerSoftware, 2))
        return trigger_software(d,
                                (unsigned)(address - REG_TriggerSoftware) / STRIDE_TriggerSoftware);
    if (IN_BANKS(TriggerMode, 2)) {
        triggers_reset(d);
        ring_set_state(&d->ring, d->acquiring, trigger_on(d, 0) || trigger_on(d, 1));
        expose_anew(d);
        return GC_ERR_SUCCESS;
    }
    if (IN_BANKS(LineInverter, 3) || IN_BANKS(LineSource, 3) || IN_BANKS(UserOutputValue, 2))
        return act_on_lines(d, address, lines_before);
    switch (address) {
    case REG_SimLine0:
    case REG_SimLine1:
    case REG_SimLine1PulseRate: return act_on_lines(d, address, lines_before);
    case REG_AcquisitionStart: acquisition_start(d); break;
    case REG_AcquisitionStop: acquisition_stop(d); break;
    case REG_AcquisitionFrameRate:
    case REG_AcquisitionFrameRateEnable:
    case REG_ExposureTime: expose_anew(d); break;
    case REG_ExposureAuto:
    case REG_GainAuto: d->auto_frames = 0; break;
    case REG_SimSensor: sensor_follow(d); break;
    case REG_UserSetLoad: user_set_load(d); break;
    case REG_UserSetSave: user_set_save(d); break;
    case REG_TimestampLatch: register_set_u64(d, REG_TimestampLatchValue, clock_ns()); break;
    case REG_SimProduct:
    case REG_SimDefectRate:
    case REG_SimLightingDrift:
    case REG_SimSeed: line_of_parts_follow(d, address == REG_SimSeed); break;
    case REG_SimDisconnect:
    case REG_SimCrash:
    case REG_SimHang:
    case REG_SimVanish:
    case REG_SimStopAnswering: return act_on_fault(d, address);
    }
    return GC_ERR_SUCCESS;
}
