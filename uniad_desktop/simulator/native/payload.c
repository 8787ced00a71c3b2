/* What a buffer holds besides the picture: chunk data, and the second part of a multi-part payload.
 *
 * A payload is the picture, then the confidence map if SimMultiPart is set, then from the next
 * multiple of 8 on a chunk of 8 bytes for each that is enabled. */
#include "simcam.h"

#include <string.h>

#define CHUNK_BYTES 8u

static size_t round_up(size_t bytes) {
    return (bytes + CHUNK_BYTES - 1) / CHUNK_BYTES * CHUNK_BYTES;
}

static int chunk_enabled(const Device *d, unsigned index) {
    return register_u32(d, REG_ChunkModeActive) &&
           register_u32(d, REG_ChunkEnable + index * STRIDE_ChunkEnable);
}

static size_t second_part(const Device *d) {
    if (!register_u32(d, REG_SimMultiPart)) return 0;
    return (size_t)register_u32(d, REG_Width) * register_u32(d, REG_Height);
}

size_t payload_size(const Device *d) {
    View view = view_of(d);
    size_t bytes = view_bytes(&view) + second_part(d);
    unsigned index, chunks = 0;
    for (index = 0; index < CHUNK_COUNT; index++) chunks += (unsigned)chunk_enabled(d, index);
    return chunks ? round_up(bytes) + (size_t)chunks * CHUNK_BYTES : bytes;
}

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static uint64_t chunk_value(const Device *d, const Buffer *buffer, unsigned index) {
    switch (index) {
    case ChunkSelector_Timestamp: return buffer->time;
    case ChunkSelector_FrameID: return buffer->frame;
    case ChunkSelector_ExposureTime: return bits_of(register_f64(d, REG_ExposureTime));
    case ChunkSelector_Gain: return bits_of(register_f64(d, REG_Gain));
    case ChunkSelector_LineStatusAll: return lines_status(d);
    default: return buffer->format;
    }
}

/* What the settings of this moment make of a buffer; its `frame` and `time` are known. */
void payload_describe(Device *d, Buffer *buffer) {
    View view = view_of(d);
    unsigned index;
    buffer->x = view.x;
    buffer->y = view.y;
    buffer->width = view.width;
    buffer->height = view.height;
    buffer->format = view.layout->code;
    buffer->padding = view.padding;
    buffer->image = view_bytes(&view);
    buffer->second = second_part(d);
    buffer->chunk_offset = round_up(buffer->image + buffer->second);
    buffer->chunk_count = 0;
    for (index = 0; index < CHUNK_COUNT; index++) {
        if (!chunk_enabled(d, index)) continue;
        buffer->chunk_ids[buffer->chunk_count] = FIRST_CHUNK_ID + index;
        buffer->chunk_values[buffer->chunk_count++] = chunk_value(d, buffer, index);
    }
}

/* Writes what stands behind the picture; the lock is not needed. The map of confidence is a ramp
 * from left to right. */
void payload_finish(Buffer *buffer) {
    uint8_t *map = buffer->data + buffer->image;
    uint32_t x, y;
    if (buffer->second) {
        for (x = 0; x < buffer->width; x++) map[x] = (uint8_t)(x * 255u / (buffer->width - 1));
        for (y = 1; y < buffer->height; y++)
            memcpy(map + (size_t)y * buffer->width, map, buffer->width);
    }
    if (buffer->chunk_count)
        memcpy(buffer->data + buffer->chunk_offset, buffer->chunk_values,
               (size_t)buffer->chunk_count * CHUNK_BYTES);
}

GC_ERROR payload_chunks(Device *d, void *handle, SINGLE_CHUNK_DATA *chunks, size_t *count) {
    Buffer *buffer = stream_announced(d, handle);
    size_t wanted;
    int i;
    CHECK(buffer, GC_ERR_INVALID_HANDLE, "not an announced buffer");
    CHECK(count, GC_ERR_INVALID_PARAMETER, "the count pointer is NULL");
    wanted = (size_t)buffer->chunk_count;
    CHECK(wanted, GC_ERR_NO_DATA, "the frame carries no chunks");
    CHECK(!chunks || *count >= wanted, GC_ERR_BUFFER_TOO_SMALL, "there are %u chunks",
          (unsigned)wanted);
    *count = wanted;
    for (i = 0; chunks && i < buffer->chunk_count; i++) {
        chunks[i].id = buffer->chunk_ids[i];
        chunks[i].offset = (ptrdiff_t)(buffer->chunk_offset + (size_t)i * CHUNK_BYTES);
        chunks[i].length = CHUNK_BYTES;
    }
    return GC_ERR_SUCCESS;
}

GC_ERROR payload_parts(Device *d, void *handle, uint32_t *count) {
    Buffer *buffer = stream_announced(d, handle);
    CHECK(buffer, GC_ERR_INVALID_HANDLE, "not an announced buffer");
    CHECK(count, GC_ERR_INVALID_PARAMETER, "the count pointer is NULL");
    *count = buffer->second ? 2 : 0;
    CHECK(buffer->second, GC_ERR_NO_DATA, "the frame is no multi-part payload");
    return GC_ERR_SUCCESS;
}

GC_ERROR payload_part_info(Device *d, void *handle, uint32_t part, int command, int32_t *type,
                           void *out, size_t *size) {
    Buffer *b = stream_announced(d, handle);
    CHECK(b, GC_ERR_INVALID_HANDLE, "not an announced buffer");
    CHECK(b->second, GC_ERR_NO_DATA, "the frame is no multi-part payload");
    CHECK(part < 2, GC_ERR_INVALID_INDEX, "no part %u", part);
    switch (command) {
    case BUFFER_PART_INFO_BASE:
        return give_pointer(b->data + (part ? b->image : 0), type, out, size);
    case BUFFER_PART_INFO_DATA_SIZE: return give_size(part ? b->second : b->image, type, out, size);
    case BUFFER_PART_INFO_DATA_TYPE:
        return give_size(part ? PART_DATATYPE_CONFIDENCE_MAP : PART_DATATYPE_2D_IMAGE, type, out,
                         size);
    case BUFFER_PART_INFO_DATA_FORMAT:
        return give_u64(part ? PixelFormat_Mono8 : b->format, type, out, size);
    case BUFFER_PART_INFO_DATA_FORMAT_NAMESPACE:
        return give_u64(PIXELFORMAT_NAMESPACE_PFNC_32BIT, type, out, size);
    case BUFFER_PART_INFO_WIDTH: return give_size(b->width, type, out, size);
    case BUFFER_PART_INFO_HEIGHT:
    case BUFFER_PART_INFO_DELIVERED_IMAGEHEIGHT: return give_size(b->height, type, out, size);
    case BUFFER_PART_INFO_XOFFSET: return give_size(b->x, type, out, size);
    case BUFFER_PART_INFO_YOFFSET: return give_size(b->y, type, out, size);
    case BUFFER_PART_INFO_XPADDING: return give_size(part ? 0 : b->padding, type, out, size);
    case BUFFER_PART_INFO_SOURCE_ID:
    case BUFFER_PART_INFO_REGION_ID:
    case BUFFER_PART_INFO_DATA_PURPOSE_ID: return give_u64(0, type, out, size);
    }
    return fail(GC_ERR_NOT_AVAILABLE, "no part information %d", command);
}
