/* Triggers (SFNC TriggerSelector: FrameStart and FrameBurstStart) on their way to an exposure. */
#include "simcam.h"

#include <string.h>

#define BANK(name, selector) (REG_##name + (selector) * STRIDE_##name)
#define NS_PER_US 1000.0

int trigger_on(const Device *d, unsigned selector) {
    return register_u32(d, BANK(TriggerMode, selector)) == TriggerMode_On;
}

/* Number of the line that triggers come from, -1 for another source. */
static int line_of(const Device *d, unsigned selector) {
    return (int)register_u32(d, BANK(TriggerSource, selector)) - (int)TriggerSource_Line0;
}

int trigger_waits_for_line(const Device *d) {
    unsigned selector;
    for (selector = 0; selector < 2; selector++)
        if (trigger_on(d, selector) && line_of(d, selector) >= 0) return 1;
    return 0;
}

/* Frames that the bursts which were asked for still need. */
static uint32_t frames_asked(const Device *d) {
    uint32_t bursts = (uint32_t)d->triggers[TriggerSelector_FrameBurstStart].count;
    return d->burst_left + bursts * register_u32(d, REG_AcquisitionBurstFrameCount);
}

/* Whether a trigger that comes now comes too early for its TriggerOverlap, or at the wrong time. */
static int too_early(const Device *d, unsigned selector) {
    uint32_t overlap = register_u32(d, BANK(TriggerOverlap, selector));
    int waiting = d->triggers[selector].count;
    if (waiting == MOST_TRIGGERS || !d->frames_left) return 1;
    if (selector == TriggerSelector_FrameBurstStart) {
        if (overlap == TriggerOverlap_PreviousFrame) return 0;
        return d->burst_left || waiting || (overlap == TriggerOverlap_Off && d->reading_out);
    }
    if (trigger_on(d, TriggerSelector_FrameBurstStart) && (uint32_t)waiting >= frames_asked(d))
        return 1;
    if (overlap == TriggerOverlap_PreviousFrame) return 0;
    return waiting || (overlap == TriggerOverlap_Off && d->reading_out);
}

void trigger_come(Device *d, unsigned selector) {
    Triggers *triggers = &d->triggers[selector];
    double delay_us = register_f64(d, BANK(TriggerDelay, selector));
    if (!d->acquiring || !trigger_on(d, selector)) return;
    if (too_early(d, selector)) {
        register_set_u32(d, REG_SimMissedTriggers, register_u32(d, REG_SimMissedTriggers) + 1);
        return;
    }
    triggers->ready[triggers->count++] = clock_ns() + (uint64_t)(delay_us * NS_PER_US);
    condition_wake(&d->wake);
}

GC_ERROR trigger_software(Device *d, unsigned selector) {
    CHECK(trigger_on(d, selector), GC_ERR_ACCESS_DENIED, "TriggerSoftware needs TriggerMode On");
    CHECK(register_u32(d, BANK(TriggerSource, selector)) == TriggerSource_Software,
          GC_ERR_ACCESS_DENIED, "TriggerSoftware needs TriggerSource Software");
    CHECK(d->acquiring, GC_ERR_ACCESS_DENIED, "TriggerSoftware needs a started acquisition");
    trigger_come(d, selector);
    return GC_ERR_SUCCESS;
}

static int is_trigger(uint32_t activation, int before, int after) {
    switch (activation) {
    case TriggerActivation_RisingEdge:
    case TriggerActivation_LevelHigh: return !before && after;
    case TriggerActivation_FallingEdge:
    case TriggerActivation_LevelLow: return before && !after;
    default: return before != after;
    }
}

/* The lines went from one state to another. */
void triggers_follow_lines(Device *d, uint32_t before, uint32_t after) {
    unsigned selector;
    /* A burst comes first, so that a frame of the same edge finds it. */
    for (selector = 2; selector-- > 0;) {
        int line = line_of(d, selector);
        uint32_t activation = register_u32(d, BANK(TriggerActivation, selector));
        if (line >= 0 && is_trigger(activation, before >> line & 1, after >> line & 1))
            trigger_come(d, selector);
    }
}

/* A line that stays active triggers again and again. */
static int level_is_active(const Device *d, unsigned selector) {
    uint32_t activation = register_u32(d, BANK(TriggerActivation, selector));
    int line = line_of(d, selector);
    if (line < 0) return 0;
    if (activation == TriggerActivation_LevelHigh) return lines_status(d) >> line & 1;
    if (activation == TriggerActivation_LevelLow) return !(lines_status(d) >> line & 1);
    return 0;
}

/* Whether a trigger may be answered now; else *until says when to look again. */
int trigger_ready(Device *d, unsigned selector, uint64_t now, uint64_t *until) {
    Triggers *triggers = &d->triggers[selector];
    if (!triggers->count && level_is_active(d, selector)) trigger_come(d, selector);
    if (!triggers->count) return 0;
    if (triggers->ready[0] <= now) return 1;
    if (triggers->ready[0] < *until) *until = triggers->ready[0];
    return 0;
}

void trigger_answered(Device *d, unsigned selector) {
    Triggers *triggers = &d->triggers[selector];
    if (!triggers->count) return; /* the mode was changed during the exposure */
    memmove(triggers->ready, triggers->ready + 1,
            sizeof *triggers->ready * (size_t)--triggers->count);
}

void triggers_reset(Device *d) {
    d->triggers[0].count = d->triggers[1].count = 0;
    d->burst_left = 0;
}
