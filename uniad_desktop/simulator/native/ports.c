/* Ports: access to the registers and to the XML of a module. */
#include "simcam.h"

#include <stdio.h>
#include <string.h>

#define SILENCE_US 100000u /* after so long a host gives up waiting for an answer */
#define US_PER_MS 1000u

/* Sleeps without the lock. The camera may be closed meanwhile. */
static int still_open(Module *module, unsigned us) {
    lock_give(&library.lock);
    sleep_us(us);
    lock_take(&library.lock);
    return library.initialized && remote_of(module);
}

static GC_ERROR camera_access(Device *d, uint64_t address, void *data, size_t size, int write) {
    uint32_t delay_ms = register_u32(d, REG_SimNodeDelay);
    if (clock_ns() < d->silent_until) {
        still_open(&d->remote, SILENCE_US);
        return fail(GC_ERR_TIMEOUT, "%s does not answer", d->serial);
    }
    CHECK(!delay_ms || still_open(&d->remote, delay_ms * US_PER_MS), GC_ERR_INVALID_HANDLE,
          "the camera was closed");
    if (device_unplugged(d)) device_lose(d);
    CHECK(!d->lost, GC_ERR_IO, "%s was unplugged", d->serial);
    return write ? registers_write(d, address, data, size) : registers_read(d, address, data, size);
}

static void refresh_stream_page(Device *d) {
    page_set(&d->stream, PAGE_StreamAnnouncedBufferCount, (uint32_t)d->buffers.count);
    page_set(&d->stream, PAGE_StreamDeliveredFrameCount, (uint32_t)d->delivered);
    page_set(&d->stream, PAGE_StreamLostFrameCount, (uint32_t)d->lost_frames);
}

GC_ERROR port_access(Module *module, uint64_t address, void *data, size_t *size, int write) {
    Device *d;
    CHECK(module, GC_ERR_INVALID_HANDLE, "not an open module");
    CHECK(data && size, GC_ERR_INVALID_PARAMETER, "NULL pointer");
    if (!write && address >= XML_ADDRESS && address - XML_ADDRESS < module->xml_size) {
        size_t rest = module->xml_size - (size_t)(address - XML_ADDRESS);
        if (*size > rest) *size = rest;
        memcpy(data, module->xml + (address - XML_ADDRESS), *size);
        return GC_ERR_SUCCESS;
    }
    if ((d = remote_of(module))) return camera_access(d, address, data, *size, write);
    CHECK(address < PAGE_BYTES && *size <= PAGE_BYTES - address, GC_ERR_INVALID_ADDRESS,
          "no register at 0x%llx", (unsigned long long)address);
    if (!write) {
        if ((d = stream_of(module))) refresh_stream_page(d);
        memcpy(data, module->page + address, *size);
        return GC_ERR_SUCCESS;
    }
    CHECK(module->kind == DATA_STREAM && address == PAGE_StreamBufferHandlingMode &&
              *size == sizeof(uint32_t),
          GC_ERR_ACCESS_DENIED, "the register at 0x%x is read-only", (unsigned)address);
    memcpy(module->page + address, data, *size);
    return GC_ERR_SUCCESS;
}

GC_ERROR port_stacked(Module *module, PORT_REGISTER_STACK_ENTRY *entries, size_t *count,
                      int write) {
    size_t i;
    CHECK(entries && count, GC_ERR_INVALID_PARAMETER, "NULL pointer");
    for (i = 0; i < *count; i++) {
        GC_ERROR result =
            port_access(module, entries[i].address, entries[i].data, &entries[i].size, write);
        if (result) {
            *count = i; /* those before were done */
            return result;
        }
    }
    return GC_ERR_SUCCESS;
}

GC_ERROR port_url(Module *module, uint32_t index, int command, int32_t *type, void *out,
                  size_t *size) {
    char url[128];
    CHECK(module, GC_ERR_INVALID_HANDLE, "not an open module");
    CHECK(index == 0, GC_ERR_INVALID_INDEX, "there is one URL");
    switch (command) {
    case URL_INFO_URL:
        snprintf(url, sizeof url, "Local:uniad_simcam_%s.xml;%X;%X", module->port, XML_ADDRESS,
                 (unsigned)module->xml_size);
        return give_text(url, type, out, size);
    case URL_INFO_SCHEMA_VER_MAJOR:
    case URL_INFO_SCHEMA_VER_MINOR:
    case URL_INFO_FILE_VER_MAJOR: return give_i32(1, type, out, size);
    case URL_INFO_FILE_VER_MINOR:
    case URL_INFO_FILE_VER_SUBMINOR: return give_i32(0, type, out, size);
    case URL_INFO_FILE_REGISTER_ADDRESS: return give_u64(XML_ADDRESS, type, out, size);
    case URL_INFO_FILE_SIZE: return give_u64(module->xml_size, type, out, size);
    case URL_INFO_SCHEME: return give_i32(URL_SCHEME_LOCAL, type, out, size);
    }
    return fail(GC_ERR_NOT_AVAILABLE, "no URL information %d", command);
}

GC_ERROR port_info(Module *module, int command, int32_t *type, void *out, size_t *size) {
    static const char *const module_names[] = {"TLSystem", "TLInterface", "TLDevice", "Device",
                                               "TLDataStream"};
    CHECK(module, GC_ERR_INVALID_HANDLE, "not an open module");
    switch (command) {
    case PORT_INFO_ID:
    case PORT_INFO_PORTNAME: return give_text(module->port, type, out, size);
    case PORT_INFO_VENDOR: return give_text(SIMCAM_VENDOR, type, out, size);
    case PORT_INFO_MODEL: return give_text(SIMCAM_MODEL, type, out, size);
    case PORT_INFO_TLTYPE: return give_text(SIMCAM_TLTYPE, type, out, size);
    case PORT_INFO_MODULE: return give_text(module_names[module->kind], type, out, size);
    case PORT_INFO_VERSION: return give_text(SIMCAM_VERSION, type, out, size);
    case PORT_INFO_LITTLE_ENDIAN:
    case PORT_INFO_ACCESS_READ:
    case PORT_INFO_ACCESS_WRITE: return give_bool(1, type, out, size);
    case PORT_INFO_BIG_ENDIAN:
    case PORT_INFO_ACCESS_NA:
    case PORT_INFO_ACCESS_NI: return give_bool(0, type, out, size);
    }
    return fail(GC_ERR_INVALID_PARAMETER, "no port information %d", command);
}
