/* A camera's data stream: buffers and their way through the input and output queues. */
#include "simcam.h"

#include <stdlib.h>
#include <string.h>

#define STOP_POLL_NS (10u * NS_PER_MS)

Buffer *queue_take(Queue *queue) {
    Buffer *buffer;
    if (!queue->count) return NULL;
    buffer = queue->items[0];
    memmove(queue->items, queue->items + 1, sizeof *queue->items * (size_t)--queue->count);
    return buffer;
}

void queue_add(Queue *queue, Buffer *buffer) { queue->items[queue->count++] = buffer; }

static int queue_find(const Queue *queue, const void *handle) {
    int i;
    for (i = 0; i < queue->count; i++)
        if (queue->items[i] == handle) return i;
    return -1;
}

/* The buffer behind a handle, or NULL. */
Buffer *stream_announced(Device *d, void *handle) {
    return queue_find(&d->buffers, handle) < 0 ? NULL : handle;
}

static void queue_remove(Queue *queue, const Buffer *buffer) {
    int i = queue_find(queue, buffer);
    if (i < 0) return;
    queue->count--;
    memmove(queue->items + i, queue->items + i + 1,
            sizeof *queue->items * (size_t)(queue->count - i));
}

static void to_input(Device *d, Buffer *buffer) {
    buffer->queued = 1;
    buffer->waiting = 0;
    queue_add(&d->input, buffer);
}

GC_ERROR stream_open(Device *d) {
    CHECK(!d->stream_opened, GC_ERR_RESOURCE_IN_USE, "the data stream is open");
    d->quit = 0;
    CHECK(!thread_start(&d->thread, acquisition_thread, d), GC_ERR_ERROR, "no thread");
    d->thread_running = d->stream_opened = 1;
    return GC_ERR_SUCCESS;
}

void stream_close(Device *d) {
    int i;
    d->grabbing = 0;
    acquisition_stop(d);
    if (d->thread_running) {
        d->quit = 1;
        condition_wake(&d->wake);
        lock_give(&library.lock);
        thread_join(d->thread);
        lock_take(&library.lock);
        d->quit = d->thread_running = 0;
    }
    for (i = 0; i < d->buffers.count; i++) {
        if (d->buffers.items[i]->owned) free(d->buffers.items[i]->data);
        free(d->buffers.items[i]);
    }
    d->buffers.count = d->input.count = d->output.count = 0;
    events_free(&d->stream);
    d->stream_opened = 0;
}

/* A filled buffer; with StreamBufferHandlingMode NewestOnly the older ones are used again. */
void stream_deliver(Device *d, Buffer *buffer) {
    if (page_get(&d->stream, PAGE_StreamBufferHandlingMode)) {
        Buffer *old;
        while ((old = queue_take(&d->output))) {
            to_input(d, old);
            d->lost_frames++;
        }
    }
    buffer->waiting = 1;
    queue_add(&d->output, buffer);
    event_frame(&d->stream);
}

GC_ERROR stream_announce(Device *d, void *data, size_t size, void *user, void **out) {
    Buffer *buffer;
    int owned = !data;
    CHECK(out && size, GC_ERR_INVALID_PARAMETER, "a buffer needs a size");
    CHECK(d->buffers.count < MAX_BUFFERS, GC_ERR_OUT_OF_MEMORY, "at most %d buffers", MAX_BUFFERS);
    buffer = calloc(1, sizeof *buffer);
    CHECK(buffer, GC_ERR_OUT_OF_MEMORY, "no memory for a buffer");
    if (owned) data = calloc(1, size);
    if (!data) {
        free(buffer);
        return fail(GC_ERR_OUT_OF_MEMORY, "no memory for a buffer");
    }
    buffer->data = data;
    buffer->size = size;
    buffer->user = user;
    buffer->owned = owned;
    queue_add(&d->buffers, buffer);
    *out = buffer;
    return GC_ERR_SUCCESS;
}

GC_ERROR stream_revoke(Device *d, void *handle, void **data, void **user) {
    Buffer *buffer = handle;
    CHECK(queue_find(&d->buffers, handle) >= 0, GC_ERR_INVALID_HANDLE, "not an announced buffer");
    CHECK(!buffer->queued && !buffer->filling, GC_ERR_BUSY, "the buffer is queued");
    queue_remove(&d->output, buffer);
    queue_remove(&d->buffers, buffer);
    if (data) *data = buffer->owned ? NULL : buffer->data;
    if (user) *user = buffer->user;
    if (buffer->owned) free(buffer->data);
    free(buffer);
    return GC_ERR_SUCCESS;
}

GC_ERROR stream_queue(Device *d, void *handle) {
    Buffer *buffer = handle;
    CHECK(queue_find(&d->buffers, handle) >= 0, GC_ERR_INVALID_HANDLE, "not an announced buffer");
    CHECK(!buffer->queued && !buffer->filling && !buffer->waiting, GC_ERR_RESOURCE_IN_USE,
          "the buffer is queued already");
    buffer->fresh = 0;
    buffer->filled = 0;
    to_input(d, buffer);
    return GC_ERR_SUCCESS;
}

static void discard_output(Device *d) {
    Buffer *buffer;
    while ((buffer = queue_take(&d->output))) buffer->waiting = 0;
}

static void all_to_input(Device *d, int also_output) {
    int i;
    for (i = 0; i < d->buffers.count; i++) {
        Buffer *buffer = d->buffers.items[i];
        if (buffer->queued || buffer->filling || (buffer->waiting && !also_output)) continue;
        queue_remove(&d->output, buffer);
        to_input(d, buffer);
    }
}

GC_ERROR stream_flush(Device *d, int operation) {
    Buffer *buffer;
    switch (operation) {
    case ACQ_QUEUE_INPUT_TO_OUTPUT:
        while ((buffer = queue_take(&d->input))) {
            buffer->queued = 0;
            buffer->waiting = 1;
            queue_add(&d->output, buffer);
            event_frame(&d->stream);
        }
        return GC_ERR_SUCCESS;
    case ACQ_QUEUE_OUTPUT_DISCARD: discard_output(d); return GC_ERR_SUCCESS;
    case ACQ_QUEUE_ALL_DISCARD:
        while ((buffer = queue_take(&d->input))) buffer->queued = 0;
        discard_output(d);
        return GC_ERR_SUCCESS;
    case ACQ_QUEUE_ALL_TO_INPUT: all_to_input(d, 1); return GC_ERR_SUCCESS;
    case ACQ_QUEUE_UNQUEUED_TO_INPUT: all_to_input(d, 0); return GC_ERR_SUCCESS;
    }
    return fail(GC_ERR_INVALID_PARAMETER, "no flush operation %d", operation);
}

GC_ERROR stream_start(Device *d, uint64_t frames) {
    CHECK(!d->grabbing, GC_ERR_RESOURCE_IN_USE, "the acquisition has started already");
    d->grabbing = 1;
    d->stream_left = frames;
    d->frame_id = d->started = d->delivered = d->lost_frames = 0;
    condition_wake(&d->wake);
    return GC_ERR_SUCCESS;
}

static int filling(const Device *d) {
    int i;
    for (i = 0; i < d->buffers.count; i++)
        if (d->buffers.items[i]->filling) return 1;
    return 0;
}

/* Returns once no buffer is written to any more. */
GC_ERROR stream_stop(Device *d) {
    CHECK(d->grabbing, GC_ERR_RESOURCE_IN_USE, "the acquisition has not started");
    d->grabbing = 0;
    condition_wake(&d->wake);
    while (filling(d)) condition_wait(&d->wake, &library.lock, clock_ns() + STOP_POLL_NS);
    return GC_ERR_SUCCESS;
}

GC_ERROR stream_info(Device *d, int command, int32_t *type, void *out, size_t *size) {
    switch (command) {
    case STREAM_INFO_ID: return give_text(STREAM_ID, type, out, size);
    case STREAM_INFO_NUM_DELIVERED: return give_u64(d->delivered, type, out, size);
    case STREAM_INFO_NUM_UNDERRUN: return give_u64(d->lost_frames, type, out, size);
    case STREAM_INFO_NUM_ANNOUNCED: return give_size((size_t)d->buffers.count, type, out, size);
    case STREAM_INFO_NUM_QUEUED: return give_size((size_t)d->input.count, type, out, size);
    case STREAM_INFO_NUM_AWAIT_DELIVERY: return give_size((size_t)d->output.count, type, out, size);
    case STREAM_INFO_NUM_STARTED: return give_u64(d->started, type, out, size);
    case STREAM_INFO_PAYLOAD_SIZE: return give_size(payload_size(d), type, out, size);
    case STREAM_INFO_IS_GRABBING: return give_bool(d->grabbing, type, out, size);
    case STREAM_INFO_DEFINES_PAYLOADSIZE: return give_bool(0, type, out, size);
    case STREAM_INFO_TLTYPE: return give_text(SIMCAM_TLTYPE, type, out, size);
    case STREAM_INFO_NUM_CHUNKS_MAX: return give_size(CHUNK_COUNT, type, out, size);
    case STREAM_INFO_BUF_ANNOUNCE_MIN:
    case STREAM_INFO_BUF_ALIGNMENT: return give_size(1, type, out, size);
    }
    return fail(GC_ERR_NOT_AVAILABLE, "no stream information %d", command);
}

GC_ERROR stream_buffer(Device *d, uint32_t index, void **out) {
    CHECK(out && index < (uint32_t)d->buffers.count, GC_ERR_INVALID_INDEX, "no buffer %u", index);
    *out = d->buffers.items[index];
    return GC_ERR_SUCCESS;
}

/* What a buffer tells of its picture; of several parts each tells for itself (GenTL 1.5, 6.5.2). */
static GC_ERROR picture_info(Buffer *b, int command, int32_t *type, void *out, size_t *size) {
    CHECK(!b->second, GC_ERR_NOT_AVAILABLE, "ask the parts for buffer information %d", command);
    switch (command) {
    case BUFFER_INFO_WIDTH: return give_size(b->width, type, out, size);
    case BUFFER_INFO_HEIGHT:
    case BUFFER_INFO_DELIVERED_IMAGEHEIGHT: return give_size(b->height, type, out, size);
    case BUFFER_INFO_XOFFSET: return give_size(b->x, type, out, size);
    case BUFFER_INFO_YOFFSET: return give_size(b->y, type, out, size);
    case BUFFER_INFO_XPADDING: return give_size(b->padding, type, out, size);
    case BUFFER_INFO_YPADDING:
    case BUFFER_INFO_IMAGEOFFSET: return give_size(0, type, out, size);
    case BUFFER_INFO_PIXELFORMAT: return give_u64(b->format, type, out, size);
    case BUFFER_INFO_PIXELFORMAT_NAMESPACE:
        return give_u64(PIXELFORMAT_NAMESPACE_PFNC_32BIT, type, out, size);
    }
    return fail(GC_ERR_NOT_AVAILABLE, "no buffer information %d", command);
}

GC_ERROR buffer_info(Device *d, void *handle, int command, int32_t *type, void *out, size_t *size) {
    Buffer *b = handle;
    CHECK(queue_find(&d->buffers, handle) >= 0, GC_ERR_INVALID_HANDLE, "not an announced buffer");
    switch (command) {
    case BUFFER_INFO_BASE: return give_pointer(b->data, type, out, size);
    case BUFFER_INFO_SIZE: return give_size(b->size, type, out, size);
    case BUFFER_INFO_USER_PTR: return give_pointer(b->user, type, out, size);
    case BUFFER_INFO_TIMESTAMP:
    case BUFFER_INFO_TIMESTAMP_NS: return give_u64(b->time, type, out, size);
    case BUFFER_INFO_NEW_DATA: return give_bool(b->fresh, type, out, size);
    case BUFFER_INFO_IS_QUEUED: return give_bool(b->queued || b->waiting, type, out, size);
    case BUFFER_INFO_IS_ACQUIRING: return give_bool(b->filling, type, out, size);
    case BUFFER_INFO_IS_INCOMPLETE: return give_bool(b->incomplete, type, out, size);
    case BUFFER_INFO_TLTYPE: return give_text(SIMCAM_TLTYPE, type, out, size);
    case BUFFER_INFO_SIZE_FILLED:
    case BUFFER_INFO_DATA_SIZE: return give_size(b->filled, type, out, size);
    case BUFFER_INFO_FRAMEID: return give_u64(b->frame, type, out, size);
    case BUFFER_INFO_IMAGEPRESENT: return give_bool(1, type, out, size);
    case BUFFER_INFO_PAYLOADTYPE:
        return give_size(b->second ? PAYLOAD_TYPE_MULTI_PART : PAYLOAD_TYPE_IMAGE, type, out, size);
    case BUFFER_INFO_DELIVERED_CHUNKPAYLOADSIZE:
        return give_size(b->chunk_count ? b->filled - b->chunk_offset : 0, type, out, size);
    case BUFFER_INFO_CONTAINS_CHUNKDATA: return give_bool(b->chunk_count > 0, type, out, size);
    case BUFFER_INFO_PIXEL_ENDIANNESS: return give_i32(PIXELENDIANNESS_LITTLE, type, out, size);
    case BUFFER_INFO_DATA_LARGER_THAN_BUFFER: return give_bool(0, type, out, size);
    }
    return picture_info(b, command, type, out, size);
}
