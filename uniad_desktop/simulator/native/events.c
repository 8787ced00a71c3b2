/* Events: messages of a module, and the frames of a data stream. */
#include "simcam.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_WAIT_MS 1000000000u /* beyond this a time-out means for ever */
#define LEAVE_US 200u

GC_ERROR event_register(Module *module, int type, void **out) {
    Event *event;
    CHECK(module, GC_ERR_INVALID_HANDLE, "not an open module");
    CHECK(out && type >= 0 && type < EVENT_TYPES, GC_ERR_INVALID_PARAMETER, "no event %d", type);
    CHECK((type != EVENT_NEW_BUFFER || module->kind == DATA_STREAM) &&
              (type != EVENT_REMOTE_DEVICE || module->kind == LOCAL_DEVICE) &&
              type != EVENT_FEATURE_INVALIDATE && type != EVENT_FEATURE_CHANGE,
          GC_ERR_NOT_IMPLEMENTED, "%s has no event %d", module->port, type);
    CHECK(!module->events[type], GC_ERR_RESOURCE_IN_USE, "event %d is registered", type);
    event = calloc(1, sizeof *event);
    CHECK(event, GC_ERR_OUT_OF_MEMORY, "no memory for an event");
    event->type = type;
    event->source = module;
    condition_open(&event->condition);
    module->events[type] = event;
    *out = event;
    return GC_ERR_SUCCESS;
}

/* Lets the threads that still wait in EventGetData leave before the event goes. */
static void event_free(Module *module, int type) {
    Event *event = module->events[type];
    if (!event) return;
    module->events[type] = NULL;
    event->killed = 2;
    while (event->waiters) {
        condition_wake(&event->condition);
        lock_give(&library.lock);
        sleep_us(LEAVE_US);
        lock_take(&library.lock);
    }
    condition_close(&event->condition);
    free(event);
}

void events_free(Module *module) {
    int type;
    for (type = 0; type < EVENT_TYPES; type++) event_free(module, type);
}

GC_ERROR event_unregister(Module *module, int type) {
    CHECK(module, GC_ERR_INVALID_HANDLE, "not an open module");
    CHECK(type >= 0 && type < EVENT_TYPES && module->events[type], GC_ERR_NOT_AVAILABLE,
          "event %d is not registered", type);
    event_free(module, type);
    return GC_ERR_SUCCESS;
}

/* Keeps the newest messages if nobody fetches them. */
void event_post(Module *module, int type, uint64_t id) {
    Event *event = module->events[type];
    Message *message;
    if (!event) return;
    if (event->count == MESSAGES) {
        event->first = (event->first + 1) % MESSAGES;
        event->count--;
    }
    message = &event->messages[(event->first + event->count++) % MESSAGES];
    message->id = id;
    message->time = clock_ns();
    event->fired++;
    condition_wake(&event->condition);
}

void event_frame(Module *stream) {
    Event *event = stream->events[EVENT_NEW_BUFFER];
    if (!event) return;
    event->fired++;
    condition_wake(&event->condition);
}

/* Hands out what is there; *done tells whether there was anything. */
static GC_ERROR event_next(Event *event, void *out, size_t *size, int *done) {
    GC_ERROR result;
    *done = 1;
    if (event->type == EVENT_NEW_BUFFER) {
        Device *d = stream_of(event->source);
        if (d && d->output.count) {
            S_EVENT_NEW_BUFFER frame = {d->output.items[0], d->output.items[0]->user};
            result = give(INFO_DATATYPE_BUFFER, &frame, sizeof frame, NULL, out, size);
            if (result || !out) return result;
            queue_take(&d->output)->waiting = 0;
            return GC_ERR_SUCCESS;
        }
    } else if (event->count) {
        Message message = event->messages[event->first];
        result = give(INFO_DATATYPE_BUFFER, &message, sizeof message, NULL, out, size);
        if (result || !out) return result;
        event->first = (event->first + 1) % MESSAGES;
        event->count--;
        return GC_ERR_SUCCESS;
    }
    *done = 0;
    return GC_ERR_SUCCESS;
}

GC_ERROR event_wait(void *handle, void *out, size_t *size, uint64_t timeout_ms) {
    uint64_t end = timeout_ms > LONGEST_WAIT_MS ? 0 : clock_ns() + timeout_ms * NS_PER_MS;
    CHECK(size, GC_ERR_INVALID_PARAMETER, "the size pointer is NULL");
    for (;;) {
        Event *event = event_of(handle);
        GC_ERROR result;
        int done;
        CHECK(event, GC_ERR_INVALID_HANDLE, "not a registered event");
        result = event_next(event, out, size, &done);
        if (done) return result;
        if (event->killed) {
            event->killed = 0;
            return fail(GC_ERR_ABORT, "EventKill was called");
        }
        if (end && clock_ns() >= end)
            return fail(GC_ERR_TIMEOUT, "no event within %u ms", (unsigned)timeout_ms);
        event->waiters++;
        condition_wait(&event->condition, &library.lock, end);
        event->waiters--;
        if (event->killed > 1) return fail(GC_ERR_ABORT, "the event was unregistered");
    }
}

GC_ERROR event_data_info(void *handle, const void *data, size_t data_size, int command,
                         int32_t *type, void *out, size_t *size) {
    Event *event = event_of(handle);
    Message message;
    char text[24];
    CHECK(event, GC_ERR_INVALID_HANDLE, "not a registered event");
    if (event->type == EVENT_NEW_BUFFER) {
        S_EVENT_NEW_BUFFER frame;
        CHECK(data && data_size >= sizeof frame, GC_ERR_INVALID_PARAMETER, "no event data");
        memcpy(&frame, data, sizeof frame);
        if (command == EVENT_DATA_ID) return give_pointer(frame.buffer, type, out, size);
        if (command == EVENT_DATA_VALUE) return give_pointer(frame.user, type, out, size);
        return fail(GC_ERR_NOT_AVAILABLE, "a frame has no event data %d", command);
    }
    CHECK(data && data_size >= sizeof message, GC_ERR_INVALID_PARAMETER, "no event data");
    memcpy(&message, data, sizeof message);
    if (event->type == EVENT_ERROR) {
        if (command == EVENT_DATA_VALUE)
            return give_text("the camera was unplugged", type, out, size);
        return give_i32((int32_t)message.id, type, out, size);
    }
    snprintf(text, sizeof text, "%llX", (unsigned long long)message.id);
    switch (command) {
    case EVENT_DATA_ID: return give_text(text, type, out, size);
    case EVENT_DATA_NUMID: return give_u64(message.id, type, out, size);
    default: return give(INFO_DATATYPE_BUFFER, &message.time, sizeof message.time, type, out, size);
    }
}

GC_ERROR event_info(void *handle, int command, int32_t *type, void *out, size_t *size) {
    Event *event = event_of(handle);
    Device *stream;
    CHECK(event, GC_ERR_INVALID_HANDLE, "not a registered event");
    stream = event->type == EVENT_NEW_BUFFER ? stream_of(event->source) : NULL;
    switch (command) {
    case EVENT_EVENT_TYPE: return give_i32(event->type, type, out, size);
    case EVENT_NUM_IN_QUEUE:
        return give_size((size_t)(stream ? stream->output.count : event->count), type, out, size);
    case EVENT_NUM_FIRED: return give_u64(event->fired, type, out, size);
    case EVENT_SIZE_MAX:
        return give_size(stream ? sizeof(S_EVENT_NEW_BUFFER) : sizeof(Message), type, out, size);
    case EVENT_INFO_DATA_SIZE_MAX: return give_size(TEXT_BYTES, type, out, size);
    }
    return fail(GC_ERR_INVALID_PARAMETER, "no event information %d", command);
}

GC_ERROR event_flush(void *handle) {
    Event *event = event_of(handle);
    Device *d;
    CHECK(event, GC_ERR_INVALID_HANDLE, "not a registered event");
    event->count = 0;
    if (event->type == EVENT_NEW_BUFFER && (d = stream_of(event->source)))
        return stream_flush(d, ACQ_QUEUE_OUTPUT_DISCARD);
    return GC_ERR_SUCCESS;
}

GC_ERROR event_kill(void *handle) {
    Event *event = event_of(handle);
    CHECK(event, GC_ERR_INVALID_HANDLE, "not a registered event");
    event->killed = 1;
    condition_wake(&event->condition);
    return GC_ERR_SUCCESS;
}
