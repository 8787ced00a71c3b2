/* The GenTL functions of data streams and buffers. Each takes the lock, does its work and gives it
 * back; functions that this producer does without are here too, because hosts look for them. */
#include "simcam.h"

#define UNUSED(argument) (void)(argument)
#define BAD_HANDLE fail(GC_ERR_INVALID_HANDLE, "%s: not an open module", __func__)
#define NOT_HERE fail(GC_ERR_NOT_IMPLEMENTED, "%s is not implemented", __func__)

static GC_ERROR close_stream(Device *d) {
    stream_close(d);
    return GC_ERR_SUCCESS;
}

static GC_ERROR parent_device(Device *d, void **out) {
    CHECK(d && out, GC_ERR_INVALID_HANDLE, "not an open data stream");
    *out = &d->local;
    return GC_ERR_SUCCESS;
}

/* Runs `call` with `d` the camera of an open stream. */
#define WITH_STREAM(call)                                                                          \
    do {                                                                                           \
        GC_ERROR outcome;                                                                          \
        Device *d;                                                                                 \
        lock_take(&library.lock);                                                                  \
        d = library.initialized ? stream_of(stream) : NULL;                                        \
        outcome = d ? (call) : BAD_HANDLE;                                                         \
        lock_give(&library.lock);                                                                  \
        return outcome;                                                                            \
    } while (0)

GC_API DSAnnounceBuffer(void *stream, void *data, size_t size, void *user, void **buffer) {
    WITH_STREAM(data ? stream_announce(d, data, size, user, buffer)
                     : fail(GC_ERR_INVALID_PARAMETER, "the buffer is NULL"));
}

GC_API DSAllocAndAnnounceBuffer(void *stream, size_t size, void *user, void **buffer) {
    WITH_STREAM(stream_announce(d, NULL, size, user, buffer));
}

GC_API DSRevokeBuffer(void *stream, void *buffer, void **data, void **user) {
    WITH_STREAM(stream_revoke(d, buffer, data, user));
}

GC_API DSQueueBuffer(void *stream, void *buffer) { WITH_STREAM(stream_queue(d, buffer)); }
GC_API DSFlushQueue(void *stream, int32_t operation) { WITH_STREAM(stream_flush(d, operation)); }

GC_API DSStartAcquisition(void *stream, int32_t flags, uint64_t frames) {
    UNUSED(flags);
    WITH_STREAM(stream_start(d, frames));
}

GC_API DSStopAcquisition(void *stream, int32_t flags) {
    UNUSED(flags);
    WITH_STREAM(stream_stop(d));
}

GC_API DSGetInfo(void *stream, int32_t command, int32_t *type, void *out, size_t *size) {
    WITH_STREAM(stream_info(d, command, type, out, size));
}

GC_API DSGetBufferID(void *stream, uint32_t index, void **buffer) {
    WITH_STREAM(stream_buffer(d, index, buffer));
}

GC_API DSClose(void *stream) { WITH_STREAM(close_stream(d)); }
GC_API DSGetParentDev(void *stream, void **device) { WITH_STREAM(parent_device(d, device)); }

GC_API DSGetBufferInfo(void *stream, void *buffer, int32_t command, int32_t *type, void *out,
                       size_t *size) {
    WITH_STREAM(buffer_info(d, buffer, command, type, out, size));
}

GC_API DSGetBufferChunkData(void *stream, void *buffer, SINGLE_CHUNK_DATA *chunks, size_t *count) {
    WITH_STREAM(payload_chunks(d, buffer, chunks, count));
}

GC_API DSGetNumBufferParts(void *stream, void *buffer, uint32_t *count) {
    WITH_STREAM(payload_parts(d, buffer, count));
}

GC_API DSGetBufferPartInfo(void *stream, void *buffer, uint32_t part, int32_t command,
                           int32_t *type, void *out, size_t *size) {
    WITH_STREAM(payload_part_info(d, buffer, part, command, type, out, size));
}

/* ---- features of GenTL that this camera does without ---- */

GC_API DSAnnounceCompositeBuffer(void *stream, size_t count, void **segments, size_t *sizes,
                                 void *user, void **buffer) {
    UNUSED(stream), UNUSED(count), UNUSED(segments), UNUSED(sizes), UNUSED(user), UNUSED(buffer);
    return NOT_HERE;
}

GC_API DSGetNumFlows(void *stream, uint32_t *count) {
    UNUSED(stream), UNUSED(count);
    return NOT_HERE;
}

GC_API DSGetFlowInfo(void *stream, uint32_t flow, int32_t command, int32_t *type, void *out,
                     size_t *size) {
    UNUSED(stream), UNUSED(flow), UNUSED(command), UNUSED(type), UNUSED(out), UNUSED(size);
    return NOT_HERE;
}

GC_API DSGetNumBufferSegments(void *stream, void *buffer, uint32_t *count) {
    UNUSED(stream), UNUSED(buffer), UNUSED(count);
    return NOT_HERE;
}

GC_API DSGetBufferSegmentInfo(void *stream, void *buffer, uint32_t segment, int32_t command,
                              int32_t *type, void *out, size_t *size) {
    UNUSED(stream), UNUSED(buffer), UNUSED(segment), UNUSED(command), UNUSED(type), UNUSED(out);
    UNUSED(size);
    return NOT_HERE;
}
