/* Life of a camera: power, cable, opening and closing. */
#include "simcam.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE_LOST_EVENT 0x9002u

static void path_of(const Device *d, const char *suffix, char path[PATH_BYTES + TEXT_BYTES + 16]) {
    snprintf(path, PATH_BYTES + TEXT_BYTES + 16, "%s/%s.%s", library.folder, d->serial, suffix);
}

/* Time until which SimVanish keeps the camera away, whichever process wrote it. */
static uint64_t absent_until(const Device *d) {
    char path[PATH_BYTES + TEXT_BYTES + 16];
    uint64_t until = d->absent_until;
    Ring ring;
    if (d->ring.header) return load_u64(&d->ring.header->absent_until);
    path_of(d, "ring", path);
    if (!library.folder[0] || ring_open(&ring, path)) return until;
    until = load_u64(&ring.header->absent_until);
    ring_close(&ring);
    return until;
}

/* Gone if somebody put SERIAL.unplug into the folder, if the simulation has ended, or for the time
 * of SimVanish. */
int device_unplugged(const Device *d) {
    char path[PATH_BYTES + TEXT_BYTES + 16];
    if (clock_ns() < absent_until(d)) return 1;
    if (!library.folder[0]) return 0;
    path_of(d, "unplug", path);
    if (file_exists(path)) return 1;
    if (!d->ring.header) return 0;
    path_of(d, "ring", path);
    return !file_exists(path);
}

void device_init(Device *d, int index) {
    memset(d, 0, sizeof *d);
    condition_open(&d->wake);
    d->random = 1 + (uint32_t)index;
    snprintf(d->serial, sizeof d->serial, "SIM%04d", index + 1);
    snprintf(d->id, sizeof d->id, "UniAD-SimCam-%04d", index + 1);
    module_open(&d->local, LOCAL_DEVICE);
    module_open(&d->remote, REMOTE_DEVICE);
    module_open(&d->stream, DATA_STREAM);
    page_set_text(&d->local, PAGE_DeviceID, d->id);
    page_set_text(&d->stream, PAGE_StreamID, STREAM_ID);
    registers_reset(d);
}

void device_free(Device *d) {
    device_close(d);
    condition_close(&d->wake);
}

GC_ERROR device_open(Device *d) {
    char path[PATH_BYTES + TEXT_BYTES + 16];
    CHECK(!d->opened, GC_ERR_RESOURCE_IN_USE, "%s is open already", d->serial);
    d->lost = device_unplugged(d);
    CHECK(!d->lost, GC_ERR_IO, "%s is unplugged", d->serial);
    path_of(d, "ring", path);
    if (library.folder[0] && !ring_open(&d->ring, path) && mapping_claim(&d->ring.mapping)) {
        ring_close(&d->ring);
        return fail(GC_ERR_ACCESS_DENIED, "%s is open in another process", d->serial);
    }
    registers_follow_ring(d);
    lines_open(d);
    d->silent_until = 0;
    d->opened = d->opened_before = 1;
    return GC_ERR_SUCCESS;
}

void device_close(Device *d) {
    if (d->stream_opened) stream_close(d);
    events_free(&d->local);
    events_free(&d->remote);
    register_set_u32(d, REG_TLParamsLocked, 0);
    ring_close(&d->ring); /* closing the file gives the claim back */
    free(d->pattern);
    d->pattern = NULL;
    d->opened = 0;
}

void device_lose(Device *d) {
    if (d->lost) return;
    d->lost = 1;
    event_post(&d->local, EVENT_ERROR, (uint64_t)(int64_t)GC_ERR_IO);
    event_post(&d->local, EVENT_MODULE, DEVICE_LOST_EVENT);
    condition_wake(&d->wake);
}

void device_vanish(Device *d, double seconds) {
    d->absent_until = clock_ns() + (uint64_t)(seconds * NS_PER_S);
    if (d->ring.header) store_u64(&d->ring.header->absent_until, d->absent_until);
    device_lose(d);
}

/* GenTL DEVICE_ACCESS_STATUS. */
int device_access(Device *d) {
    char path[PATH_BYTES + TEXT_BYTES + 16];
    Mapping mapping;
    int busy;
    if (d->opened && device_unplugged(d)) device_lose(d);
    if (d->lost) return DEVICE_ACCESS_STATUS_NOACCESS;
    if (d->opened) return DEVICE_ACCESS_STATUS_OPEN_READWRITE;
    path_of(d, "ring", path);
    if (!library.folder[0] || mapping_open(&mapping, path)) return DEVICE_ACCESS_STATUS_READWRITE;
    busy = mapping_claim(&mapping);
    if (!busy) mapping_release(&mapping);
    mapping_close(&mapping);
    return busy ? DEVICE_ACCESS_STATUS_BUSY : DEVICE_ACCESS_STATUS_READWRITE;
}
