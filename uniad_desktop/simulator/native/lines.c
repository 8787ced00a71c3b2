/* Digital lines (SFNC DigitalIOControl): two inputs that are moved by features, by pulses, or from
 * outside through the ring file, and an output. */
#include "simcam.h"

#define BANK(name, bank) (REG_##name + (bank) * STRIDE_##name)
#define OUTPUT LineSelector_Line2
#define LINES (OUTPUT + 1)
#define INPUTS OUTPUT
#define POLL_NS 500000u /* so late is an event from outside noticed */

static int exposing(const Device *d) {
    uint64_t now = clock_ns();
    return d->acquiring && d->due && now >= d->exposure_from && now < d->due;
}

static int output_level(const Device *d) {
    switch (register_u32(d, BANK(LineSource, OUTPUT))) {
    case LineSource_ExposureActive: return exposing(d);
    case LineSource_FrameTriggerWait:
        return d->acquiring && trigger_on(d, TriggerSelector_FrameStart) &&
               !d->triggers[TriggerSelector_FrameStart].count && !d->reading_out;
    case LineSource_UserOutput0: return register_u32(d, BANK(UserOutputValue, 0)) != 0;
    case LineSource_UserOutput1: return register_u32(d, BANK(UserOutputValue, 1)) != 0;
    }
    return 0;
}

/* LineStatusAll: Line0 is the lowest bit. */
uint32_t lines_status(const Device *d) {
    uint32_t status = d->levels | (uint32_t)output_level(d) << OUTPUT, line;
    for (line = 0; line < LINES; line++)
        status ^= (register_u32(d, BANK(LineInverter, line)) & 1) << line;
    return status;
}

/* Something that the lines depend on has changed since `before` was read. */
void lines_changed(Device *d, uint32_t before) {
    uint32_t after = lines_status(d);
    if (after != before) triggers_follow_lines(d, before, after);
    if (d->ring.header) store_u32(&d->ring.header->lines, after);
}

void line_drive(Device *d, unsigned line, int high) {
    uint32_t before = lines_status(d);
    if (line >= INPUTS) return;
    d->levels = (d->levels & ~(1u << line)) | (high ? 1u << line : 0);
    lines_changed(d, before);
}

/* Events that came before the camera was opened are no triggers. */
void lines_open(Device *d) {
    const RingHeader *h = d->ring.header;
    d->next_pulse = 0;
    if (!h) return;
    d->line_tail = load_u64(&h->line_head);
    d->levels = h->levels & ((1u << INPUTS) - 1);
}

static void missed_events(Device *d, uint64_t events) {
    uint32_t missed = register_u32(d, REG_SimMissedTriggers);
    register_set_u32(d, REG_SimMissedTriggers, missed + (uint32_t)(events / 2));
}

static void follow_events(Device *d) {
    const RingHeader *h = d->ring.header;
    uint64_t head = load_u64(&h->line_head);
    if (head - d->line_tail > LINE_EVENTS) { /* overwritten before they were seen */
        missed_events(d, head - d->line_tail - LINE_EVENTS);
        d->line_tail = head - LINE_EVENTS;
    }
    for (; d->line_tail != head; d->line_tail++) {
        uint8_t event = h->line_events[d->line_tail % LINE_EVENTS];
        line_drive(d, event >> 1, event & 1);
    }
}

static void follow_pulses(Device *d, uint64_t now, uint64_t *until) {
    double rate = register_f64(d, REG_SimLine1PulseRate);
    uint64_t period;
    if (rate <= 0 || !d->acquiring) {
        d->next_pulse = 0;
        return;
    }
    period = (uint64_t)(NS_PER_S / rate);
    if (!d->next_pulse) d->next_pulse = now + period;
    /* Late because the machine was busy: parts do not wait, so none is left out. */
    for (; d->next_pulse <= now; d->next_pulse += period) {
        line_drive(d, 1, 1);
        line_drive(d, 1, 0);
    }
    if (d->next_pulse < *until) *until = d->next_pulse;
}

/* Takes what happened to the lines; *until becomes earlier if they must be looked at again. */
void lines_poll(Device *d, uint64_t now, uint64_t *until) {
    if (d->ring.header) {
        follow_events(d);
        store_u32(&d->ring.header->lines, lines_status(d));
        if (d->acquiring && trigger_waits_for_line(d) && now + POLL_NS < *until)
            *until = now + POLL_NS;
    }
    follow_pulses(d, now, until);
}
