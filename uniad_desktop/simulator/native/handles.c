/* A handle is the address of the object, accepted only while the object is open. */
#include "simcam.h"

#include <string.h>

Module *system_of(void *handle) {
    return handle == &library.system && library.system_opened ? &library.system : NULL;
}

Module *interface_of(void *handle) {
    return handle == &library.interface && library.interface_opened ? &library.interface : NULL;
}

Device *local_of(void *handle) {
    Device *d = library.devices, *end = d + library.device_count;
    for (; d < end; d++)
        if (handle == &d->local && d->opened) return d;
    return NULL;
}

Device *remote_of(void *handle) {
    Device *d = library.devices, *end = d + library.device_count;
    for (; d < end; d++)
        if (handle == &d->remote && d->opened) return d;
    return NULL;
}

Device *stream_of(void *handle) {
    Device *d = library.devices, *end = d + library.device_count;
    for (; d < end; d++)
        if (handle == &d->stream && d->stream_opened) return d;
    return NULL;
}

Module *module_of(void *handle) {
    if (system_of(handle) || interface_of(handle) || local_of(handle) || remote_of(handle) ||
        stream_of(handle))
        return handle;
    return NULL;
}

static Event *event_in(Module *module, void *handle) {
    int type;
    for (type = 0; type < EVENT_TYPES; type++)
        if (handle && module->events[type] == handle) return handle;
    return NULL;
}

Event *event_of(void *handle) {
    Device *d = library.devices, *end = d + library.device_count;
    Event *event = event_in(&library.system, handle);
    if (!event) event = event_in(&library.interface, handle);
    for (; d < end && !event; d++) {
        event = event_in(&d->local, handle);
        if (!event) event = event_in(&d->remote, handle);
        if (!event) event = event_in(&d->stream, handle);
    }
    return event;
}

Device *device_by_id(const char *id) {
    Device *d = library.devices, *end = d + library.device_count;
    for (; d < end; d++)
        if (id && !strcmp(d->id, id)) return d;
    return NULL;
}

/* The index-th camera whose cable is plugged in. */
Device *device_present(uint32_t index) {
    Device *d = library.devices, *end = d + library.device_count;
    for (; d < end; d++) {
        if (!d->opened) d->lost = device_unplugged(d);
        if (!d->lost && index-- == 0) return d;
    }
    return NULL;
}
