/* Return codes with a text for GCGetLastError, and values for the GetInfo functions. */
#include "simcam.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ERROR_BYTES 256

static _Thread_local GC_ERROR last_code;
static _Thread_local char last_text[ERROR_BYTES];

GC_ERROR fail(GC_ERROR code, const char *format, ...) {
    va_list values;
    va_start(values, format);
    vsnprintf(last_text, sizeof last_text, format, values);
    va_end(values);
    last_code = code;
    return code;
}

GC_ERROR last_error(int32_t *code, char *text, size_t *size) {
    if (code) *code = last_code;
    return give(INFO_DATATYPE_STRING, last_text, strlen(last_text) + 1, NULL, text, size);
}

/* GenTL 1.5, 6.1: without a buffer only the size is told. */
GC_ERROR give(int32_t type, const void *value, size_t length, int32_t *out_type, void *out,
              size_t *size) {
    CHECK(size, GC_ERR_INVALID_PARAMETER, "the size pointer is NULL");
    if (out_type) *out_type = type;
    if (out) {
        CHECK(*size >= length, GC_ERR_BUFFER_TOO_SMALL, "the value has %u bytes, the buffer %u",
              (unsigned)length, (unsigned)*size);
        memcpy(out, value, length);
    }
    *size = length;
    return GC_ERR_SUCCESS;
}

GC_ERROR give_text(const char *text, int32_t *type, void *out, size_t *size) {
    return give(INFO_DATATYPE_STRING, text, strlen(text) + 1, type, out, size);
}

GC_ERROR give_i32(int32_t value, int32_t *type, void *out, size_t *size) {
    return give(INFO_DATATYPE_INT32, &value, sizeof value, type, out, size);
}

GC_ERROR give_u32(uint32_t value, int32_t *type, void *out, size_t *size) {
    return give(INFO_DATATYPE_UINT32, &value, sizeof value, type, out, size);
}

GC_ERROR give_u64(uint64_t value, int32_t *type, void *out, size_t *size) {
    return give(INFO_DATATYPE_UINT64, &value, sizeof value, type, out, size);
}

GC_ERROR give_size(size_t value, int32_t *type, void *out, size_t *size) {
    return give(INFO_DATATYPE_SIZET, &value, sizeof value, type, out, size);
}

GC_ERROR give_bool(int value, int32_t *type, void *out, size_t *size) {
    bool8_t byte = value != 0;
    return give(INFO_DATATYPE_BOOL8, &byte, sizeof byte, type, out, size);
}

GC_ERROR give_pointer(void *value, int32_t *type, void *out, size_t *size) {
    return give(INFO_DATATYPE_PTR, &value, sizeof value, type, out, size);
}
